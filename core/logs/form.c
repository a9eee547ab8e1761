/* Matching a line with a form. Knows no sentence. */
#include "core/logs/form.h"

#include <string.h>
#include <strings.h>

#include "core/base/pieces.h"
#include "core/logs/scan.h"

#define STEPS_MAX 5000 /* a line has 1000 bytes */

struct walk {
	struct form_found found;
	unsigned steps;
};

bool form_address(struct text t, struct addr *out)
{
	char address[ADDR_TEXT_MAX];

	if (!t.len || t.len >= sizeof(address) || memchr(t.bytes, '\0', t.len))
		return false;
	memcpy(address, t.bytes, t.len);
	address[t.len] = '\0';
	return addr_parse(out, address) == 0;
}

static bool take_address(struct text *line, struct walk *w)
{
	size_t n = 0;

	while (n < line->len && line->bytes[n] &&
	       strchr("0123456789abcdefABCDEF:.", line->bytes[n]))
		n++;
	while (n && (line->bytes[n - 1] == '.' ||
		     (line->bytes[n - 1] == ':' && (n < 2 || line->bytes[n - 2] != ':'))))
		n--;
	if (!form_address(piece_head(*line, n), &w->found.address))
		return false;
	*line = piece_tail(*line, n);
	return true;
}

static bool take_port(struct text *line, struct walk *w)
{
	struct text rest = *line;
	uint64_t port;

	if (!piece_number(&rest, UINT16_MAX, &port))
		return false;
	w->found.port = (uint16_t)port;
	w->found.has_port = true;
	w->found.endpoint = piece_head(*line, line->len - rest.len);
	*line = rest;
	return true;
}

/* The last colon of the word that has digits behind it, and these are the port. */
static bool take_endpoint(struct text *line, struct walk *w)
{
	struct text rest = *line, word, behind;

	if (!line->len || line->bytes[0] == ' ' || !scan_word(&rest, &word))
		return false;
	for (size_t i = word.len; i-- > 0;) {
		if (word.bytes[i] != ':')
			continue;
		behind = piece_tail(word, i + 1);
		if (!take_port(&behind, w))
			continue;
		w->found.endpoint = piece_head(word, word.len - behind.len);
		(void)form_address(piece_head(word, i), &w->found.address);
		*line = piece_tail(*line, w->found.endpoint.len);
		return true;
	}
	return false;
}

/* Up to the letter `end` (0: the line's end); may_blank: blanks do not end it. */
static bool take_until(struct text *line, char end, bool may_blank, struct text *out)
{
	size_t n = 0;

	while (n < line->len && (!end || line->bytes[n] != end) &&
	       (may_blank || line->bytes[n] != ' '))
		n++;
	*out = piece_head(*line, n);
	*line = piece_tail(*line, n);
	return n > 0;
}

static bool take_reason(struct text *line, struct walk *w)
{
	static const struct {
		const char *words;
		enum log_meaning meaning;
	} reasons[] = {
		{"address already in use", LOG_MEANS_ADDRESS_IN_USE},
		{"address in use", LOG_MEANS_ADDRESS_IN_USE},
		{"permission denied", LOG_MEANS_BIND_DENIED},
		{"cannot assign requested address", LOG_MEANS_BIND_ABSENT},
		{"address not available", LOG_MEANS_BIND_ABSENT},
	};

	for (size_t i = 0; i < sizeof(reasons) / sizeof(*reasons); i++) {
		size_t n = strlen(reasons[i].words);

		if (line->len < n || strncasecmp(line->bytes, reasons[i].words, n))
			continue;
		w->found.reason = reasons[i].meaning;
		*line = piece_tail(*line, n);
		return true;
	}
	return false;
}

static bool take_number(struct text *line, bool may_be_zero, uint64_t max, uint64_t *out)
{
	return piece_number(line, max, out) && (may_be_zero || *out);
}

/* A hole with more than nothing in it; next is the letter behind it in the form. */
static bool take_hole(char hole, char next, struct text *line, struct walk *w)
{
	struct text ignored;
	uint64_t number;

	switch (hole) {
	case 'n':
		return take_number(line, true, UINT64_MAX, &number);
	case 'N':
		return take_number(line, false, UINT64_MAX, &number);
	case 'i':
		if (!take_number(line, true, INT32_MAX, &number))
			return false;
		w->found.pid = (int32_t)number;
		return true;
	case 's':
		return take_number(line, false, UINT64_MAX, &w->found.netns);
	case 'p':
		return take_port(line, w);
	case 'a':
		return take_address(line, w);
	case 'e':
		return take_endpoint(line, w);
	case 'w':
		return take_until(line, next, false, &ignored);
	case 'c':
		return take_until(line, next, true, &ignored);
	case 'j':
	case 'u':
		return take_until(line, next, false, &w->found.word);
	case 'k':
		return take_until(line, next, true, &w->found.word);
	case 'r':
		return take_reason(line, w);
	default:
		return false;
	}
}

static bool is_end(struct text line)
{
	while (line.len && line.bytes[0] && strchr(".!\"' \t\n", line.bytes[0]))
		line = piece_tail(line, 1);
	return !line.len;
}

static bool match_from(const char *form, struct text line, struct walk *w);

/* The first place from which the rest of the form fits. */
static bool match_anywhere(const char *form, struct text line, struct walk *w)
{
	struct form_found before = w->found;
	char first = *form == '%' ? '\0' : *form;

	for (size_t i = 0; i <= line.len && w->steps < STEPS_MAX; i++) {
		if (first && (i == line.len || line.bytes[i] != first)) {
			w->steps++;
			continue;
		}
		w->found = before;
		if (match_from(form, piece_tail(line, i), w))
			return true;
	}
	return false;
}

static bool match_from(const char *form, struct text line, struct walk *w)
{
	for (; *form; form++) {
		if (w->steps++ >= STEPS_MAX)
			return false;
		if (*form == ' ' && line.len && line.bytes[0] == ' ') {
			scan_blanks(&line);
		} else if (*form == '%' && form[1] == '*') {
			return match_anywhere(form + 2, line, w);
		} else if (*form == '%' && form[1] == '$') {
			return is_end(line);
		} else if (*form == '%') {
			if (!take_hole(form[1], form[2], &line, w))
				return false;
			form++;
		} else {
			if (!line.len || line.bytes[0] != *form)
				return false;
			line = piece_tail(line, 1);
		}
	}
	return true;
}

bool form_match(const char *form, struct text line, struct form_found *out)
{
	struct walk w = {.found.reason = N_LOG_MEANINGS};

	if (!match_from(form, line, &w))
		return false;
	*out = w.found;
	return true;
}
