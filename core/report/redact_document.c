/* Finds in a finished document what has a stand-in. Knows the names of one host only: what
 * somebody else's log lines call a person is not known here. */
#include "core/report/redact_document.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { UID_FIRST = 1000, UID_NOBODY = 65534, ID_DIGITS = 12 };

/* A name that stands in the document as it is. */
struct known {
	struct text name;
	enum redact_kind kind;
};

struct pass {
	struct str *out;
	struct text in;
	size_t at;
	struct redactor *r;
	struct vec names; /* struct known */
};

static bool is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

static bool is_at_start(const struct pass *p)
{
	/* The letter of an escape, as in JSON's "\\n", begins no word. */
	return !p->at || !is_word(p->in.bytes[p->at - 1]) ||
	       (p->at > 1 && p->in.bytes[p->at - 2] == '\\');
}

static struct text rest_of(const struct pass *p)
{
	return (struct text){p->in.bytes + p->at, p->in.len - p->at};
}

static bool put(struct pass *p, struct text stand_in, size_t n)
{
	str_append(p->out, stand_in.bytes, stand_in.len);
	p->at += n;
	return true;
}

/* ---- addresses ---- */

static size_t run_of(struct text t, const char *more)
{
	size_t n = 0;

	while (n < t.len &&
	       (isxdigit((unsigned char)t.bytes[n]) || strchr(more, t.bytes[n])) &&
	       t.bytes[n])
		n++;
	return n;
}

static bool try_address(struct pass *p, size_t n)
{
	char copy[ADDR_TEXT_MAX];
	struct text rest = rest_of(p), stand_in;
	struct addr a;

	if (n < 2 || n >= sizeof(copy) || (n < rest.len && is_word(rest.bytes[n])))
		return false;
	memcpy(copy, rest.bytes, n);
	copy[n] = '\0';
	if (addr_parse(&a, copy))
		return false;
	stand_in = redact_addr(p->r, &a);
	return put(p, stand_in.len ? stand_in : (struct text){rest.bytes, n}, n);
}

/* "10.0.0.1:443", "10.0.0.1.", "2001:db8::1:": what is too much of it is at its end. */
static bool take_address(struct pass *p)
{
	static const char *const more[] = {".:", ".", ":"};
	struct text rest = rest_of(p);

	if (!isxdigit((unsigned char)rest.bytes[0]) && rest.bytes[0] != ':')
		return false;
	for (size_t i = 0; i < 3; i++) {
		size_t n = run_of(rest, more[i]);

		while (n > 1 && strchr(".:", rest.bytes[n - 1]) &&
		       !(n > 2 && rest.bytes[n - 1] == ':' && rest.bytes[n - 2] == ':'))
			n--;
		if (try_address(p, n))
			return true;
	}
	return false;
}

/* ---- names ---- */

static bool take_name(struct pass *p)
{
	struct text rest = rest_of(p);

	for (size_t i = 0; i < p->names.n; i++) {
		const struct known *k = vec_at(&p->names, i);

		if (k->name.len <= rest.len &&
		    !memcmp(rest.bytes, k->name.bytes, k->name.len) &&
		    (rest.len == k->name.len || !is_word(rest.bytes[k->name.len])))
			return put(p, redact_name(p->r, k->kind, k->name), k->name.len);
	}
	return false;
}

/* A run of digits alone is a number. */
static bool take_id(struct pass *p)
{
	struct text rest = rest_of(p);
	size_t n = run_of(rest, "");
	bool has_letter = false;

	for (size_t i = 0; i < n; i++)
		has_letter |= isalpha((unsigned char)rest.bytes[i]) != 0;
	if (n < ID_DIGITS || !has_letter)
		return false;
	return put(
		p,
		redact_name(p->r, REDACT_CONTAINER, (struct text){rest.bytes, ID_DIGITS}),
		n);
}

