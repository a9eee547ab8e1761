/* Words that fit, from the keys of the filter and the rows of the picture. */
#include "tui/complete.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/base/pieces.h"

struct fitting {
	struct complete *c;
	struct text typed; /* the value as far as it is there */
	bool failed;
};

void complete_release(struct complete *c)
{
	arena_release(&c->arena);
	vec_release(&c->fits);
	*c = (struct complete){0};
}

static bool begins_nocase(struct text t, struct text with)
{
	return with.len <= t.len &&
	       (!with.len || strncasecmp(t.bytes, with.bytes, with.len) == 0);
}

/* A quote that only one of both begins with does not matter. */
static bool goes_on(struct text fit, struct text typed)
{
	bool is_fit_quoted = piece_starts(fit, "\""), is_typed = piece_starts(typed, "\"");

	if (is_fit_quoted && !is_typed)
		fit = piece_tail(fit, 1);
	if (is_typed && !is_fit_quoted)
		typed = piece_tail(typed, 1);
	return begins_nocase(fit, typed);
}

static void add_word(struct fitting *l, struct text word)
{
	struct text *fit;

	if (!goes_on(word, l->typed))
		return;
	fit = vec_push(&l->c->fits);
	if (fit)
		*fit = arena_text(&l->c->arena, word);
	l->failed = l->failed || !fit || !fit->len;
}

static void add_name(struct fitting *l, struct text name)
{
	struct str quoted = {0};

	if (!name.len)
		return;
	filter_quote(&quoted, name);
	add_word(l, text_of_str(&quoted));
	l->failed = l->failed || quoted.failed;
	str_release(&quoted);
}

static void add_number(struct fitting *l, uint64_t n)
{
	struct str text = {0};

	str_printf(&text, "%" PRIu64, n);
	add_word(l, text_of_str(&text));
	str_release(&text);
}

/* ---- the values of a key in one row ---- */

static void add_port(struct fitting *l, const struct endpoint *e)
{
	add_number(l, e->port);
	add_name(l, e->service);
}

static void add_process(struct fitting *l, const struct endpoint *e)
{
	for (size_t i = 0; i < e->n_owners; i++)
		add_name(l, e->owners[i]->comm);
}

static void add_pid(struct fitting *l, const struct endpoint *e)
{
	for (size_t i = 0; i < e->n_owners; i++)
		add_number(l, (uint64_t)e->owners[i]->pid);
}

static void add_user(struct fitting *l, const struct endpoint *e)
{
	if (e->user.len)
		add_name(l, e->user);
	else
		add_number(l, e->uid);
}

static void add_unit(struct fitting *l, const struct endpoint *e)
{
	add_name(l, e->unit);
	add_name(l, e->socket_unit);
}

static void add_container(struct fitting *l, const struct endpoint *e)
{
	add_name(l, e->container);
}

static void add_address(struct fitting *l, const struct endpoint *e)
{
	char text[ADDR_TEXT_MAX];

	add_word(l, text_of(addr_format(&e->address, text)));
}

static void add_device(struct fitting *l, const struct endpoint *e)
{
	add_name(l, e->device);
	add_name(l, e->carrier);
}

static void add_space(struct fitting *l, const struct endpoint *e)
{
	if (e->space->is_own)
		add_word(l, text_of("own"));
	else
		add_name(l, e->space->name);
}

static const struct {
	const char *key;
	void (*add)(struct fitting *l, const struct endpoint *e);
} sources[] = {
	{"port", add_port},    {"proc", add_process}, {"pid", add_pid},
	{"user", add_user},    {"unit", add_unit},    {"container", add_container},
	{"addr", add_address}, {"dev", add_device},   {"netns", add_space},
};

/* ---- keys whose values are words of the filter ---- */

static void add_fixed(struct fitting *l, struct text key)
{
	if (text_equals_str(key, "state"))
		for (size_t i = 0; filter_state(i); i++)
			add_word(l, text_of(filter_state(i)));
	if (text_equals_str(key, "scope"))
		for (enum scope s = 0; s < N_SCOPES; s++)
			add_word(l, text_of(scope_word(s)));
	if (text_equals_str(key, "proto"))
		for (enum socket_proto p = 0; p < N_PROTOS; p++)
			add_word(l, text_of(socket_proto_word(p)));
}

static void add_values(struct fitting *l, const struct snapshot *s, struct text key)
{
	add_fixed(l, key);
	for (size_t i = 0; s && i < sizeof(sources) / sizeof(sources[0]); i++) {
		if (!text_equals_str(key, sources[i].key))
			continue;
		for (size_t k = 0; k < s->n_endpoints; k++)
			sources[i].add(l, &s->endpoints[k]);
	}
}

static void add_keys(struct fitting *l)
{
	struct str word = {0};

	for (size_t i = 0; filter_key(i); i++) {
		str_reset(&word);
		str_printf(&word, "%s:", filter_key(i));
		add_word(l, text_of_str(&word));
	}
	str_release(&word);
}

