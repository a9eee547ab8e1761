/*
 * Rulesets built by hand for the tests of the evaluator: tables, chains and rules in the
 * order in which they are written. Values are copied; names, elements and devices borrowed.
 */
#ifndef TESTS_UNIT_HAND_RULES_H
#define TESTS_UNIT_HAND_RULES_H

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <net/if_arp.h>
#include <string.h>

#include "core/firewall/eval/eval.h"

enum {
	HAND_TABLES = 4,
	HAND_CHAINS = 40,
	HAND_RULES = 64,
	HAND_EXPRS = 12,
	HAND_SETS = 4,
	HAND_BYTES = 16384
};

struct hand_rules {
	struct ruleset r;
	struct fw_table tables[HAND_TABLES];
	struct fw_chain chains[HAND_CHAINS];
	struct fw_rule rules[HAND_RULES];
	struct fw_expr exprs[HAND_RULES][HAND_EXPRS];
	struct fw_expr *lists[HAND_RULES][HAND_EXPRS];
	struct fw_set sets[HAND_SETS];
	char bytes[HAND_BYTES];
	size_t n_bytes;
};

#define BYTES(...)                                                   \
	((struct text){(const char *)(const uint8_t[]){__VA_ARGS__}, \
		       sizeof((const uint8_t[]){__VA_ARGS__})})

static inline void hand_start(struct hand_rules *h)
{
	memset(h, 0, sizeof(*h));
	h->r.tables = h->tables;
	h->r.chains = h->chains;
	h->r.rules = h->rules;
	h->r.sets = h->sets;
}

static inline uint32_t hand_firewall_table(struct hand_rules *h, uint8_t family)
{
	h->tables[h->r.n_tables] = (struct fw_table){
		.family = family, .name = text_of("t"), .handle = h->r.n_tables + 1};
	return (uint32_t)h->r.n_tables++;
}

/* A chain that is jumped to. */
static inline uint32_t hand_chain(struct hand_rules *h, uint32_t table)
{
	h->chains[h->r.n_chains] = (struct fw_chain){.table = table,
						     .name = text_of("c"),
						     .handle = h->r.n_chains + 1,
						     .first_rule = (uint32_t)h->r.n_rules};
	return (uint32_t)h->r.n_chains++;
}

static inline uint32_t hand_base(struct hand_rules *h, uint32_t table, enum fw_hook hook,
				 int32_t priority, bool drops)
{
	uint32_t i = hand_chain(h, table);

	h->chains[i].is_base = true;
	h->chains[i].hook = hook;
	h->chains[i].priority = priority;
	h->chains[i].policy_drops = drops;
	return i;
}

static inline void hand_keep(struct hand_rules *h, struct text *value)
{
	char *to = h->bytes + h->n_bytes;

	if (!value->len || h->n_bytes + value->len > sizeof(h->bytes))
		return;
	memcpy(to, value->bytes, value->len);
	h->n_bytes += value->len;
	value->bytes = to;
}

/* A rule at the end of the last chain. */
static inline uint32_t hand_rule(struct hand_rules *h, const struct fw_expr *exprs,
				 size_t n)
{
	uint32_t i = (uint32_t)h->r.n_rules++;
	struct fw_chain *c = &h->chains[h->r.n_chains - 1];

	memcpy(h->exprs[i], exprs, n * sizeof(*exprs));
	for (size_t e = 0; e < n; e++) {
		hand_keep(h, &h->exprs[i][e].value);
		if (fw_expr_rest(&h->exprs[i][e]) == FW_REST_VALUE2)
			hand_keep(h, &h->exprs[i][e].value2);
		h->lists[i][e] = &h->exprs[i][e];
	}
	h->rules[i] = (struct fw_rule){.chain = (uint32_t)h->r.n_chains - 1,
				       .handle = i + 1,
				       .index = ++c->n_rules,
				       .exprs = h->lists[i],
				       .n_exprs = (uint32_t)n};
	return i;
}
#define RULE(h, ...)                                          \
	hand_rule((h), (const struct fw_expr[]){__VA_ARGS__}, \
		  sizeof((const struct fw_expr[]){__VA_ARGS__}) / sizeof(struct fw_expr))

static inline uint32_t hand_set(struct hand_rules *h, uint32_t flags, uint32_t key_len,
				struct fw_element *elements, size_t n)
{
	h->sets[h->r.n_sets] = (struct fw_set){.flags = flags,
					       .key_len = key_len,
					       .elements = elements,
					       .n_elements = n,
					       .is_read = true};
	return (uint32_t)h->r.n_sets++;
}

