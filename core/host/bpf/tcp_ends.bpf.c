/*
 * Runs in the kernel, when it is asked to and never otherwise: goes along the chains of the
 * table of connections (net/ipv4/inet_hashtables.c, ehash) and counts those of one network
 * namespace by local end and state, as sock_diag would tell them (inet_diag.c). Takes no
 * lock and holds nothing: chains are followed as the kernel's own lookups follow them, and
 * one that ends as another's is not used. Reads nothing of what goes through a connection.
 * `make bpf` makes the header from it; of types by name see owner_tasks.bpf.c.
 */
#include <linux/bpf.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "core/host/bpf/tcp_ends.bpf.h"

#define WALKED __attribute__((preserve_access_index))

#define FAMILY_V4       2
#define FAMILY_V6       10
#define STATE_SYN_RECV  3
#define STATE_TIME_WAIT 6
#define STATE_NEW_SYN   12 /* a handshake that waits: sock_diag says SYN_RECV */
#define CHAIN_MAX       1024
#define COMMON_BYTES    128 /* what all kinds of sockets begin with */

struct hlist_nulls_node {
	struct hlist_nulls_node *next;
} WALKED;

struct in6_addr {
	unsigned int words[4];
};

struct net;

struct sock_common {
	unsigned int skc_rcv_saddr;
	unsigned short skc_num, skc_family;
	volatile unsigned char skc_state;
	int skc_bound_dev_if;
	struct {
		struct net *net;
	} skc_net;
	struct in6_addr skc_v6_rcv_saddr;
	struct hlist_nulls_node skc_nulls_node;
} WALKED;

struct inet_timewait_sock {
	volatile unsigned char tw_substate;
} WALKED;

struct inet_hashinfo {
	void *ehash;
	unsigned int ehash_mask;
} WALKED;

struct net {
	struct {
		struct {
			struct inet_hashinfo *hashinfo;
		} tcp_death_row;
	} ipv4;
} WALKED;

struct nsproxy {
	struct net *net_ns;
} WALKED;

struct task_struct {
	struct nsproxy *nsproxy;
} WALKED;

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct tcp_ends_settings);
} settings SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__type(key, struct tcp_end);
	__type(value, __u32);
} ends SEC(".maps");

/* What is at hand of the table under its walk. */
struct end_hands {
	__u64 heads[TCP_ENDS_AT_ONCE];
	__u8 common[COMMON_BYTES];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct end_hands);
} hands SEC(".maps");

char program_licence[] SEC("license") = "Dual MIT/GPL";

struct walk {
	struct tcp_ends_settings *settings;
	struct end_hands *hands;
	__u64 node; /* of the chain; odd: its end, with the number of the chain */
	__u32 chain;
	__u32 status;
};

/* Where a field of a socket is: in the copy of its beginning. */
#define FIELD(w, field) \
	((void *)((w)->hands->common + bpf_core_field_offset(struct sock_common, field)))

#define NODE_AT bpf_core_field_offset(struct sock_common, skc_nulls_node.next)

static __u32 state_of(struct walk *w, __u64 sock)
{
	__u32 state = *(__u8 *)FIELD(w, skc_state);
	struct inet_timewait_sock *waiting = (void *)sock;

	if (state == STATE_TIME_WAIT)
		return BPF_CORE_READ(waiting, tw_substate);
	return state;
}

static void count(struct walk *w, const struct tcp_end *end)
{
	__u32 *n = bpf_map_lookup_elem(&ends, end), one = 1;

	if (n)
		*n += 1;
	else if (bpf_map_update_elem(&ends, end, &one, BPF_NOEXIST))
		w->status = TCP_ENDS_BROKEN;
}

static void look_at_socket(struct walk *w, __u64 sock)
{
	struct tcp_end end = {.port = *(__u16 *)FIELD(w, skc_num)};
	__u32 state, *v6 = FIELD(w, skc_v6_rcv_saddr);

	if (*(__u64 *)FIELD(w, skc_net.net) != w->settings->net)
		return;
	if (!(w->settings->ports[end.port / 8] & 1 << end.port % 8))
		return;
	state = state_of(w, sock);
	if (state > STATE_NEW_SYN || !(w->settings->states & 1u << state))
		return;
	end.state = state == STATE_NEW_SYN ? STATE_SYN_RECV : state;
	end.family = *(__u16 *)FIELD(w, skc_family);
	end.ifindex = *(__u32 *)FIELD(w, skc_bound_dev_if);
	if (end.family == FAMILY_V6) {
		end.address[0] = v6[0];
		end.address[1] = v6[1];
		end.address[2] = v6[2];
		end.address[3] = v6[3];
	} else {
		end.address[0] = *(__u32 *)FIELD(w, skc_rcv_saddr);
	}
	count(w, &end);
}

