/* Rows and words side by side. */
#include "tui/state/published.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

void published_release(struct published *p)
{
	table_unref(p->table);
	vec_release(&p->words);
	*p = (struct published){0};
}

size_t published_n(const struct published *p)
{
	return p && p->table ? p->table->n : 0;
}

const struct published_row *published_row(const struct published *p, size_t i)
{
	return &p->table->rows[i];
}

const struct published_word *published_word(const struct published *p, size_t i)
{
	return vec_at(&p->words, i);
}

static const struct published_word *word_of(const struct published *p, uint64_t id)
{
	for (size_t i = 0; i < p->words.n; i++) {
		const struct published_word *w = vec_at(&p->words, i);

		if (w->id == id)
			return w;
	}
	return NULL;
}

int published_take(struct published *p, struct published_table *t,
		   const struct ruleset *rules)
{
	struct vec words = VEC_OF(struct published_word);

	for (size_t i = 0; i < t->n; i++) {
		const struct published_word *before = word_of(p, t->rows[i].id);
		struct published_word *w = vec_push(&words);

		if (!w) {
			vec_release(&words);
			table_unref(t);
			return -ENOMEM;
		}
		*w = before ? *before : (struct published_word){.id = t->rows[i].id};
		w->unseen_by = published_unseen_by(rules, &t->rows[i]);
	}
	table_unref(p->table);
	vec_release(&p->words);
	p->table = t;
	p->words = words;
	return 0;
}

bool published_tell(struct published *p, uint64_t id, const char *word)
{
	struct published_word *w = (struct published_word *)word_of(p, id);
	bool is_new = w && (!w->has_word || strcmp(w->word, word) != 0);

	if (!is_new)
		return false;
	w->has_word = true;
	snprintf(w->word, sizeof(w->word), "%s", word);
	return true;
}

/* docker's, nerdctl's and podman's without root; others of that name take no port. */
static bool is_userland_proxy(const struct endpoint *e)
{
	static const char *const words[] = {"docker-proxy", "rootlessport", "rootlesskit",
					    "slirp4netns",  "pasta",        "pasta.avx2"};
	size_t n = 0;

	for (size_t i = 0; i < e->n_owners; i++)
		for (size_t k = 0; k < sizeof(words) / sizeof(words[0]); k++)
			n += text_equals_str(e->owners[i]->comm, words[k]);
	return n && n == e->n_owners && e->owners_state == OWNERS_COMPLETE;
}

static bool is_on(const struct endpoint *e, const struct published_row *row)
{
	uint8_t proto = endpoint_is_stream(e) ? IPPROTO_TCP : IPPROTO_UDP;
	bool is_any = e->scope != SCOPE_ADDRESS;

	return row->proto == proto && row->port == e->port && !row->is_here &&
	       e->scope != SCOPE_LOOPBACK &&
	       (is_any || row->n_asked > 1 || addr_equals(&row->asked, &e->address));
}

long published_of_proxy(const struct published *p, const struct endpoint *e)
{
	for (size_t i = 0; i < published_n(p); i++)
		if (is_on(e, published_row(p, i)) && is_userland_proxy(e))
			return (long)i;
	return -ENOENT;
}
