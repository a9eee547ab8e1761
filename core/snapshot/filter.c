/* The words of a filter, parsed. What they ask of an endpoint is in filter_tests.c. */
#include "core/snapshot/filter.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/pieces.h"
#include "core/base/vec.h"
#include "core/snapshot/filter_tests.h"

#define SHOWN_MAX 40 /* of a wrong word */

struct filter {
	struct vec tests; /* struct test */
	struct arena words;
};

static bool equals_nocase(struct text a, const char *b)
{
	return a.len == strlen(b) && text_contains_nocase(a, text_of(b));
}

static bool is_number(struct text t, uint64_t max, uint64_t *out)
{
	return piece_number(&t, max, out) && !t.len;
}

/* The values of a key. Each returns false for a value that is none of its kind. */

static bool parse_proto(struct test *t, struct text value)
{
	for (enum socket_proto p = 0; p < N_PROTOS; p++) {
		if (equals_nocase(value, socket_proto_word(p))) {
			t->proto = p;
			t->has_proto = true;
			return true;
		}
	}
	return false;
}

/* "443" "80,443" "8000-8100" "443/udp" */
static bool parse_ports(struct test *t, struct text value)
{
	struct text ports, rest, range;
	bool has_proto = memchr(value.bytes, '/', value.len) != NULL;
	uint64_t low, high;

	piece_next(&value, '/', &ports);
	if (has_proto && !parse_proto(t, value))
		return false;
	for (rest = ports; piece_next(&rest, ',', &range);)
		if (!test_read_range(range, &low, &high))
			return false;
	t->text = ports;
	t->holds = test_ports;
	return !piece_ends(ports, ",");
}

/* Begins with a digit, has only digits, dashes and commas, perhaps before a slash. */
static bool looks_like_ports(struct text value)
{
	struct text ports;

	if (!piece_next(&value, '/', &ports) || !isdigit((unsigned char)ports.bytes[0]))
		return false;
	for (size_t i = 0; i < ports.len; i++)
		if (!isdigit((unsigned char)ports.bytes[i]) && ports.bytes[i] != '-' &&
		    ports.bytes[i] != ',')
			return false;
	return true;
}

static bool parse_port(struct test *t, struct text value)
{
	if (looks_like_ports(value))
		return parse_ports(t, value);
	t->text = value;
	return value.len > 0;
}

static bool parse_part(struct test *t, struct text value)
{
	t->text = value;
	return value.len > 0;
}

static bool parse_pid(struct test *t, struct text value)
{
	return is_number(value, INT32_MAX, &t->low);
}

static bool parse_number_or_name(struct test *t, struct text value)
{
	t->has_number = is_number(value, UINT64_MAX, &t->low);
	return parse_part(t, value);
}

static bool parse_scope(struct test *t, struct text value)
{
	for (enum scope s = 0; s < N_SCOPES; s++) {
		if (equals_nocase(value, scope_word(s))) {
			t->low = s;
			return true;
		}
	}
	return false;
}

static bool parse_prefix(struct test *t, struct text value)
{
	struct text address;
	char bare[ADDR_TEXT_MAX];
	uint64_t len, max;
	bool has_len = value.len && memchr(value.bytes, '/', value.len);

	if (!piece_next(&value, '/', &address) || address.len >= sizeof(bare))
		return false;
	memcpy(bare, address.bytes, address.len);
	bare[address.len] = '\0';
	if (addr_parse(&t->prefix, bare))
		return false;
	max = len = t->prefix.family == AF_INET ? 32 : 128;
	if (has_len && !is_number(value, max, &len))
		return false;
	t->prefix_len = (unsigned)len;
	t->holds = test_address;
	return true;
}

static const struct {
	const char *word;
	bool (*holds)(const struct test *t, const struct endpoint *e);
} states[] = {
	{"full", test_is_full},           {"deleted", test_is_deleted},
	{"unowned", test_is_unowned},     {"ephemeral", test_is_ephemeral},
	{"activated", test_is_activated}, {"bad", test_is_bad},
};

const char *filter_state(size_t i)
{
	return i < sizeof(states) / sizeof(*states) ? states[i].word : NULL;
}

static bool parse_state(struct test *t, struct text value)
{
	for (size_t i = 0; i < sizeof(states) / sizeof(*states); i++) {
		if (equals_nocase(value, states[i].word)) {
			t->holds = states[i].holds;
			return true;
		}
	}
	return false;
}

