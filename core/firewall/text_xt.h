/* Rows of xtables' matches and targets, and how their bytes are read: native byte order. */
#ifndef CORE_FIREWALL_TEXT_XT_H
#define CORE_FIREWALL_TEXT_XT_H

#include "core/base/cursor.h"
#include "core/firewall/text_writer.h"

struct xt_row {
	const char *name;
	uint8_t revision;
	size_t len; /* at least */
	void (*print)(struct str *out, struct cursor *c, uint8_t family);
};

extern const struct xt_row xt_targets[];
extern const size_t xt_n_targets;

uint16_t xt_u16(struct cursor *c);
uint32_t xt_u32(struct cursor *c);
/* Up to its NUL in len bytes. */
struct text xt_name(struct cursor *c, size_t len);
/* " --set-xmark 0x1/0xff" */
void xt_write_mark(struct str *out, const char *option, uint32_t mark, uint32_t mask);

#endif
