/* Some or everyone, since when, what changed before: asked of every fault. */
#include <netinet/in.h>
#include <stdlib.h>

#include "core/base/time.h"
#include "core/diagnosis/judge_impl.h"
#include "core/diagnosis/sight.h"

#define DAY_NS       (86400 * NS_PER_S)
#define PACKAGES_MAX 2 /* lines */

static unsigned group_prefix(const struct addr *a)
{
	return a->family == AF_INET ? 24 : 64;
}

static struct addr prefix_of(const struct addr *a, unsigned len)
{
	struct addr p = *a;

	for (unsigned i = len; i < 128; i++)
		p.bytes[i / 8] &= (uint8_t) ~(0x80u >> (i % 8));
	return p;
}

static struct client_group *group_of(struct diagnosis *d, const struct addr *client)
{
	unsigned len = group_prefix(client);

	for (size_t i = 0; i < d->n_groups; i++)
		if (addr_in_prefix(client, &d->groups[i].prefix, d->groups[i].prefix_len))
			return &d->groups[i];
	if (d->n_groups == GROUPS_MAX)
		return NULL;
	d->groups[d->n_groups] = (struct client_group){.prefix = prefix_of(client, len),
						       .prefix_len = (uint8_t)len};
	return &d->groups[d->n_groups++];
}

static void count(struct client_group *g, const struct attempt *a)
{
	g->attempts++;
	switch ((enum outcome)a->outcome) {
	case OUTCOME_ANSWERED:
	case OUTCOME_RESET_LATER:
		g->open++;
		break;
	case OUTCOME_HALF_OPEN:
		g->half_open++;
		break;
	case OUTCOME_REFUSED:
		g->closed++;
		break;
	case OUTCOME_ICMP:
		g->rejected++;
		break;
	case OUTCOME_SILENT:
	case OUTCOME_OPEN:
		g->filtered++;
		break;
	case N_OUTCOMES:
		break;
	}
}

static void add_to_totals(struct judging *j, const struct attempt *a)
{
	struct totals *t = &j->totals;

	t->n++;
	t->n_open += sight_is_open(a);
	if (sight_has_failed(j->e, a) &&
	    (!t->first_failed_ns || a->first_ns < t->first_failed_ns))
		t->first_failed_ns = a->first_ns;
}

/* Everybody at the port: also those who are not asked about, to compare. */
static void make_groups(struct judging *j)
{
	for (size_t i = 0; i < attempts_n(j->e->attempts); i++) {
		const struct attempt *a = attempts_at(j->e->attempts, i);
		struct addr client = addr_unmapped(&a->client);
		struct client_group *g;

		if (!sight_is_at_port(j->e, a))
			continue;
		add_to_totals(j, a);
		g = group_of(j->d, &client);
		if (g)
			count(g, a);
		else
			j->totals.has_more_groups = true;
	}
}

static const char *more(const struct judging *j)
{
	return j->totals.has_more_groups ? "more than " : "";
}

/* The rule to blame is for some sources only: others may get through, seen or not. */
static bool is_rule_for_some(const struct judging *j)
{
	const struct path_leg *leg = j->walk ? &j->walk->path.request : NULL;

	return leg && j->d->has_rule && j->d->rule != UINT32_MAX &&
	       leg->rule == j->d->rule && (leg->names_source || leg->is_source_in_set);
}

/* Of these it is not a network that is hit; what is, in words. NULL: of others. */
static const char *share_words(const struct diagnosis *d)
{
	switch (d->n_findings ? (int)d->findings[0].fault : FAULT_NONE) {
	case FAULT_MEMBER_DEAD:
		return "the share of the clients that the kernel gives it";
	case FAULT_RELATED_CHANNEL:
		return "data connections; control connections get through";
	default:
		return NULL;
	}
}

/* What comes above a bound comes from whom it may. */
static void say_bounded(struct judging *j)
{
	const struct totals *t = &j->totals;

	j->d->extent = EXTENT_SOME;
	j->d->affected = judge_text(j, "what comes above it: %llu of %llu attempts",
				    (unsigned long long)(t->n - t->n_open),
				    (unsigned long long)t->n);
}

static void say_extent(struct judging *j)
{
	struct diagnosis *d = j->d;
	const struct totals *t = &j->totals;
	const struct client_group *bad = NULL;
	char prefix[ADDR_TEXT_MAX];
	size_t n_bad = 0;

	for (size_t i = 0; i < d->n_groups; i++) {
		if (d->groups[i].attempts == d->groups[i].open)
			continue;
		bad = &d->groups[i];
		n_bad++;
	}
	/* A handshake that got through says nothing of a service that hangs behind it. */
	d->extent = t->n_open && t->n_open < t->n ? EXTENT_SOME : EXTENT_ALL;
	if (share_words(d)) {
		d->extent = EXTENT_SOME;
		d->affected = judge_text(j, "%s", share_words(d));
		return;
	}
	if (d->n_findings && d->findings[0].fault == FAULT_RATE_LIMITED) {
		say_bounded(j);
		return;
	}
	if (d->extent == EXTENT_ALL && is_rule_for_some(j)) {
		d->extent = EXTENT_SOME;
		d->affected = judge_text(j, "the sources that the rule names");
		return;
	}
	if (d->extent == EXTENT_ALL)
		d->affected = judge_text(j, "every client that was seen (%s%zu network%s)",
					 more(j), d->n_groups, d->n_groups == 1 ? "" : "s");
	else if (n_bad == 1 && !t->has_more_groups)
		d->affected = judge_text(
			j, "%u of %u attempts from %s/%u; %llu other attempt%s got through",
			bad->attempts - bad->open, bad->attempts,
			addr_format(&bad->prefix, prefix), bad->prefix_len,
			(unsigned long long)(t->n_open - bad->open),
			t->n_open - bad->open == 1 ? "" : "s");
	else
		d->affected = judge_text(j, "%llu of %llu attempts, of %s%zu networks",
					 (unsigned long long)(t->n - t->n_open),
					 (unsigned long long)t->n, more(j), d->n_groups);
}

