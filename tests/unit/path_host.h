/*
 * A host made by hand and a kernel that answers its routes, for the tests of the walk.
 * lo; eth0 10.0.0.5/24 and 2001:db8::5/64; eth1 192.168.7.1/24.
 */
#ifndef TESTS_UNIT_PATH_HOST_H
#define TESTS_UNIT_PATH_HOST_H

#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>

#include "core/path/path.h"
#include "tests/unit/by_hand.h"
#include "tests/unit/hand_rules.h"

enum { LO = 1, ETH0 = 2, ETH1 = 3 };
enum { TYPE_UNICAST = 1, TYPE_LOCAL = 2 };

static struct link_row path_links[] = {
	{.ifindex = LO, .flags = IFF_UP | IFF_LOOPBACK, .name = {"lo", 2}},
	{.ifindex = ETH0, .flags = IFF_UP, .name = {"eth0", 4}},
	{.ifindex = ETH1, .flags = IFF_UP, .name = {"eth1", 4}},
};
static struct link_table path_link_table = {.rows = path_links, .n = 3};

static struct address_row path_addresses[] = {
	{.local = {AF_INET, {10, 0, 0, 5}}, .prefix_len = 24, .ifindex = ETH0},
	{.local = {AF_INET, {127, 0, 0, 1}}, .prefix_len = 8, .ifindex = LO},
	{.local = {AF_INET, {192, 168, 7, 1}}, .prefix_len = 24, .ifindex = ETH1},
	{.local = {AF_INET6, {0x20, 1, 0xd, 0xb8, [15] = 5}},
	 .prefix_len = 64,
	 .ifindex = ETH0},
};
static struct address_table path_address_table = {.rows = path_addresses, .n = 4};

static struct local_route_row path_local_routes[] = {
	{.prefix = {AF_INET, {10, 0, 0, 5}}, .prefix_len = 32, .ifindex = ETH0},
	{.prefix = {AF_INET, {127, 0, 0, 0}}, .prefix_len = 8, .ifindex = LO},
	{.prefix = {AF_INET, {192, 168, 7, 1}}, .prefix_len = 32, .ifindex = ETH1},
};
static struct local_route_table path_local_table = {.rows = path_local_routes, .n = 3};

/* What the kernel of this host says, and what was asked. */
struct path_host {
	struct hand_rules rules;
	bool has_no_rules;
	struct snapshot *snapshot;
	struct setting_table settings;
	struct setting_row setting_rows[2];
	bool has_no_settings;
	struct neighbour_table neighbours;
	struct neighbour_row neighbour;
	struct responses responses;
	int in_error, out_error; /* of routes, positive errno */
	struct addr gateway;
	uint32_t out_ifindex; /* to others than this host */
	bool is_silent;       /* no question is answered */
	size_t n_asked;
	struct question last; /* that was asked */
};

static struct path_host host;

static inline void host_forwards(bool does)
{
	host.setting_rows[0] = (struct setting_row){.name = text_of("net/ipv4/ip_forward"),
						    .value = text_of(does ? "1" : "0")};
	host.setting_rows[1] =
		(struct setting_row){.name = text_of("net/ipv6/conf/all/forwarding"),
				     .value = text_of(does ? "1" : "0")};
	host.settings.rows = host.setting_rows;
	host.settings.n = 2;
}

static inline void host_serves(const struct hand_socket *rows)
{
	hand_sockets(&host.snapshot->spaces[0], rows);
	if (snapshot_link(host.snapshot, NULL))
		abort();
}

static inline int host_start(void **state)
{
	static const struct hand_socket web[] = {SOCK(PROTO_TCP, "0.0.0.0", 80, 1001),
						 SOCK(PROTO_TCP, "::", 443, 1002),
						 {.local = NULL}};
	struct space *space;

	(void)state;
	memset(&host, 0, sizeof(host));
	hand_start(&host.rules);
	responses_init(&host.responses);
	host.snapshot = hand_snapshot();
	host.snapshot->host = hand_host();
	host.out_ifindex = ETH0;
	space = &host.snapshot->spaces[0];
	space->links = &path_link_table;
	space->addresses = &path_address_table;
	space->local_routes = &path_local_table;
	host_forwards(false);
	host_serves(web);
	return 0;
}

static inline int host_end(void **state)
{
	struct space *space = &host.snapshot->spaces[0];

	(void)state;
	space->links = NULL;
	space->addresses = NULL;
	space->local_routes = NULL;
	table_unref(host.snapshot);
	responses_release(&host.responses);
	return 0;
}

static inline bool is_address_of_host(const struct addr *a)
{
	return address_is_here(&path_address_table, &path_local_table, a) == TRI_YES;
}

