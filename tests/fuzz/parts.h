/* One fuzz input as one to three parts of an answer, and a byte that selects. */
#ifndef TESTS_FUZZ_PARTS_H
#define TESTS_FUZZ_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Input: u8 select (its last two bits: how many cuts), then for every cut le16 length, then
 * bytes. */
struct parts {
	const uint8_t *at;
	size_t left;
	unsigned cuts;
	unsigned select;
	bool is_done;
};

static inline struct parts parts_of(const uint8_t *data, size_t size)
{
	struct parts p = {.at = data, .left = size, .is_done = size == 0};

	if (size) {
		p.cuts = data[0] % 4 % 3;
		p.select = data[0] / 4;
		p.at++;
		p.left--;
	}
	return p;
}

static inline bool parts_next(struct parts *p, const uint8_t **bytes, size_t *len)
{
	if (p->is_done)
		return false;
	*len = p->left;
	if (p->cuts && p->left >= 2) {
		size_t wanted = (size_t)p->at[0] | (size_t)p->at[1] << 8;

		p->at += 2;
		p->left -= 2;
		p->cuts--;
		*len = wanted < p->left ? wanted : p->left;
	} else {
		p->is_done = true;
	}
	*bytes = p->at;
	p->at += *len;
	p->left -= *len;
	return true;
}

#endif
