/*
 * A rule's text under way: what each register holds, in words, and the pieces said so far.
 * For text_*.c and rule_text.c only.
 */
#ifndef CORE_FIREWALL_TEXT_WRITER_H
#define CORE_FIREWALL_TEXT_WRITER_H

#include "core/base/arena.h"
#include "core/base/vec.h"
#include "core/firewall/ruleset.h"
#include "core/firewall/text/text_fields.h"
#include "core/firewall/text/text_sets.h"

enum operand_kind { OPERAND_NONE, OPERAND_FIELD, OPERAND_BYTES };

/* A test that only says which header follows is left out once that header is named. */
enum dependency { DEPENDS_LINK, DEPENDS_NETWORK, DEPENDS_TRANSPORT, N_DEPENDENCIES };

/* What a word of the registers holds. */
struct operand {
	enum operand_kind kind;
	struct text words; /* of a field, in the writer's arena */
	struct text bytes; /* of OPERAND_BYTES */
	struct text_part part;
	struct text mask, flip; /* (field & mask) ^ flip; none: as it is */
	/* Of a header: what stands where. */
	bool is_bits;
	bool is_payload, is_split; /* is_split: several fields, or a part of one */
	uint8_t base;
	enum text_header header;
	uint16_t offset, bits;
	/* A comparison with one value tells the header of this layer. */
	bool tells_link, tells_network, tells_transport;
};

struct piece {
	struct text text;
	bool is_dropped, is_payload; /* is_payload: the test reads the packet itself */
	/* of "left >= from": the lower end of what may become a range */
	struct text left, from;
	struct text_part part;
};

struct writer {
	const struct ruleset *r;
	uint8_t family;
	struct arena arena;
	struct vec pieces;
	struct str scratch;
	struct operand words[FW_N_WORDS];
	enum text_header network, transport;
	size_t depends[N_DEPENDENCIES]; /* piece + 1; 0: none */
	bool has_nfproto;               /* a test of it gave `network` */
	bool no_memory;
};

/* The scratch string as a new piece. NULL: no memory. */
struct piece *writer_say(struct writer *w);
/* The scratch string as a text in the arena; the scratch is empty again. */
struct text writer_keep(struct writer *w);
/* What was said of the layer below is not said: it follows. */
void writer_drop(struct writer *w, enum dependency d);

/* What the word holds; NULL: nothing that is known. */
const struct operand *writer_operand(const struct writer *w, uint8_t word);

/* Loads: a register gets a field. */
void text_load(struct writer *w, const struct fw_expr *e);
void text_bitwise(struct writer *w, const struct fw_expr *e);
void text_byteorder(struct writer *w, const struct fw_expr *e);
/* The field that these bits of what was loaded are (inverted: that the mask leaves out),
 * and how far it stands from the end; NULL: none. */
const struct text_field *text_field_of_mask(const struct operand *o, struct text mask,
					    bool is_inverted, uint8_t *shift);
/* Tests. */
void text_cmp(struct writer *w, const struct fw_expr *e);
void text_inside(struct writer *w, const struct fw_expr *e);
void text_lookup(struct writer *w, const struct fw_expr *e);
/* Everything that does something. */
void text_statement(struct writer *w, const struct fw_expr *e);
/* ... appends to the scratch: nat, redirect, masquerade, tproxy, dup, fwd */
void text_redirection(struct writer *w, const struct fw_expr *e);
/* limit, quota, ...: also on elements */
void text_history(struct str *out, const struct fw_expr *e);
void text_xt(struct writer *w, const struct fw_expr *e);

/* The operand in words: "meta mark & 0x000000ff", or its value as that type. */
void operand_text(struct writer *w, struct str *out, const struct operand *o,
		  const struct text_part *as);
/* "ip saddr . tcp dport" of len bytes from this word; the parts as they are. */
size_t operands_text(struct writer *w, uint8_t word, size_t len,
		     struct text_part parts[TEXT_PARTS]);

#endif
