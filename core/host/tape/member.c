/*
 * Names and head lines of recorded parts. Reading is strict: one spelling per value, every
 * number in its range, nothing before, between or behind. Does not look at a part's bytes.
 */
#include "core/host/tape/member.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define WORD_CHARS "abcdefghijklmnopqrstuvwxyz0123456789_"
#define ARGS_CHARS WORD_CHARS "ABCDEFGHIJKLMNOPQRSTUVWXYZ=,:.+-%"
#define SEQ_DIGITS 8

static const char *const status_words[] = {
	[BLOB_MORE] = "more",
	[BLOB_LAST] = "last",
	[BLOB_INTERRUPTED] = "interrupted",
	[BLOB_TRUNCATED] = "truncated",
	[BLOB_TIMED_OUT] = "timed-out",
};

#define N_STATUSES (sizeof(status_words) / sizeof(*status_words))

/* Text under reading. A wrong byte sets is_bad for good. */
struct scan {
	const char *at;
	const char *end;
	bool is_bad;
};

static void scan_literal(struct scan *s, const char *literal)
{
	size_t len = strlen(literal);

	if (s->is_bad || (size_t)(s->end - s->at) < len || memcmp(s->at, literal, len)) {
		s->is_bad = true;
		return;
	}
	s->at += len;
}

/* Decimal, without needless zeros but up to min_digits. */
static uint64_t scan_number(struct scan *s, uint64_t max, size_t min_digits)
{
	const char *start = s->at;
	uint64_t value = 0, digit;
	size_t n;

	for (; s->at < s->end && *s->at >= '0' && *s->at <= '9'; s->at++) {
		digit = (uint64_t)(*s->at - '0');
		if (digit > max || value > (max - digit) / 10) {
			s->is_bad = true;
			return 0;
		}
		value = value * 10 + digit;
	}
	n = (size_t)(s->at - start);
	if (n < min_digits || (n > min_digits && *start == '0'))
		s->is_bad = true;
	return value;
}

static enum blob_status scan_status(struct scan *s)
{
	size_t left = (size_t)(s->end - s->at);

	for (size_t i = 0; i < N_STATUSES; i++) {
		size_t len = strlen(status_words[i]);

		if (left > len && s->at[len] == ' ' &&
		    !memcmp(s->at, status_words[i], len)) {
			s->at += len;
			return (enum blob_status)i;
		}
	}
	s->is_bad = true;
	return BLOB_MORE;
}

static bool is_text(const char *text)
{
	size_t word = strspn(text, WORD_CHARS);
	size_t args;

	if (word == 0 || text[word] != '/')
		return false;
	args = strspn(text + word + 1, ARGS_CHARS);
	return args > 0 && text[word + 1 + args] == '\0' &&
	       word + 1 + args < REQUEST_TEXT_MAX;
}

int member_check(const char *text, const struct blob *b)
{
	if (!is_text(text) || b->seq == 0 || (size_t)b->status >= N_STATUSES)
		return -EINVAL;
	if (b->error < 0 || b->error > MEMBER_ERROR_MAX || b->wall_ns < 0 || b->boot_ns < 0)
		return -EINVAL;
	if (b->len > BLOB_PART_MAX || (b->len > 0 && !b->bytes))
		return -EINVAL;
	return 0;
}

const char *member_name(char out[MEMBER_NAME_MAX], const char *text, const struct blob *b)
{
	snprintf(out, MEMBER_NAME_MAX, "%0*" PRIu32 "/%" PRIu64 "/%s", SEQ_DIGITS, b->seq,
		 b->netns, text);
	return out;
}

size_t member_line(char out[MEMBER_LINE_MAX], const struct blob *b)
{
	int n = snprintf(
		out, MEMBER_LINE_MAX,
		"part=%" PRIu32 " status=%s error=%d wall=%" PRId64 " boot=%" PRId64 "\n",
		b->part, status_words[b->status], b->error, b->wall_ns, b->boot_ns);

	return (size_t)n;
}

int member_read_name(const char *name, struct blob *b, const char **text)
{
	struct scan s = {.at = name, .end = name + strlen(name)};
	uint64_t seq, netns;

	if (strspn(name, "0123456789") < SEQ_DIGITS)
		return -ENOENT;
	seq = scan_number(&s, UINT32_MAX, SEQ_DIGITS);
	scan_literal(&s, "/");
	netns = scan_number(&s, UINT64_MAX, 1);
	scan_literal(&s, "/");
	if (s.is_bad || seq == 0 || !is_text(s.at))
		return -EBADMSG;
	b->seq = (uint32_t)seq;
	b->netns = netns;
	*text = s.at;
	return 0;
}

const char *member_read_data(const uint8_t *data, size_t size, struct blob *b)
{
	size_t room = size < MEMBER_LINE_MAX ? size : MEMBER_LINE_MAX;
	const uint8_t *newline = room ? memchr(data, '\n', room) : NULL;
	struct scan s = {.at = (const char *)data, .end = (const char *)newline};
	struct blob read = *b;

	if (!newline)
		return "a part has no head line";
	scan_literal(&s, "part=");
	read.part = (uint32_t)scan_number(&s, UINT32_MAX, 1);
	scan_literal(&s, " status=");
	read.status = scan_status(&s);
	scan_literal(&s, " error=");
	read.error = (int)scan_number(&s, MEMBER_ERROR_MAX, 1);
	scan_literal(&s, " wall=");
	read.wall_ns = (int64_t)scan_number(&s, INT64_MAX, 1);
	scan_literal(&s, " boot=");
	read.boot_ns = (int64_t)scan_number(&s, INT64_MAX, 1);
	if (s.is_bad || s.at != s.end)
		return "the head line of a part is malformed";
	read.bytes = newline + 1;
	read.len = size - (size_t)(read.bytes - data);
	if (read.len > BLOB_PART_MAX)
		return "a part is larger than 64 KiB";
	*b = read;
	return NULL;
}