/* ---- the word at the cursor ---- */

/* Where it begins: behind the last blank that no quotes hold, and behind a ! or -. */
static size_t word_start(struct text line)
{
	bool is_quoted = false;
	size_t start = 0;

	for (size_t i = 0; i < line.len; i++) {
		is_quoted = is_quoted != (line.bytes[i] == '"');
		if (!is_quoted && strchr(" \t\r\n", line.bytes[i]))
			start = i + 1;
	}
	return start + (start < line.len && strchr("!-", line.bytes[start]) != NULL);
}

static int compare_fits(const void *a, const void *b)
{
	const struct text *x = a, *y = b;

	return text_compare(*x, *y);
}

static void sort_fits(struct vec *fits)
{
	struct text *all = fits->data;
	size_t n = 0;

	if (!fits->n)
		return;
	qsort(all, fits->n, sizeof(*all), compare_fits);
	for (size_t i = 0; i < fits->n; i++)
		if (!n || !text_equals(all[i], all[n - 1]))
			all[n++] = all[i];
	vec_truncate(fits, n);
}

void complete_look(struct complete *c, const struct snapshot *s, const struct field *f)
{
	struct text line = piece_head(text_of_str(&f->text), f->cursor), key;
	size_t start = word_start(line);
	struct fitting l = {.c = c, .typed = piece_tail(line, start)};
	struct text rest = l.typed;
	bool has_key = rest.len && memchr(rest.bytes, ':', rest.len);

	complete_release(c);
	c->fits = VEC_OF(struct text);
	c->from = start;
	c->to = line.len;
	if (has_key) {
		piece_next(&rest, ':', &key);
		c->from = start + key.len + 1;
		l.typed = rest;
		add_values(&l, s, key);
	} else {
		add_keys(&l);
	}
	if (l.failed)
		vec_reset(&c->fits);
	sort_fits(&c->fits);
}

static size_t common(struct text a, struct text b)
{
	size_t n = 0;

	while (n < a.len && n < b.len && a.bytes[n] == b.bytes[n])
		n++;
	return n;
}

/* No half character: an escape or a letter of several bytes is whole or not there. */
static struct text shared_begin(const struct complete *c)
{
	struct text shared = *(struct text *)vec_at(&c->fits, 0);
	size_t whole = 0;

	for (size_t i = 1; i < c->fits.n; i++)
		shared = piece_head(shared,
				    common(shared, *(struct text *)vec_at(&c->fits, i)));
	for (size_t at = 0; at < shared.len && shared.bytes[at] != '\\';)
		if (text_next_char(shared, &at) >= 0)
			whole = at;
	return piece_head(shared, whole);
}

static bool put(struct complete *c, struct field *f, struct text word, const char *end)
{
	struct str whole = {0};
	bool is_put;

	str_append(&whole, word.bytes, word.len);
	str_puts(&whole, end);
	is_put = !whole.failed &&
		 field_replace(f, c->from, c->to, text_of_str(&whole)) == FIELD_CHANGED;
	if (is_put)
		c->to = c->from + whole.len;
	str_release(&whole);
	return is_put;
}

static bool put_next(struct complete *c, struct field *f)
{
	c->at = c->is_cycling ? (c->at + 1) % c->fits.n : 0;
	c->is_cycling = true;
	return put(c, f, *(struct text *)vec_at(&c->fits, c->at), "");
}

bool complete_step(struct complete *c, const struct snapshot *s, struct field *f)
{
	struct text shared, first;

	if (c->is_cycling)
		return put_next(c, f);
	complete_look(c, s, f);
	if (!c->fits.n)
		return false;
	first = *(struct text *)vec_at(&c->fits, 0);
	if (c->fits.n == 1)
		return put(c, f, first, piece_ends(first, ":") ? "" : " ");
	shared = shared_begin(c);
	if (shared.len > c->to - c->from)
		return put(c, f, shared, "");
	return put_next(c, f);
}

static size_t shown_width(const struct str *s)
{
	return text_width(text_of_str(s));
}

void complete_words(const struct complete *c, int width, enum text_mode mode,
		    struct str *out)
{
	enum { ROOM_FOR_REST = 8 };
	size_t i, first = c->is_cycling ? c->at : 0;

	for (i = first; i < c->fits.n; i++) {
		bool is_chosen = c->is_cycling && i == c->at;
		struct text fit = *(struct text *)vec_at(&c->fits, i);
		struct str word = {0};

		str_puts(&word, is_chosen ? "[" : "");
		text_show(&word, fit, mode);
		str_puts(&word, is_chosen ? "]" : "");
		if ((int)(shown_width(out) + shown_width(&word)) + ROOM_FOR_REST > width) {
			str_release(&word);
			break;
		}
		str_printf(out, "%s%s", out->len ? "  " : "", str_text(&word));
		str_release(&word);
	}
	if (i < c->fits.n)
		str_printf(out, "%s+%zu", out->len ? "  " : "", c->fits.n - i);
}
