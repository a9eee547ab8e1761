/*
 * Any bytes as rules, routes and a packet: the walk of it. What is certain for nobody in
 * particular must be so for everybody.
 */
#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/fuzz/parts.h"
#include "tests/unit/path_host.h"

enum { CHAINS_MAX = 8, RULES_MAX = 40 };

struct input {
	const uint8_t *at;
	size_t left;
};

static uint8_t take(struct input *in)
{
	if (!in->left)
		return 0;
	in->left--;
	return *in->at++;
}

/* ---- rules ---- */

#define FEW_MAX 4
/* Some expressions; their bytes live as long as the program. */
struct few {
	struct fw_expr exprs[FEW_MAX];
	size_t n;
};

static const struct few tests[8] = {
	{{X_PORT_IS(80)}, 2},
	{{X_PORT_IS(8080)}, 2},
	{{X_FROM_DOC}, 2},
	{{X_LIMIT}, 1},
	{{X_META(NFT_META_IIFNAME, 0), X_EQ(0, 'e', 't', 'h', '0', 0)}, 2},
	{{X_META(NFT_META_OIFNAME, 0), X_EQ(0, 'e', 't', 'h', '1', 0)}, 2},
	{{X_CT(NFT_CT_STATE, 0), X_EQ(0, 8, 0, 0, 0)}, 2},
	{{X_COUNTER}, 1},
};

static const struct few ends[9] = {
	{{X_ACCEPT}, 1},
	{{X_DROP}, 1},
	{{X_REJECT_RESET}, 1},
	{{X_LET(4, 0, 80), X_DNAT(false, true)}, 2},
	{{X_LET(0, 192, 168, 7, 80), X_LET(4, 0, 80), X_DNAT(true, true)}, 3},
	{{X_LET(4, 0, 80), X_REDIRECT}, 2},
	{{X_NOTRACK}, 1},
	{{{.kind = FW_EXPR_QUEUE}}, 1},
	{{X_COUNTER}, 1},
};

static size_t put(struct fw_expr *exprs, const struct few *f)
{
	memcpy(exprs, f->exprs, f->n * sizeof(*exprs));
	return f->n;
}

static void make_rules(struct input *in)
{
	static const int32_t priorities[] = {-300, -150, -100, 0, 10, 100};
	size_t n_chains = take(in) % CHAINS_MAX;

	for (size_t i = 0; i < n_chains; i++) {
		uint8_t what = take(in);
		size_t n_rules = take(in) % 6;
		uint32_t c =
			base_in(what % FW_INGRESS, priorities[take(in) % 6], what & 0x40);

		if (what & 0x80)
			host.rules.chains[c].type = FW_NAT;
		for (size_t k = 0; k < n_rules; k++) {
			struct fw_expr exprs[HAND_EXPRS];
			uint8_t kinds = take(in);
			size_t n = put(exprs, &tests[kinds % 8]);

			n += put(exprs + n, &tests[kinds / 8 % 8]);
			n += put(exprs + n, &ends[take(in) % 9]);
			if (host.rules.r.n_rules < RULES_MAX)
				hand_rule(&host.rules, exprs, n);
		}
	}
}

/* ---- what must be true of any walk ---- */

static bool is_certain(const struct path_leg *leg)
{
	return leg->is_walked && leg->verdict != PATH_UNSURE;
}

static void check_leg(const struct path_leg *leg)
{
	size_t n_rules = host.rules.r.n_rules, n_chains = host.rules.r.n_chains;

	if (!leg->is_walked)
		return;
	assert(leg->n_hops > 0 && leg->n_hops <= PATH_HOPS_MAX);
	assert(leg->verdict != PATH_UNSURE || leg->n_unsure);
	assert(leg->chain == UINT32_MAX || leg->chain < n_chains);
	assert(leg->rule == UINT32_MAX || leg->rule < n_rules);
	if (leg->verdict == PATH_DROP || leg->verdict == PATH_REJECT)
		assert(leg->decided_by != DECIDER_NONE &&
		       leg->decided_by != DECIDER_OPAQUE);
	for (size_t i = 0; i < leg->n_hops; i++) {
		const struct path_hop *h = &leg->hops[i];

		assert(h->place < N_PLACES && *place_word(h->place));
		assert(*path_outcome_word(h->outcome));
		assert(h->chain == UINT32_MAX || h->chain < n_chains);
		assert(h->rule == UINT32_MAX || h->rule < n_rules);
	}
	for (size_t i = 0; i < leg->n_unsure; i++)
		assert(leg->unsure[i].why);
}

static void check(const struct path *p)
{
	check_leg(&p->request);
	check_leg(&p->reply);
	assert(!p->n_needs || host.is_silent);
	assert(!(p->is_local && p->is_forwarded) || !is_certain(&p->request));
	assert(!p->socket || p->is_served != TRI_NO);
}

/* A client that a route is there for meets the same rules as nobody in particular. */
static void check_everybody(const struct path_ask *ask, const struct path *nobody)
{
	static const char *const clients[] = {"203.0.113.9", "198.51.100.1"};

	for (size_t i = 0; i < N_OF(clients); i++) {
		struct path_ask of = *ask;
		struct path p;

		of.client = hand_addr(clients[i]);
		of.client_port = (uint16_t)(40000 + i);
		p = host_walk(of);
		check(&p);
		if (is_certain(&nobody->request) && !host.in_error)
			assert(p.request.verdict == nobody->request.verdict);
	}
}

static void check_behind(const struct path *p)
{
	struct path_world w = host_world();
	struct path behind;

	if (!path_walk_behind(&w, &p->ask, p, &behind)) {
		check_leg(&behind.request);
		check_leg(&behind.reply);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const servers[] = {"10.0.0.5", "192.168.7.80", "127.0.0.1",
					      "192.168.7.1"};
	struct input in = {data, size};
	struct path_ask ask;
	struct path p;
	uint8_t flags;

	host_start(NULL);
	flags = take(&in);
	host.in_error = flags & 1 ? EXDEV : 0;
	host.out_error = flags & 2 ? ENETUNREACH : 0;
	host.is_silent = flags & 4;
	host.out_ifindex = flags & 8 ? ETH1 : ETH0;
	host_forwards(flags & 16);
	ask = syn(NULL, servers[flags >> 6], take(&in) & 1 ? 80 : 8080);
	ask.in_ifindex = flags & 32 ? ETH0 : 0;
	make_rules(&in);
	p = host_walk(ask);
	check(&p);
	if (!host.is_silent && ask.in_ifindex)
		check_everybody(&ask, &p);
	ask.client = hand_addr("203.0.113.9");
	p = host_walk(ask);
	check(&p);
	check_behind(&p);
	host_end(NULL);
	return 0;
}
