/* Stable stand-ins for names. Looks a name up by walking: a report has few different ones.
 */
#include "core/report/redact.h"

#include <string.h>

#define ID_DIGITS \
	12 /* what engines show of a container's id, and by what we know it again */

struct stand_in {
	struct text name, shown;
};

static const char *const stems[N_REDACT_KINDS] = {
	[REDACT_ADDRESS] = "addr",
	[REDACT_HOST] = "host",
	[REDACT_USER] = "user",
	[REDACT_CONTAINER] = "container",
};

void redactor_init(struct redactor *r)
{
	arena_init(&r->arena);
	for (size_t i = 0; i < N_REDACT_KINDS; i++)
		vec_init(&r->names[i], sizeof(struct stand_in));
	r->failed = false;
}

void redactor_release(struct redactor *r)
{
	for (size_t i = 0; i < N_REDACT_KINDS; i++)
		vec_release(&r->names[i]);
	arena_release(&r->arena);
}

static struct text hidden(struct redactor *r)
{
	r->failed = true;
	return text_of("hidden");
}

/* Keeps what was written; the string is empty after it. */
static struct text keep(struct redactor *r, struct str *s)
{
	struct text t = arena_text(&r->arena, (struct text){s->data, s->len});

	if (s->failed || (s->len && !t.bytes))
		t = hidden(r);
	str_release(s);
	return t;
}

static struct text add_name(struct redactor *r, enum redact_kind kind, struct text name)
{
	struct stand_in *new = vec_push(&r->names[kind]);
	struct str shown = {0};

	if (!new)
		return hidden(r);
	str_printf(&shown, "%s-%zu", stems[kind], r->names[kind].n);
	new->shown = keep(r, &shown);
	new->name = arena_text(&r->arena, name);
	if (!new->name.bytes)
		return hidden(r);
	return new->shown;
}

struct text redact_name(struct redactor *r, enum redact_kind kind, struct text name)
{
	if (text_is_empty(name))
		return name;
	for (size_t i = 0; i < r->names[kind].n; i++) {
		const struct stand_in *known = vec_at(&r->names[kind], i);

		if (text_equals(known->name, name))
			return known->shown;
	}
	return add_name(r, kind, name);
}

struct text redact_addr(struct redactor *r, const struct addr *a)
{
	struct addr bare = addr_unmapped(a);
	char text[ADDR_TEXT_MAX];

	if (!bare.family || addr_is_any(&bare) || addr_is_loopback(&bare))
		return TEXT_NONE;
	return redact_name(r, REDACT_ADDRESS, text_of(addr_format(&bare, text)));
}

static bool is_hex(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static bool is_word_char(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static struct text after(struct text t, size_t n)
{
	return (struct text){t.bytes + n, t.len - n};
}

static size_t hex_run(struct text t)
{
	size_t n = 0;

	while (n < t.len && is_hex(t.bytes[n]))
		n++;
	return n;
}

static bool starts_with(struct text t, struct text with)
{
	return with.len && t.len >= with.len && !memcmp(t.bytes, with.bytes, with.len);
}

/* "3f2a..." of "docker:3f2a..."; an id by its first digits, a name whole. */
static struct text container_key(struct text container)
{
	const char *colon =
		container.len ? memchr(container.bytes, ':', container.len) : NULL;
	struct text key = container;
	size_t n;

	if (colon)
		key = after(container, (size_t)(colon + 1 - container.bytes));
	n = hex_run(key);
	if (n >= ID_DIGITS && n == key.len)
		key.len = ID_DIGITS;
	return key;
}

struct text redact_container(struct redactor *r, struct text container)
{
	struct text key = container_key(container);
	struct text shown = redact_name(r, REDACT_CONTAINER, key);
	struct str out = {0};

	if (text_is_empty(container))
		return container;
	if (key.bytes == container.bytes)
		return shown;
	str_append(&out, container.bytes, (size_t)(key.bytes - container.bytes));
	str_append(&out, shown.bytes, shown.len);
	return keep(r, &out);
}

/* At the start of a word: writes a stand-in and returns how much it stands for; 0: nothing.
 */
static size_t replace_word(struct redactor *r, struct str *out, struct text rest,
			   struct text key)
{
	size_t n = hex_run(rest);
	struct text shown;

	if (n >= ID_DIGITS) {
		shown = redact_name(r, REDACT_CONTAINER,
				    (struct text){rest.bytes, ID_DIGITS});
	} else if (starts_with(rest, key) &&
		   (rest.len == key.len || !is_word_char(rest.bytes[key.len]))) {
		n = key.len;
		shown = redact_name(r, REDACT_CONTAINER, key);
	} else {
		return 0;
	}
	str_append(out, shown.bytes, shown.len);
	return n;
}

/* "/home/alice": writes "/home/user-1" and returns how much it stands for; 0: it is no
 * home. */
static size_t replace_home(struct redactor *r, struct str *out, struct text rest)
{
	struct text home = text_of("/home/"), user, shown;
	const char *end;

	if (!starts_with(rest, home))
		return 0;
	user = after(rest, home.len);
	end = user.len ? memchr(user.bytes, '/', user.len) : NULL;
	if (end)
		user.len = (size_t)(end - user.bytes);
	shown = redact_name(r, REDACT_USER, user);
	str_append(out, home.bytes, home.len);
	str_append(out, shown.bytes, shown.len);
	return home.len + user.len;
}

struct text redact_path(struct redactor *r, struct text path, struct text container)
{
	struct text key = container_key(container);
	struct str out = {0};
	size_t at = 0;

	while (at < path.len) {
		bool starts_word = at == 0 || !is_word_char(path.bytes[at - 1]);
		size_t n = replace_home(r, &out, after(path, at));

		if (!n && starts_word)
			n = replace_word(r, &out, after(path, at), key);
		if (!n)
			str_append(&out, path.bytes + at, n = 1);
		at += n;
	}
	return keep(r, &out);
}
