/*
 * The rules of nf_tables, in one generation of them, and behind them those of legacy
 * tables. Hands the kernel's messages on; looks only at the generation, and at the names of
 * sets, whose elements are asked for one by one. linux/netfilter/nf_tables.h.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <netlink/attr.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/base/time.h"
#include "core/base/vec.h"
#include "core/host/read/evidence.h"
#include "core/host/kernel/kernel_modules.h"
#include "core/host/kernel/netlink_query.h"
#include "core/host/broker/protocol.h"
#include "core/host/kernel/xtables.h"

#define RESTARTS_MAX 3
/* Of a named set with more, the elements are left out: of those it is asked for the one
 * that a packet meets (set_member.c). */
#define ELEMENTS_MAX 2000
/* After so many elements, or so long, no further set is asked for its own: the kernel finds
 * each by its name in a row. */
#define ALL_ELEMENTS_MAX   50000
#define ELEMENTS_BUDGET_NS (50 * NS_PER_MS)
/* After so long nothing is tried anew. */
#define BUDGET_NS (3 * NS_PER_S)
/* Newer than the header: how many elements a set has. */
#define SET_COUNT 20

struct set_name {
	uint8_t family;
	char table[NFT_NAME_MAXLEN], name[NFT_NAME_MAXLEN];
	uint32_t n_elements; /* 0: not said */
};

struct reading {
	struct netlink_query query;
	struct bundle_out *out;
	struct vec sets; /* struct set_name */
	uint32_t generation;
	size_t n_elements; /* of the sets that were asked, as far as it was said */
	int64_t until_ns;
};

static struct nlattr *find_attr(const struct nlmsghdr *h, int type)
{
	int head = sizeof(struct nfgenmsg);

	if (nlmsg_datalen(h) < head)
		return NULL;
	return nla_find(nlmsg_attrdata(h, head), nlmsg_attrlen(h, head), type);
}

static uint32_t number_of(struct nlattr *a)
{
	return a && nla_len(a) >= (int)sizeof(uint32_t) ? ntohl(nla_get_u32(a)) : 0;
}

static bool copy_name(char out[NFT_NAME_MAXLEN], struct nlattr *a)
{
	size_t len = a ? strnlen(nla_data(a), (size_t)nla_len(a)) : 0;

	if (len == 0 || len >= NFT_NAME_MAXLEN)
		return false;
	memcpy(out, nla_data(a), len);
	out[len] = '\0';
	return true;
}

static int take_generation(void *reading, const struct nlmsghdr *h)
{
	struct reading *r = reading;
	struct nlattr *id = find_attr(h, NFTA_GEN_ID);

	if (!id)
		return 0;
	r->generation = number_of(id);
	return netlink_parts_put(r->out, h);
}

static int take_any(void *reading, const struct nlmsghdr *h)
{
	return netlink_parts_put(((struct reading *)reading)->out, h);
}

static int take_set(void *reading, const struct nlmsghdr *h)
{
	struct reading *r = reading;
	struct set_name set = {0}, *kept;
	const struct nfgenmsg *head = nlmsg_data(h);

	if (copy_name(set.table, find_attr(h, NFTA_SET_TABLE)) &&
	    copy_name(set.name, find_attr(h, NFTA_SET_NAME)) &&
	    number_of(find_attr(h, SET_COUNT)) <= ELEMENTS_MAX) {
		set.family = head->nfgen_family;
		set.n_elements = number_of(find_attr(h, SET_COUNT));
		kept = vec_push(&r->sets);
		if (!kept)
			return -ENOMEM;
		*kept = set;
	}
	return netlink_parts_put(r->out, h);
}

static int ask(struct reading *r, uint8_t type, int flags,
	       int (*take)(void *reading, const struct nlmsghdr *h))
{
	return netlink_query_run(
		&r->query,
		netlink_query_netfilter(NFNL_SUBSYS_NFTABLES, type, AF_UNSPEC, flags), take,
		r);
}

static int ask_elements(struct reading *r, const struct set_name *set)
{
	struct nl_msg *msg = netlink_query_netfilter(
		NFNL_SUBSYS_NFTABLES, NFT_MSG_GETSETELEM, set->family, NLM_F_DUMP);

	if (msg && (nla_put_string(msg, NFTA_SET_ELEM_LIST_TABLE, set->table) ||
		    nla_put_string(msg, NFTA_SET_ELEM_LIST_SET, set->name))) {
		nlmsg_free(msg);
		msg = NULL;
	}
	return netlink_query_run(&r->query, msg, take_any, r);
}

