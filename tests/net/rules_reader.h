/*
 * The ruleset of this process's network namespace, read by netlink and handed to the
 * decoder, for the programs of the namespace tests. Asks as the program itself does:
 * generation, tables, chains, sets, objects, rules, the elements of every set, generation.
 */
#ifndef TESTS_NET_RULES_READER_H
#define TESTS_NET_RULES_READER_H

#include <errno.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/str.h"
#include "core/base/vec.h"
#include "core/firewall/ruleset.h"
#include "tests/net/legacy_reader.h"
#include "tests/net/rules_asker.h"

enum { READER_BUFFER = 4 << 20, READER_MESSAGE = 65536, READER_NAME = 256 };

/* A set whose elements are still to be asked for. */
struct reader_set {
	uint8_t family;
	char table[READER_NAME], name[READER_NAME];
};

struct rules_reader {
	struct nl_sock *socket;
	struct ruleset_decoder *decoder;
	struct str *bytes; /* of all messages; NULL: nobody wants them */
	struct vec sets;   /* struct reader_set */
	int error;
};

static inline int reader_note_set(struct rules_reader *r, struct nlmsghdr *h)
{
	struct nlattr *at[NFTA_SET_MAX + 1];
	const struct nfgenmsg *g = nlmsg_data(h);
	struct reader_set *set;

	if (nlmsg_parse(h, sizeof(*g), at, NFTA_SET_MAX, NULL) || !at[NFTA_SET_TABLE] ||
	    !at[NFTA_SET_NAME])
		return -EBADMSG;
	set = vec_push(&r->sets);
	if (!set)
		return -ENOMEM;
	set->family = g->nfgen_family;
	nla_strlcpy(set->table, at[NFTA_SET_TABLE], sizeof(set->table));
	nla_strlcpy(set->name, at[NFTA_SET_NAME], sizeof(set->name));
	return 0;
}

static inline int reader_take(struct nl_msg *msg, void *arg)
{
	struct rules_reader *r = arg;
	struct nlmsghdr *h = nlmsg_hdr(msg);
	int error = ruleset_decode(r->decoder, h, h->nlmsg_len);

	if (r->bytes && !error)
		error = str_append(r->bytes, h, NLMSG_ALIGN(h->nlmsg_len));
	if (!error && (h->nlmsg_type & 0xff) == NFT_MSG_NEWSET)
		error = reader_note_set(r, h);
	if (error && !r->error)
		r->error = error;
	return NL_OK;
}

/* One request and all that is said to it. set: of whose elements; NULL: another request. */
static inline int reader_ask(struct rules_reader *r, int type, int flags,
			     const struct reader_set *set)
{
	struct nl_msg *msg =
		nlmsg_alloc_simple(NFNL_SUBSYS_NFTABLES << 8 | type, NLM_F_REQUEST | flags);
	struct nfgenmsg head = {.nfgen_family = set ? set->family : AF_UNSPEC};
	int error;

	if (!msg || nlmsg_append(msg, &head, sizeof(head), NLMSG_ALIGNTO))
		return -ENOMEM;
	if (set) {
		nla_put_string(msg, NFTA_SET_ELEM_LIST_TABLE, set->table);
		nla_put_string(msg, NFTA_SET_ELEM_LIST_SET, set->name);
	}
	error = nl_send_auto(r->socket, msg);
	nlmsg_free(msg);
	if (error < 0)
		return -EIO;
	/* A dump ends with its DONE; another answer is followed by the acknowledgement. */
	error = nl_recvmsgs_default(r->socket);
	if (!error && !(flags & NLM_F_DUMP))
		error = nl_wait_for_ack(r->socket);
	return error < 0 ? -EIO : 0;
}

static inline int reader_read(struct rules_reader *r)
{
	static const int dumps[] = {NFT_MSG_GETTABLE, NFT_MSG_GETCHAIN, NFT_MSG_GETSET,
				    NFT_MSG_GETOBJ, NFT_MSG_GETRULE};
	int error = reader_ask(r, NFT_MSG_GETGEN, 0, NULL);

	for (size_t i = 0; !error && i < sizeof(dumps) / sizeof(*dumps); i++)
		error = reader_ask(r, dumps[i], NLM_F_DUMP, NULL);
	for (size_t i = 0; !error && !asker_mode() && i < r->sets.n; i++)
		error = reader_ask(r, NFT_MSG_GETSETELEM, NLM_F_DUMP, vec_at(&r->sets, i));
	if (!error)
		error = reader_ask(r, NFT_MSG_GETGEN, 0, NULL);
	return error ? error : r->error;
}

static inline int reader_connect(struct rules_reader *r)
{
	r->socket = nl_socket_alloc();
	if (!r->socket)
		return -ENOMEM;
	nl_socket_disable_seq_check(r->socket);
	nl_socket_modify_cb(r->socket, NL_CB_VALID, NL_CB_CUSTOM, reader_take, r);
	if (nl_connect(r->socket, NETLINK_NETFILTER) < 0)
		return -EIO;
	nl_socket_set_buffer_size(r->socket, READER_BUFFER, 0);
	nl_socket_set_msg_buf_size(r->socket, READER_MESSAGE);
	return 0;
}

static inline int reader_take_part(void *reader, const struct blob *part)
{
	struct rules_reader *r = reader;
	int error = ruleset_decode(r->decoder, part->bytes, part->len);

	return !error && r->bytes ? str_append(r->bytes, part->bytes, part->len) : error;
}

/* The ruleset, to be given back with table_unref(); NULL and *error else. bytes: gets the
 * messages as the program's own request gives them; NULL: they are not wanted. */
static inline struct ruleset *rules_read(struct str *bytes, int *error)
{
	struct rules_reader r = {.sets = VEC_OF(struct reader_set),
				 .decoder = ruleset_new(),
				 .bytes = bytes};
	struct ruleset *rules = NULL;

	*error = r.decoder ? reader_connect(&r) : -ENOMEM;
	if (!*error)
		*error = reader_read(&r);
	if (!*error)
		*error = legacy_read(reader_take_part, &r);
	if (!*error)
		rules = ruleset_finish(r.decoder);
	if (!*error && !rules)
		*error = -ENOMEM;
	nl_socket_free(r.socket);
	ruleset_free(r.decoder);
	vec_release(&r.sets);
	return rules;
}

#endif