/* Expressions; words are as the kernel numbers registers from 8 on. */
#define X_VERDICT(v)                                                      \
	{                                                                 \
		.kind = FW_EXPR_VERDICT, .verdict = (v), .chain = FW_NONE \
	}
#define X_JUMP(v, to)                                                  \
	{                                                              \
		.kind = FW_EXPR_VERDICT, .verdict = (v), .chain = (to) \
	}
#define X_ACCEPT X_VERDICT(NF_ACCEPT)
#define X_DROP   X_VERDICT(NF_DROP)
#define X_COUNTER                       \
	{                               \
		.kind = FW_EXPR_COUNTER \
	}
#define X_LIMIT                       \
	{                             \
		.kind = FW_EXPR_LIMIT \
	}
#define X_LOAD(b, o, n, word)                                                    \
	{                                                                        \
		.kind = FW_EXPR_PAYLOAD, .base = (b), .offset = (o), .len = (n), \
		.dreg = (word)                                                   \
	}
#define X_SADDR(word) X_LOAD(NFT_PAYLOAD_NETWORK_HEADER, 12, 4, word)
#define X_DPORT(word) X_LOAD(NFT_PAYLOAD_TRANSPORT_HEADER, 2, 2, word)
#define X_META(k, word)                                          \
	{                                                        \
		.kind = FW_EXPR_META, .key = (k), .dreg = (word) \
	}
#define X_CT(k, word)                                                          \
	{                                                                      \
		.kind = FW_EXPR_CT, .key = (k), .dreg = (word), .direction = 0 \
	}
#define X_CMP(o, word, ...)                                     \
	{                                                       \
		.kind = FW_EXPR_CMP, .op = (o), .sreg = (word), \
		.value = BYTES(__VA_ARGS__)                     \
	}
#define X_EQ(word, ...) X_CMP(NFT_CMP_EQ, word, __VA_ARGS__)
#define X_PORT_IS(p)    X_DPORT(0), X_EQ(0, (p) >> 8, (p)&0xff)
#define X_LOOKUP(s, word)                                                             \
	{                                                                             \
		.kind = FW_EXPR_LOOKUP, .set = (s), .sreg = (word), .dreg = FW_NO_REG \
	}

static inline struct addr hand_address(const char *text)
{
	struct addr a = {0};

	if (addr_parse(&a, text))
		memset(&a, 0, sizeof(a));
	return a;
}

/* A first packet of a flow, coming in by eth0. */
static inline struct fw_packet hand_syn(const char *from, const char *to, uint16_t port)
{
	struct fw_packet p = {.saddr = hand_address(from),
			      .daddr = hand_address(to),
			      .proto = 6,
			      .sport = 40000,
			      .dport = port,
			      .tcp_flags = 2,
			      .iif = text_of("eth0"),
			      .iif_index = 2,
			      .iif_type = ARPHRD_ETHER,
			      .is_mark_known = true};

	p.ct = (struct fw_conntrack){.state = 8,
				     .has_entry = true,
				     .is_mark_known = true,
				     .saddr = p.saddr,
				     .daddr = p.daddr,
				     .sport = p.sport,
				     .dport = p.dport};
	return p;
}

/* All walks of one hook: the verdicts as bits, and the first walk's result. */
struct hand_walks {
	unsigned verdicts; /* 1 << enum fw_verdict */
	size_t n;
	bool is_overfull;
	struct fw_choices first_choices;
	struct fw_result first;  /* without its steps */
	struct fw_packet packet; /* after the first walk */
};

static inline struct hand_walks hand_walk(const struct hand_rules *h, enum fw_hook hook,
					  const struct fw_packet *p)
{
	struct fw_lookups none = {0};
	struct fw_choices choices = {0};
	struct hand_walks w = {0};

	do {
		struct fw_packet packet = *p;
		struct fw_result out;

		if (firewall_run(&h->r, hook, &packet, &none, &choices, &out))
			return w;
		w.verdicts |= 1U << out.verdict;
		w.is_overfull |= choices.is_overfull;
		fw_result_release(&out);
		if (!w.n++) {
			w.first = out;
			w.first_choices = choices;
			w.packet = packet;
		}
	} while (w.n < 64 && fw_choices_next(&choices));
	return w;
}

enum {
	ONLY_ACCEPT = 1 << FW_ACCEPT,
	ONLY_DROP = 1 << FW_DROP,
	ONLY_REJECT = 1 << FW_REJECT,
};

#endif