struct key {
	const char *word;
	bool (*parse)(struct test *t, struct text value);
	bool (*holds)(const struct test *t, const struct endpoint *e);
	const char *kind, *taken; /* "'scope:x' is no KIND: TAKEN" */
};

#define PORTS_TAKEN "1 to 65535, a range like 8000-8100 or a service's name is"

static const struct key keys[] = {
	{"port", parse_port, test_service, "port", PORTS_TAKEN},
	{"proto", parse_proto, test_proto, "protocol", "tcp, udp, udplite, mptcp are"},
	{"proc", parse_part, test_process, "process", "part of a command's name is"},
	{"pid", parse_pid, test_pid, "pid", "a number is"},
	{"user", parse_number_or_name, test_user, "user", "a name or a uid is"},
	{"unit", parse_part, test_unit, "unit", "part of its name is"},
	{"container", parse_part, test_container, "container", "part of its name is"},
	{"scope", parse_scope, test_scope, "scope",
	 "any, any-v4, any-v6, loopback, address, absent are"},
	{"addr", parse_prefix, test_address, "address", "10.0.0.1, ::1 or 10.0.0.0/8 is"},
	{"dev", parse_part, test_device, "device", "an interface's name is"},
	{"netns", parse_number_or_name, test_netns, "namespace",
	 "a name, a pid, an inode or own is"},
	{"state", parse_state, NULL, "state",
	 "full, deleted, unowned, ephemeral, activated, bad are"},
};

const char *filter_key(size_t i)
{
	return i < sizeof(keys) / sizeof(*keys) ? keys[i].word : NULL;
}

#define KEYS_TAKEN                                                                       \
	"port, proto, proc, pid, user, unit, container, scope, addr, dev, netns, state " \
	"are"

/* One sentence about a word that is wrong. Returns false. */
static bool refuse(char error[FILTER_ERROR_MAX], struct text word, const char *what,
		   const char *taken)
{
	struct str shown = {0};
	bool is_long;

	text_show(&shown, word, TEXT_ASCII);
	is_long = shown.len > SHOWN_MAX;
	str_truncate(&shown, SHOWN_MAX);
	snprintf(error, FILTER_ERROR_MAX, "'%s%s' %s: %s", str_text(&shown),
		 is_long ? "..." : "", what, taken);
	str_release(&shown);
	return false;
}

static const struct key *find_key(struct text word)
{
	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		if (equals_nocase(word, keys[i].word))
			return &keys[i];
	return NULL;
}

/* Names that stand before a colon in an address ("fe80:") or a container ("docker:"). */
static bool is_plain_before_colon(struct text word)
{
	static const char *const engines[] = {"docker", "podman", "cri", "lxc", "nspawn"};
	bool is_hex = true, is_letters = true;

	for (size_t i = 0; i < sizeof(engines) / sizeof(*engines); i++)
		if (equals_nocase(word, engines[i]))
			return true;
	for (size_t i = 0; i < word.len; i++) {
		is_hex = is_hex && isxdigit((unsigned char)word.bytes[i]);
		is_letters = is_letters && isalpha((unsigned char)word.bytes[i]);
	}
	return is_hex || !is_letters;
}

static bool parse_key(struct test *t, const struct key *key, struct text whole,
		      struct text value, char error[FILTER_ERROR_MAX])
{
	char what[32];

	t->holds = key->holds;
	if (key->parse(t, value))
		return true;
	snprintf(what, sizeof(what), "is no %s", key->kind);
	return refuse(error, whole, what, key->taken);
}

static bool parse_word(struct test *t, struct text whole, char error[FILTER_ERROR_MAX])
{
	struct text word = whole, rest, name;
	const struct key *key;

	t->is_turned = piece_starts(word, "!") || piece_starts(word, "-");
	if (t->is_turned)
		word = piece_tail(word, 1);
	if (!word.len)
		return refuse(error, whole, "turns a word round, but none follows",
			      "!ssh is taken");
	if (looks_like_ports(word))
		return parse_key(t, &keys[0], whole, word, error);
	rest = word;
	piece_next(&rest, ':', &name);
	key = name.len < word.len ? find_key(name) : NULL;
	if (key)
		return parse_key(t, key, whole, rest, error);
	if (name.len < word.len && !is_plain_before_colon(name))
		return refuse(error, whole, "has no known key", KEYS_TAKEN);
	if (memchr(word.bytes, '/', word.len) && parse_prefix(t, word))
		return true;
	t->text = word;
	t->holds = test_any_text;
	return true;
}