/* A set that is gone since its name was told: the generation tells that too. */
static int ask_all_elements(struct reading *r)
{
	int64_t until_ns = host_now_ns() + ELEMENTS_BUDGET_NS;

	r->n_elements = 0;
	for (size_t i = 0; i < r->sets.n && host_now_ns() < until_ns; i++) {
		const struct set_name *set = vec_at(&r->sets, i);
		int error;

		if (r->n_elements + set->n_elements > ALL_ELEMENTS_MAX)
			continue;
		r->n_elements += set->n_elements;
		error = ask_elements(r, set);

		if (error && error != -ENOENT)
			return error;
		r->query.was_changed |= error == -ENOENT;
	}
	return 0;
}

/* Kernels before 4.10 have no objects to tell. */
static int ask_objects(struct reading *r)
{
	int error = ask(r, NFT_MSG_GETOBJ, NLM_F_DUMP, take_any);

	return error == -EINVAL || error == -EOPNOTSUPP ? 0 : error;
}

/* Kernels before 4.16 have no flowtables. */
static int ask_flowtables(struct reading *r)
{
	int error = ask(r, NFT_MSG_GETFLOWTABLE, NLM_F_DUMP, take_any);

	return error == -EINVAL || error == -EOPNOTSUPP ? 0 : error;
}

/* 1: it changed under way; 0, or -errno. */
static int read_once(struct reading *r)
{
	uint32_t before;
	int error = ask(r, NFT_MSG_GETGEN, 0, take_generation);

	before = r->generation;
	if (!error)
		error = ask(r, NFT_MSG_GETTABLE, NLM_F_DUMP, take_any);
	if (!error)
		error = ask(r, NFT_MSG_GETCHAIN, NLM_F_DUMP, take_any);
	if (!error)
		error = ask(r, NFT_MSG_GETSET, NLM_F_DUMP, take_set);
	if (!error)
		error = ask(r, NFT_MSG_GETRULE, NLM_F_DUMP, take_any);
	if (!error)
		error = ask_all_elements(r);
	if (!error)
		error = ask_objects(r);
	if (!error)
		error = ask_flowtables(r);
	/* Of this generation too. Without them ties stay ties. */
	if (!error && hooks_read(r->out))
		error = r->out->error;
	if (!error)
		error = ask(r, NFT_MSG_GETGEN, 0, take_generation);
	if (error == -ENOBUFS || error == -EINTR)
		return 1;
	return error ? error : r->query.was_changed || r->generation != before;
}

/* A new socket each time: what was lost on the old one does not come later. */
static int read_with_socket(struct reading *r)
{
	int error = netlink_query_open(&r->query, NETLINK_NETFILTER);

	if (error)
		return error;
	vec_truncate(&r->sets, 0);
	error = read_once(r);
	netlink_query_close(&r->query);
	return error;
}

static int read_nf_tables(struct bundle_out *out, enum blob_status *status)
{
	static const struct kernel_lists running;
	struct reading r = {.out = out,
			    .sets = VEC_OF(struct set_name),
			    .until_ns = host_now_ns() + BUDGET_NS};
	int result = kernel_module_find(&running, "nf_tables", "nf_tables_");

	if (result)
		return result;
	result = read_with_socket(&r);
	for (unsigned i = 0; result == 1 && i < RESTARTS_MAX; i++) {
		if (host_now_ns() >= r.until_ns)
			break;
		usleep(20000U << (2 * i));
		netlink_parts_restart(out);
		result = read_with_socket(&r);
	}
	vec_release(&r.sets);
	if (result == 1)
		*status = BLOB_INTERRUPTED;
	return result < 0 ? result : 0;
}

/* What keeps the one kind from being read keeps the other too, but for a kernel that has
 * only legacy tables. */
int ruleset_read(struct bundle_out *out, enum blob_status *status)
{
	int result = read_nf_tables(out, status), legacy;

	if (result && result != -ENOPKG)
		return result;
	if (result)
		hooks_read(out);
	if (out->error)
		return out->error;
	legacy = xtables_read(out);
	/* Without them the rules that ask them are unsure. */
	if (!out->error)
		ipsets_read(out);
	if (out->error)
		return out->error;
	if (legacy == -EAGAIN)
		*status = BLOB_INTERRUPTED;
	return result && legacy && legacy != -EAGAIN ? legacy : result;
}
