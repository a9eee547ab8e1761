/* Bytes from a keyboard -> inputs. A small state machine without a terminal. */
#include "tui/terminal/input.h"

#include <stdbool.h>
#include <string.h>

#define ESC             0x1b
#define FIRST_PRINTABLE 0xa0 /* behind the C1 controls */

static const struct {
	int input;
	const char *word;
} names[] = {
#define X(name, text) {INPUT_##name, text},
	INPUT_NAMES(X)
#undef X
};

/*
 * What common terminals send, for those whose description does not tell (behind ESC).
 * XTerm Control Sequences; console_codes(4).
 */
static const struct {
	const char *bytes;
	int input;
} sequences[] = {
	{"[A", INPUT_UP},         {"[B", INPUT_DOWN},    {"[C", INPUT_RIGHT},
	{"[D", INPUT_LEFT},       {"[H", INPUT_HOME},    {"[F", INPUT_END},
	{"OA", INPUT_UP},         {"OB", INPUT_DOWN},    {"OC", INPUT_RIGHT},
	{"OD", INPUT_LEFT},       {"OH", INPUT_HOME},    {"OF", INPUT_END},
	{"OM", INPUT_ENTER},      {"OP", INPUT_F1},      {"[11~", INPUT_F1},
	{"[15~", INPUT_F5},       {"[21~", INPUT_F10},   {"[1~", INPUT_HOME},
	{"[7~", INPUT_HOME},      {"[4~", INPUT_END},    {"[8~", INPUT_END},
	{"[[A", INPUT_F1},        {"[[E", INPUT_F5},     {"[5~", INPUT_PAGE_UP},
	{"[6~", INPUT_PAGE_DOWN}, {"[3~", INPUT_DELETE}, {"[Z", INPUT_TAB_BACK},
};

int input_named(struct text name)
{
	size_t at = 0;
	long c;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (text_equals_str(name, names[i].word))
			return names[i].input;
	if (text_equals_str(name, "Space"))
		return ' ';
	if (name.len == 6 && memcmp(name.bytes, "Ctrl-", 5) == 0)
		return INPUT_CONTROL(name.bytes[5]);
	if (!name.len)
		return INPUT_NONE;
	c = text_next_char(name, &at);
	return c > 0x20 && at == name.len ? (int)c : INPUT_NONE;
}

static int sequence_input(const struct input_decoder *d)
{
	for (size_t i = 0; i < sizeof(sequences) / sizeof(sequences[0]); i++)
		if (strlen(sequences[i].bytes) == d->n - 1 &&
		    memcmp(sequences[i].bytes, d->bytes + 1, d->n - 1) == 0)
			return sequences[i].input;
	return INPUT_NONE;
}

/* A byte that stands for itself, under the names that terminals disagree on. */
static int single(uint8_t byte)
{
	switch (byte) {
	case '\r':
	case '\n':
		return INPUT_ENTER;
	case '\t':
		return INPUT_TAB;
	case 0x08:
	case 0x7f:
		return INPUT_BACKSPACE;
	default:
		return byte;
	}
}

static unsigned give(int input, int *out)
{
	*out = input;
	return input != INPUT_NONE;
}

static void keep(struct input_decoder *d, uint8_t byte)
{
	if (d->n < sizeof(d->bytes))
		d->bytes[d->n++] = byte;
}

/* How many bytes a UTF-8 character has, by its first; 0: no first byte. RFC 3629. */
static size_t utf8_len(uint8_t first)
{
	if (first >= 0xc2 && first < 0xe0)
		return 2;
	if (first >= 0xe0 && first < 0xf0)
		return 3;
	return first >= 0xf0 && first < 0xf5 ? 4 : 0;
}

static int in_character(struct input_decoder *d, uint8_t byte)
{
	struct text t;
	size_t at = 0;
	long c;

	if (d->n && (byte & 0xc0) != 0x80)
		d->n = 0;
	if (!d->n && !utf8_len(byte))
		return INPUT_NONE;
	keep(d, byte);
	if (d->n < utf8_len(d->bytes[0]))
		return INPUT_NONE;
	t = (struct text){(const char *)d->bytes, d->n};
	c = text_next_char(t, &at);
	d->n = 0;
	return c >= FIRST_PRINTABLE ? (int)c : INPUT_NONE;
}

/* A byte outside a sequence; at most one input. */
static int outside(struct input_decoder *d, uint8_t byte)
{
	if (byte >= 0x80)
		return in_character(d, byte);
	d->n = 0;
	if (byte != ESC)
		return single(byte);
	keep(d, ESC);
	return INPUT_NONE;
}

static int function_key(uint8_t digit)
{
	switch (digit) {
	case '0':
		return INPUT_F10;
	case '1':
		return INPUT_F1;
	case '5':
		return INPUT_F5;
	default:
		return INPUT_NONE;
	}
}

/* The second byte behind ESC. */
static unsigned behind_escape(struct input_decoder *d, uint8_t byte, int out[2])
{
	if (byte == '[' || byte == 'O') {
		keep(d, byte);
		return 0;
	}
	d->n = 0;
	if (byte >= '0' && byte <= '9')
		return give(function_key(byte), out);
	out[0] = INPUT_ESCAPE;
	return 1 + give(outside(d, byte), out + 1);
}

/* Inside ESC [ or ESC O: up to its last byte. ECMA-48, 5.4. */
static unsigned in_sequence(struct input_decoder *d, uint8_t byte, int out[2])
{
	bool is_last = d->bytes[1] == 'O' || (byte >= 0x40 && byte <= 0x7e);
	int input;

	if (byte < 0x20) { /* broken off */
		d->n = 0;
		return give(outside(d, byte), out);
	}
	if (byte == '[' && d->n == 2 && d->bytes[1] == '[')
		is_last = false; /* the Linux console's F1 to F5: ESC [ [ A */
	keep(d, byte);
	if (!is_last)
		return 0;
	input = sequence_input(d);
	d->n = 0;
	return give(input, out);
}

unsigned input_byte(struct input_decoder *d, uint8_t byte, int out[2])
{
	bool is_escaped = d->n && d->bytes[0] == ESC;

	if (is_escaped && d->n > 1)
		return in_sequence(d, byte, out);
	if (is_escaped && byte == ESC)
		return give(INPUT_ESCAPE, out); /* the second one may begin a sequence */
	if (is_escaped)
		return behind_escape(d, byte, out);
	return give(outside(d, byte), out);
}

unsigned input_pause(struct input_decoder *d, int out[2])
{
	bool is_escaped = d->n && d->bytes[0] == ESC;

	if (!is_escaped)
		return 0; /* half a character may go on */
	d->n = 0;
	return give(INPUT_ESCAPE, out);
}