static long look_at_node(__u32 i, struct walk *w)
{
	__u64 sock = w->node - NODE_AT;

	(void)i;
	if (w->node & 1) {
		if (w->node >> 1 != w->chain)
			w->status = TCP_ENDS_BROKEN;
		return 1;
	}
	if (bpf_probe_read_kernel(w->hands->common, COMMON_BYTES, (void *)sock)) {
		w->status = TCP_ENDS_BROKEN;
		return 1;
	}
	w->node = *(__u64 *)FIELD(w, skc_nulls_node.next);
	look_at_socket(w, sock);
	return w->status != TCP_ENDS_MORE;
}

static long look_at_chain(__u32 slot, struct walk *w)
{
	if (slot >= TCP_ENDS_AT_ONCE)
		return 1;
	w->node = w->hands->heads[slot];
	if (w->node & 1)
		return 0;
	w->chain = w->settings->next + slot;
	bpf_loop(CHAIN_MAX, look_at_node, w, 0);
	if (!(w->node & 1))
		w->status = TCP_ENDS_BROKEN;
	return w->status != TCP_ENDS_MORE;
}

static __u32 are_empty(const __u64 *heads)
{
	__u64 all = 1;

	for (int i = 0; i < TCP_ENDS_AT_ONCE; i++)
		all &= heads[i];
	return all & 1;
}

/* The memory of the sockets is waited for once, not for each of them: nothing here depends
 * on what is read. */
static void fetch_first(struct end_hands *hands)
{
	for (int i = 0; i < TCP_ENDS_AT_ONCE; i++)
		bpf_probe_read_kernel(hands->common, 8, (void *)hands->heads[i]);
}

static long look_at_block(__u32 i, struct walk *w)
{
	struct tcp_ends_settings *s = w->settings;

	(void)i;
	if (s->next >= s->n_heads) {
		w->status = TCP_ENDS_DONE;
		return 1;
	}
	if (bpf_probe_read_kernel(w->hands->heads, sizeof(w->hands->heads),
				  (void *)(s->heads + s->next * sizeof(__u64)))) {
		w->status = TCP_ENDS_BROKEN;
		return 1;
	}
	if (!are_empty(w->hands->heads)) {
		fetch_first(w->hands);
		bpf_loop(TCP_ENDS_AT_ONCE, look_at_chain, w, 0);
	}
	s->next += TCP_ENDS_AT_ONCE;
	return w->status != TCP_ENDS_MORE;
}

/* A namespace may have a table of its own (net.ipv4.tcp_child_ehash_entries). */
static void find_table(struct tcp_ends_settings *s)
{
	struct task_struct *reader = (void *)bpf_get_current_task();
	struct net *net = BPF_CORE_READ(reader, nsproxy, net_ns);
	struct inet_hashinfo *table = BPF_CORE_READ(net, ipv4.tcp_death_row.hashinfo);

	s->net = (__u64)net;
	s->heads = (__u64)BPF_CORE_READ(table, ehash);
	s->n_heads = BPF_CORE_READ(table, ehash_mask) + 1;
}

/* Attached to nothing: the name of a tracepoint is for the tool that makes the bytes. */
SEC("raw_tp/sys_enter")
int count_ends(void *context)
{
	struct walk w = {0};
	__u32 key = 0;

	(void)context;
	w.settings = bpf_map_lookup_elem(&settings, &key);
	w.hands = bpf_map_lookup_elem(&hands, &key);
	if (!w.settings || !w.hands)
		return TCP_ENDS_BROKEN;
	if (!w.settings->net)
		find_table(w.settings);
	if (!w.settings->heads || w.settings->n_heads % TCP_ENDS_AT_ONCE)
		return TCP_ENDS_BROKEN;
	bpf_loop(w.settings->n_blocks, look_at_block, &w, 0);
	return w.status;
}