static inline void host_answer(struct response *r)
{
	const struct route_ask *ask = &r->question.route;
	struct route_answer *t = table_new(sizeof(*t), NULL);
	bool is_here = is_address_of_host(&ask->target);

	t->error = ask->in_ifindex ? host.in_error : is_here ? 0 : host.out_error;
	t->type = is_here ? TYPE_LOCAL : TYPE_UNICAST;
	t->out_ifindex = is_here ? LO : host.out_ifindex;
	if (!is_here)
		t->gateway = host.gateway;
	r->table = t;
	r->state = RESPONSE_WHOLE;
	host.last = r->question;
	host.n_asked++;
}

static inline struct path_world host_world(void)
{
	return (struct path_world){
		.snapshot = host.snapshot,
		.space = &host.snapshot->spaces[0],
		.rules = host.has_no_rules ? NULL : &host.rules.r,
		.settings = host.has_no_settings ? NULL : &host.settings,
		.neighbours = &host.neighbours,
		.responses = &host.responses,
	};
}

/* Walks, answers what is asked, and walks again. */
static inline struct path host_walk(struct path_ask ask)
{
	struct path_world w = host_world();
	struct path p;

	for (int rounds = 0; rounds < 16; rounds++) {
		if (path_walk(&w, &ask, &p))
			abort();
		if (!p.n_needs || host.is_silent)
			return p;
		for (size_t i = 0; i < p.n_needs; i++)
			host_answer(responses_add(&host.responses, &p.needs[i]));
	}
	abort();
}

static inline struct path_ask syn(const char *client, const char *server, uint16_t port)
{
	return (struct path_ask){.proto = IPPROTO_TCP,
				 .client = client ? hand_addr(client) : (struct addr){0},
				 .client_port = client ? 40000 : 0,
				 .server = hand_addr(server),
				 .server_port = port};
}

static inline struct path walk_from(const char *client, const char *server, uint16_t port)
{
	return host_walk(syn(client, server, port));
}

/* ---- rules ---- */

static inline uint32_t base_in(enum fw_hook hook, int32_t priority, bool drops)
{
	struct hand_rules *h = &host.rules;

	return hand_base(h, h->r.n_tables ? 0 : hand_firewall_table(h, NFPROTO_INET), hook,
			 priority, drops);
}

static inline uint32_t nat_in(enum fw_hook hook)
{
	uint32_t c = base_in(hook, -100, false);

	host.rules.chains[c].type = FW_NAT;
	return c;
}

#define HOST_RULE(...) RULE(&host.rules, __VA_ARGS__)

/* Word 0 the address, word 4 the port. */
#define X_LET(word, ...)                                                               \
	{                                                                              \
		.kind = FW_EXPR_IMMEDIATE, .dreg = (word), .value = BYTES(__VA_ARGS__) \
	}
#define X_DNAT(has_address, has_port)                                             \
	{                                                                         \
		.kind = FW_EXPR_NAT, .key = NFT_NAT_DNAT, .family = NFPROTO_IPV4, \
		.sreg = (has_address) ? 0 : FW_NO_REG, .sreg2 = FW_NO_REG,        \
		.sreg3 = (has_port) ? 4 : FW_NO_REG, .sreg4 = FW_NO_REG           \
	}
#define X_REDIRECT                                                    \
	{                                                             \
		.kind = FW_EXPR_REDIR, .sreg3 = 4, .sreg4 = FW_NO_REG \
	}
#define X_REJECT_RESET                                            \
	{                                                         \
		.kind = FW_EXPR_REJECT, .key = NFT_REJECT_TCP_RST \
	}
#define X_NOTRACK                       \
	{                               \
		.kind = FW_EXPR_NOTRACK \
	}
/* Of the network 203.0.113.0/24. */
#define X_FROM_DOC X_LOAD(NFT_PAYLOAD_NETWORK_HEADER, 12, 3, 0), X_EQ(0, 203, 0, 113)

/* ---- what came out ---- */

/* NULL: the leg has none of this place. */
static inline const struct path_hop *hop_at(const struct path_leg *leg, enum place_kind at)
{
	for (size_t i = 0; i < leg->n_hops; i++)
		if (leg->hops[i].place == at)
			return &leg->hops[i];
	return NULL;
}

static inline bool is_unsure_of(const struct path_leg *leg, uint32_t rule, const char *why)
{
	for (size_t i = 0; i < leg->n_unsure; i++)
		if (leg->unsure[i].rule == rule && !strcmp(leg->unsure[i].why, why))
			return true;
	return false;
}

#define IN_HOST(test) cmocka_unit_test_setup_teardown(test, host_start, host_end)

#endif