static bool take_home(struct pass *p)
{
	static const char home[] = "/home/";
	struct text rest = rest_of(p);
	size_t n = sizeof(home) - 1, end = n;

	if (rest.len <= n || memcmp(rest.bytes, home, n) != 0)
		return false;
	while (end < rest.len &&
	       (is_word(rest.bytes[end]) || strchr(".-", rest.bytes[end])) &&
	       rest.bytes[end])
		end++;
	str_puts(p->out, home);
	return put(p,
		   redact_name(p->r, REDACT_USER, (struct text){rest.bytes + n, end - n}),
		   end);
}

static size_t login_run(struct text t, size_t from)
{
	size_t n = from;

	while (n < t.len &&
	       (is_word(t.bytes[n]) || (t.bytes[n] && strchr(".-:", t.bytes[n]))))
		n++;
	return n;
}

/* "ssh:USER@HOST" */
static bool take_login(struct pass *p)
{
	static const char scheme[] = "ssh:";
	struct text rest = rest_of(p);
	size_t n = sizeof(scheme) - 1, at, end;
	struct text user;

	if (rest.len <= n || memcmp(rest.bytes, scheme, n) != 0)
		return false;
	at = login_run(rest, n);
	if (at >= rest.len || rest.bytes[at] != '@')
		return false;
	end = login_run(rest, at + 1);
	user = redact_name(p->r, REDACT_USER, (struct text){rest.bytes + n, at - n});
	str_printf(p->out, "%s%.*s@", scheme, (int)user.len, user.bytes);
	return put(p,
		   redact_name(p->r, REDACT_HOST,
			       (struct text){rest.bytes + at + 1, end - at - 1}),
		   end);
}

static void add_known(struct pass *p, struct text name, enum redact_kind kind)
{
	struct known *k;

	if (name.len < 2)
		return;
	k = vec_push(&p->names);
	if (k)
		*k = (struct known){name, kind};
	else
		p->r->failed = true;
}

/* "alice:x:1000:1000:..." of people, passwd(5). */
static void add_user(struct pass *p, struct text line)
{
	const char *end = line.bytes + line.len;
	const char *name_end = memchr(line.bytes, ':', line.len);
	const char *uid =
		name_end ? memchr(name_end + 1, ':', (size_t)(end - name_end - 1)) : NULL;
	unsigned long n = 0;

	if (!uid)
		return;
	for (uid++; uid < end && isdigit((unsigned char)*uid); uid++)
		n = n < UINT32_MAX ? n * 10 + (unsigned long)(*uid - '0') : n;
	if (n >= UID_FIRST && n != UID_NOBODY)
		add_known(p, (struct text){line.bytes, (size_t)(name_end - line.bytes)},
			  REDACT_USER);
}

static void add_users(struct pass *p, struct text file)
{
	while (file.len) {
		const char *end = memchr(file.bytes, '\n', file.len);
		size_t n = end ? (size_t)(end - file.bytes) : file.len;

		if (n)
			add_user(p, (struct text){file.bytes, n});
		n += end != NULL;
		file = (struct text){file.bytes + n, file.len - n};
	}
}

static void add_names(struct pass *p, const struct evidence *e, const char *target_name)
{
	const struct host_facts *h = e->snapshot ? e->snapshot->host : NULL;

	if (target_name && *target_name)
		add_known(p, text_of(target_name), REDACT_HOST);
	if (!h)
		return;
	add_known(p, h->hostname, REDACT_HOST);
	add_users(p, h->passwd_file);
}

int redact_document(struct str *out, struct text document, const struct evidence *e,
		    const char *target_name, struct redactor *r)
{
	struct pass p = {.out = out, .in = document, .r = r, .names = VEC_OF(struct known)};

	add_names(&p, e, target_name);
	while (p.at < p.in.len)
		if (!(is_at_start(&p) &&
		      (take_home(&p) || take_login(&p) || take_address(&p) ||
		       take_name(&p) || take_id(&p))))
			str_putc(out, p.in.bytes[p.at++]);
	vec_release(&p.names);
	return out->failed || r->failed ? -ENOMEM : 0;
}