/* The first attempt that failed in this time; earlier is not known. */
static void say_since(struct judging *j)
{
	if (judge_was_seen(j))
		j->d->since_ns = j->totals.first_failed_ns ? j->totals.first_failed_ns
							   : j->d->syn.first_ns;
}

/* What came after the first failure did not cause it; what is older than a day is not
 * looked at. */
static bool is_before(const struct judging *j, int64_t wall_ns)
{
	int64_t until_ns = j->d->since_ns ? j->d->since_ns : j->e->now_ns;

	return wall_ns <= until_ns && until_ns - wall_ns < DAY_NS;
}

static void add_change(struct judging *j, int64_t wall_ns, struct text what,
		       struct text source)
{
	struct diagnosis *d = j->d;

	if (is_before(j, wall_ns) && d->n_changes < CHANGES_MAX)
		d->changes[d->n_changes++] = (struct past_change){wall_ns, what, source};
}

static struct text shown(struct judging *j, struct text t)
{
	struct str s = {0};
	struct text out;

	text_show(&s, t, TEXT_ASCII);
	out = judge_text(j, "%s", str_text(&s));
	str_release(&s);
	return out;
}

static void add_start(struct judging *j, const struct endpoint *e)
{
	int64_t up_ns = endpoint_up_ns(j->e->snapshot, e);
	struct text who;

	if (!up_ns || !e->n_owners)
		return;
	who = shown(j, e->owners[0]->comm);
	add_change(j, j->e->snapshot->wall_ns - up_ns,
		   judge_text(j, "%.*s %d started", (int)who.len, who.bytes,
			      e->owners[0]->pid),
		   text_of("proc"));
}

static int newest_first(const void *a, const void *b)
{
	const struct past_change *x = a, *y = b;

	return (x->wall_ns < y->wall_ns) - (x->wall_ns > y->wall_ns);
}

static bool is_package(const struct change_row *row)
{
	return !text_equals_str(row->source, "mtime");
}

/* A newer row says the same: a file that several processes read, a package twice. */
static bool is_repeated(const struct judging *j, size_t row)
{
	const struct change_row *rows = j->e->changes->rows;

	for (size_t i = 0; i < row; i++)
		if (is_before(j, rows[i].wall_ns) &&
		    text_equals(rows[i].what, rows[row].what) &&
		    text_equals(rows[i].source, rows[row].source))
			return true;
	return false;
}

static bool is_told(const struct judging *j, size_t row, bool is_of_package)
{
	const struct change_row *r = &j->e->changes->rows[row];

	return is_package(r) == is_of_package && is_before(j, r->wall_ns) &&
	       !is_repeated(j, row);
}

/* Lines of packages to be told; their places are kept for them. */
static size_t count_packages(const struct judging *j)
{
	const struct change_table *t = j->e->changes;
	size_t n = 0;

	for (size_t i = 0; t && i < t->n && n < PACKAGES_MAX; i++)
		n += is_told(j, i, true);
	return n;
}

/* The newest first, as they stand in the table; no more than there are places. */
static void add_rows(struct judging *j, bool are_packages, size_t most)
{
	const struct change_table *t = j->e->changes;

	for (size_t i = 0; t && i < t->n && j->d->n_changes < most; i++)
		if (is_told(j, i, are_packages))
			add_change(j, t->rows[i].wall_ns, shown(j, t->rows[i].what),
				   shown(j, t->rows[i].source));
}

/* Configuration and starts, then packages, of which an upgrade writes hundreds: each in
 * order of time. */
static void say_changes(struct judging *j)
{
	struct diagnosis *d = j->d;
	size_t n_packages = count_packages(j);

	if (judge_owner(j))
		add_start(j, judge_owner(j));
	add_rows(j, false, CHANGES_MAX - n_packages);
	if (d->n_changes)
		qsort(d->changes, d->n_changes, sizeof(d->changes[0]), newest_first);
	add_rows(j, true, d->n_changes + n_packages);
}

void judge_extent(struct judging *j)
{
	if (j->d->verdict == VERDICT_FAULT && j->d->n_groups)
		say_extent(j);
	if (j->d->verdict == VERDICT_FAULT)
		say_since(j);
	say_changes(j);
}

void judge_count(struct judging *j)
{
	make_groups(j);
}
