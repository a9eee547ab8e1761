/* Packets that the kernel dropped, with its own reasons, in the steps of the diagnosis. */
#include <netinet/in.h>
#include <string.h>

#include "core/diagnosis/drop_reasons.h"
#include "core/diagnosis/judge_impl.h"

enum { KINDS_MAX = 8 };

/* Those of one reason, function and direction. */
struct kind {
	const struct drop_row *one;
	uint32_t n;
};

static bool is_same(const struct judging *j, const struct drop_row *a,
		    const struct drop_row *b)
{
	return !strcmp(a->reason, b->reason) && !strcmp(a->function, b->function) &&
	       drop_is_request(j->e, a) == drop_is_request(j->e, b);
}

static size_t gather(const struct judging *j, struct kind kinds[KINDS_MAX])
{
	size_t n = 0;

	for (size_t i = 0; i < j->e->drops->rows.n; i++) {
		const struct drop_row *d = drops_row(j->e->drops, i);
		size_t k = 0;

		if (!drop_is_telling(j->e, d))
			continue;
		while (k < n && !is_same(j, kinds[k].one, d))
			k++;
		if (k == KINDS_MAX)
			continue;
		if (k == n)
			kinds[n++] = (struct kind){.one = d};
		kinds[k].n++;
	}
	return n;
}

/* A finding has it among its proofs already. */
static bool is_told(const struct judging *j, const struct drop_meaning *m)
{
	for (size_t i = 0; m && i < j->d->n_findings; i++)
		if (drop_meaning_names(m, j->d->findings[i].fault))
			return true;
	return false;
}

static const char *packet_words(const struct judging *j, const struct drop_row *d)
{
	bool is_request = drop_is_request(j->e, d);

	if (d->proto != IPPROTO_TCP)
		return is_request ? "a datagram" : "an answer";
	return is_request ? "a SYN" : "a SYN-ACK";
}

static void tell(struct judging *j, const struct kind *k)
{
	const struct drop_meaning *m = drop_meaning_of(k->one->reason);

	if (is_told(j, m))
		return;
	judge_prove(j, m ? m->step : STEP_FIREWALL, "drop reasons", true,
		    "perf trace -e skb:kfree_skb",
		    "the kernel dropped %s: %s (%s in %s, %u in the window)",
		    packet_words(j, k->one),
		    m ? m->words : "for a reason that says nothing else", k->one->reason,
		    k->one->function, k->n);
}

void judge_drops(struct judging *j)
{
	struct kind kinds[KINDS_MAX];
	size_t n = j->e->drops ? gather(j, kinds) : 0;

	for (size_t i = 0; i < n && !j->error; i++)
		tell(j, &kinds[i]);
}