static bool add_word(struct filter *f, struct text word, char error[FILTER_ERROR_MAX])
{
	struct text kept = arena_text(&f->words, word);
	struct test *t = kept.len ? vec_push(&f->tests) : NULL;

	if (t)
		return parse_word(t, kept, error);
	snprintf(error, FILTER_ERROR_MAX, "There is not enough memory for the filter.");
	return false;
}

static struct filter *filter_new(char error[FILTER_ERROR_MAX])
{
	struct filter *f = calloc(1, sizeof(*f));

	error[0] = '\0';
	if (!f) {
		snprintf(error, FILTER_ERROR_MAX, "There is not enough memory.");
		return NULL;
	}
	f->tests = VEC_OF(struct test);
	return f;
}

/* What stands between quotes, as it came from outside; what is no escape stays as it is. */
static void put_quoted(struct str *out, struct text quoted)
{
	if (text_unshow(out, quoted) == -EINVAL)
		str_append(out, quoted.bytes, quoted.len);
}

/* As piece_strip() has them. */
static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Cuts the next word off *rest; blanks in quotes stay in it, a last quote may be missing.
 * False: there is none. */
static bool next_word(struct text *rest, struct str *out)
{
	struct text piece;

	str_reset(out);
	*rest = piece_strip(*rest);
	if (!rest->len)
		return false;
	while (rest->len && !is_blank(*rest->bytes)) {
		size_t n = 0;

		if (*rest->bytes == '"') {
			*rest = piece_tail(*rest, 1);
			if (!piece_next(rest, '"', &piece))
				break;
			put_quoted(out, piece);
			continue;
		}
		while (n < rest->len && rest->bytes[n] != '"' && !is_blank(rest->bytes[n]))
			n++;
		str_append(out, rest->bytes, n);
		*rest = piece_tail(*rest, n);
	}
	return true;
}

struct filter *filter_parse(const char *line, char error[FILTER_ERROR_MAX])
{
	struct filter *f = filter_new(error);
	struct text rest = text_of(line);
	struct str word = {0};

	while (f && next_word(&rest, &word)) {
		if (!word.failed && (!word.len || add_word(f, text_of_str(&word), error)))
			continue;
		if (word.failed)
			snprintf(error, FILTER_ERROR_MAX, "There is not enough memory.");
		filter_free(f);
		f = NULL;
	}
	str_release(&word);
	return f;
}

/* Letters, digits and what names are joined with need no quotes. */
static bool is_plain_name(struct text name)
{
	for (size_t i = 0; i < name.len; i++)
		if (!isalnum((unsigned char)name.bytes[i]) &&
		    !strchr("._-:/@+,=", name.bytes[i]))
			return false;
	return name.len > 0 && memchr(name.bytes, '\0', name.len) == NULL;
}

int filter_quote(struct str *out, struct text name)
{
	struct str shown = {0};

	if (is_plain_name(name))
		return str_append(out, name.bytes, name.len);
	text_show(&shown, name, TEXT_UTF8);
	str_putc(out, '"');
	for (size_t i = 0; i < shown.len; i++) {
		if (shown.data[i] == '"')
			str_puts(out, "\\x22");
		else
			str_putc(out, shown.data[i]);
	}
	str_putc(out, '"');
	out->failed = out->failed || shown.failed;
	str_release(&shown);
	return out->failed ? -ENOMEM : 0;
}

struct filter *filter_parse_words(char *const *words, int n_words,
				  char error[FILTER_ERROR_MAX])
{
	struct filter *f = filter_new(error);

	for (int i = 0; f && i < n_words; i++) {
		struct text word = text_of(words[i]);

		if (word.len && !add_word(f, word, error)) {
			filter_free(f);
			return NULL;
		}
	}
	return f;
}

void filter_free(struct filter *f)
{
	if (!f)
		return;
	vec_release(&f->tests);
	arena_release(&f->words);
	free(f);
}

bool filter_takes(const struct filter *f, const struct endpoint *e)
{
	for (size_t i = 0; f && i < f->tests.n; i++) {
		const struct test *t = vec_at(&f->tests, i);

		if (t->holds(t, e) == t->is_turned)
			return false;
	}
	return true;
}
