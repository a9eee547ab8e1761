/* A legacy table built by hand, entry by entry, as its message. Include cmocka.h first. */
#ifndef TESTS_UNIT_LEGACY_BLOB_H
#define TESTS_UNIT_LEGACY_BLOB_H

#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter_ipv4/ip_tables.h>
#include <netlink/msg.h>
#include <string.h>

#include "core/base/xtables.h"
#include "core/firewall/ruleset.h"

enum { BLOB_BYTES = 8192, BLOB_ACCEPT = -1 - NF_ACCEPT, BLOB_DROP = -1 - NF_DROP };
enum { BLOB_RETURN = -1 - NF_REPEAT, BLOB_STANDARD = sizeof(struct xt_standard_target) };

struct legacy_blob {
	struct xtables_piece info;
	uint8_t bytes[BLOB_BYTES] __attribute__((aligned(8)));
	size_t rule; /* where the last entry begins */
};

static inline void blob_start(struct legacy_blob *b, const char *table, uint32_t hooks)
{
	memset(b, 0, sizeof(*b));
	b->info.family = NFPROTO_IPV4;
	b->info.valid_hooks = hooks;
	memcpy(b->info.table, table, strlen(table));
	for (int i = 0; i < XTABLES_HOOKS; i++)
		b->info.hook_entry[i] = b->info.underflow[i] = UINT32_MAX;
}

/* The last entry, to be changed. */
static inline struct ipt_entry *blob_entry(struct legacy_blob *b)
{
	return (struct ipt_entry *)(void *)(b->bytes + b->rule);
}

static inline void blob_extension(struct legacy_blob *b, const char *name, uint8_t revision,
				  const void *data, size_t n)
{
	struct xt_entry_match *m =
		(struct xt_entry_match *)(void *)(b->bytes + b->info.size);
	size_t len = XT_ALIGN(sizeof(*m) + n);

	assert_true(b->info.size + len < BLOB_BYTES);
	m->u.user.match_size = (uint16_t)len;
	memcpy(m->u.user.name, name, strlen(name));
	m->u.user.revision = revision;
	if (n)
		memcpy(m->data, data, n);
	b->info.size += (uint32_t)len;
	blob_entry(b)->next_offset = (uint16_t)(b->info.size - b->rule);
}

static inline void blob_begin(struct legacy_blob *b)
{
	b->rule = b->info.size;
	b->info.size += (uint32_t)sizeof(struct ipt_entry);
	b->info.n_entries++;
}

static inline void blob_target(struct legacy_blob *b, const char *name, const void *data,
			       size_t n)
{
	blob_entry(b)->target_offset = (uint16_t)(b->info.size - b->rule);
	blob_extension(b, name, 0, data, n);
}

/* An entry without conditions. */
static inline struct ipt_entry *blob_rule(struct legacy_blob *b, int32_t verdict)
{
	blob_begin(b);
	blob_target(b, "", &verdict, sizeof(verdict));
	return blob_entry(b);
}

static inline void blob_head(struct legacy_blob *b, const char *name)
{
	char field[XT_FUNCTION_MAXNAMELEN] = "";

	memcpy(field, name, strlen(name));
	blob_begin(b);
	blob_target(b, XT_ERROR_TARGET, field, sizeof(field));
}

static inline void blob_hook(struct legacy_blob *b, int hook)
{
	b->info.hook_entry[hook] = b->info.size;
}

static inline void blob_policy(struct legacy_blob *b, int hook, int32_t verdict)
{
	b->info.underflow[hook] = b->info.size;
	blob_rule(b, verdict);
}

/* The bytes from one place to another as a message, until the next one is made. */
static inline const uint8_t *blob_message(const struct legacy_blob *b, size_t from,
					  size_t to, size_t *len)
{
	static uint8_t room[NLMSG_HDRLEN + sizeof(struct xtables_piece) + BLOB_BYTES]
		__attribute__((aligned(8)));
	struct nlmsghdr *h = (struct nlmsghdr *)(void *)room;
	struct xtables_piece p = b->info;

	p.offset = (uint32_t)from;
	memset(room, 0, sizeof(room));
	h->nlmsg_type = XTABLES_PIECE;
	h->nlmsg_len = (uint32_t)(NLMSG_HDRLEN + sizeof(p) + (to - from));
	memcpy(room + NLMSG_HDRLEN, &p, sizeof(p));
	memcpy(room + NLMSG_HDRLEN + sizeof(p), b->bytes + from, to - from);
	*len = NLMSG_ALIGN(h->nlmsg_len);
	return room;
}

/* 0 or the decoder's error. */
static inline int blob_send(const struct legacy_blob *b, struct ruleset_decoder *d,
			    size_t from, size_t to)
{
	size_t len;
	const uint8_t *message = blob_message(b, from, to, &len);

	return ruleset_decode(d, message, len);
}

static inline int blob_send_all(const struct legacy_blob *b, struct ruleset_decoder *d)
{
	return blob_send(b, d, 0, b->info.size);
}

static inline int blob_send_end(struct ruleset_decoder *d, struct xtables_end end)
{
	struct {
		struct nlmsghdr h;
		struct xtables_end end;
	} m = {{.nlmsg_len = NLMSG_LENGTH(sizeof(end)), .nlmsg_type = XTABLES_END}, end};

	return ruleset_decode(d, &m, sizeof(m));
}

enum { IN = FW_INPUT, OUT = FW_OUTPUT, AROUND = FW_FORWARD };
static struct legacy_blob blob;

/* filter with a chain "web" that INPUT's second rule jumps to. */
static inline void build_filter(void)
{
	struct xt_entry_target *jump;
	int32_t to;

	blob_start(&blob, "filter", 1 << IN | 1 << AROUND | 1 << OUT);
	blob_hook(&blob, IN);
	blob_rule(&blob, BLOB_ACCEPT)->ip.proto = IPPROTO_UDP;
	blob_rule(&blob, 0);
	jump = (void *)(blob.bytes + blob.rule + blob_entry(&blob)->target_offset);
	blob_policy(&blob, IN, BLOB_DROP);
	blob_hook(&blob, AROUND);
	blob_policy(&blob, AROUND, BLOB_ACCEPT);
	blob_hook(&blob, OUT);
	blob_policy(&blob, OUT, BLOB_ACCEPT);
	blob_head(&blob, "web");
	to = (int32_t)blob.info.size;
	memcpy(jump->data, &to, sizeof(to));
	blob_rule(&blob, BLOB_ACCEPT)->ip.proto = IPPROTO_TCP;
	blob_rule(&blob, BLOB_RETURN);
	blob_head(&blob, "ERROR");
}

static inline struct ruleset *decode_blob(int *error)
{
	struct ruleset_decoder *d = ruleset_new();
	struct ruleset *r;

	assert_non_null(d);
	*error = blob_send_all(&blob, d);
	r = ruleset_finish(d);
	assert_non_null(r);
	ruleset_free(d);
	return r;
}

#endif
