/*
 * What a keyboard sends, as numbers: a character is its code point (control keys are 1 to
 * 31), other keys are the names below. Assembles bytes and unknown escape sequences; never
 * reads a terminal.
 */
#ifndef TUI_INPUT_H
#define TUI_INPUT_H

#include <stdint.h>

#include "core/base/text.h"

/* X(name, word as in help and man page) */
#define INPUT_NAMES(X)            \
	X(UP, "Up")               \
	X(DOWN, "Down")           \
	X(LEFT, "Left")           \
	X(RIGHT, "Right")         \
	X(PAGE_UP, "PgUp")        \
	X(PAGE_DOWN, "PgDn")      \
	X(HOME, "Home")           \
	X(END, "End")             \
	X(DELETE, "Delete")       \
	X(BACKSPACE, "Backspace") \
	X(TAB, "Tab")             \
	X(TAB_BACK, "Shift-Tab")  \
	X(ENTER, "Enter")         \
	X(ESCAPE, "Esc")          \
	X(F1, "F1")               \
	X(F5, "F5")               \
	X(F10, "F10")

enum input {
	INPUT_NONE = 0,
	INPUT_FIRST = 0x110000, /* above all code points */
#define X(name, word) INPUT_##name,
	INPUT_NAMES(X)
#undef X
};

#define INPUT_CONTROL(letter) ((letter)&0x1f)

/* "Enter", "Ctrl-L", "q" -> its number; INPUT_NONE for anything else. */
int input_named(struct text name);

/* Zeroed memory is a fresh decoder. */
struct input_decoder {
	uint8_t bytes[16]; /* of an unfinished character or sequence */
	size_t n;
};

/*
 * Takes one byte; writes up to two inputs to out and returns their number. Bytes that are
 * no UTF-8 and unknown sequences give nothing. Esc and a digit that come together are a
 * function key.
 */
unsigned input_byte(struct input_decoder *d, uint8_t byte, int out[2]);
/* Nothing follows for now: a lone Esc is one. As input_byte(). */
unsigned input_pause(struct input_decoder *d, int out[2]);

#endif
