/*
 * Rows of xtables' matches and targets, and what their printers share. An extension's bytes
 * are its struct of linux/netfilter/xt_*.h as the kernel keeps it: the host's byte order,
 * addresses and some ports in the network's. For text_xt*.c and text_iptables.c only.
 */
#ifndef CORE_FIREWALL_TEXT_XT_H
#define CORE_FIREWALL_TEXT_XT_H

#include "core/base/addr.h"
#include "core/firewall/text/text_writer.h"

struct xt_row {
	const char *name;
	uint8_t revision;
	uint8_t family; /* NFPROTO_IPV4 or NFPROTO_IPV6; 0: both */
	/* Appends the options, a space before each: " --dport 80". False: these bytes have
	 * no such text. Family: AF_INET or AF_INET6. */
	bool (*print)(struct str *out, struct text info, uint8_t family);
};

struct xt_rows {
	const struct xt_row *rows;
	size_t n;
};
extern const struct xt_rows xt_packet_rows, xt_ipv6_rows, xt_flow_rows, xt_history_rows,
	xt_content_rows, xt_host_rows;
extern const struct xt_rows xt_target_rows, xt_mark_rows, xt_nat_rows;

/* "-m tcp --dport 80" of a match, "DNAT --to-destination ..." of a target. False: it is not
 * understood, nothing was appended. */
bool xt_write(struct str *out, const struct ruleset *r, const struct fw_expr *e,
	      uint8_t family);
/* text_xt_sets.c: the options of "set" and "SET", with the ruleset's names. */
bool xt_write_set(struct str *out, const struct ruleset *r, const struct fw_expr *e);

/* Copies the extension's struct; false: there are fewer bytes. */
bool xt_take(struct text info, void *out, size_t size);
/* Up to its NUL in size bytes of a struct. */
struct text xt_name(const char *bytes, size_t size);
/* " word" as iptables quotes it: bare where that is safe. */
void xt_quote(struct str *out, struct text word);
/* " --option", " ! --option" */
void xt_option(struct str *out, const char *option, bool is_inverted);
/* " --option 5", " --option 5:7" */
void xt_range(struct str *out, const char *option, uint32_t from, uint32_t to,
	      bool is_inverted);
/* " --option 0x1", "/0xff" behind it unless the mask is full. */
void xt_write_mark(struct str *out, const char *option, uint32_t mark, uint32_t mask);
/* " 3/min" of a period in units that are `scale` a second; returns the unit in seconds. */
uint32_t xt_rate(struct str *out, uint64_t period, uint64_t scale);
/* 4 or 16 bytes by the family. */
void xt_address(struct str *out, const void *bytes, uint8_t family);
/* "/24", "/255.0.255.0"; nothing for a full one. */
void xt_mask(struct str *out, const void *bytes, uint8_t family);
/* "FIN,SYN", "NONE" */
void xt_tcp_flags(struct str *out, uint8_t flags);
/* "tcp" as iptables names protocols; NULL: it has a number only. */
const char *xt_protocol(unsigned number);

struct xt_word {
	uint32_t bit;
	const char *word;
};
/* " A,B" of the bits that are set; a lone space for none. */
void xt_words(struct str *out, uint32_t bits, const struct xt_word *words, size_t n);
#define XT_WORDS(out, bits, words) \
	xt_words(out, bits, words, sizeof(words) / sizeof(*(words)))

#endif
