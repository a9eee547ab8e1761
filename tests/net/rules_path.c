/*
 * rules_path: what core/path says of packets, one a line on standard input (PROTO SADDR
 * SPORT DADDR DPORT FLAGS STATE DEVICE; DEVICE "-": this host sends it), one JSON line each
 * on standard output. The ruleset, links, addresses and routes are those of the network
 * namespace that it runs in. For test_rules_random.py, which sends the same packets. With
 * --counters: the counters of the rules as one JSON line.
 *
 * The hooks of core/path are compiled in here so that each run of the evaluator can be
 * seen: which rules matched, and what the packet looked like when it left.
 */
#include <jansson.h>
#include <net/if.h>
#include <netinet/in.h>
#include <linux/netfilter.h>
#include <netinet/tcp.h>
#include <time.h>

#include "core/path/walking.h"
#include "tests/net/packet_words.h"
#include "tests/net/rules_host.h"

static int seen_run(const struct ruleset *r, enum fw_hook hook, struct fw_packet *p,
		    const struct fw_lookups *lookups, struct fw_choices *choices,
		    struct fw_result *out);

#define firewall_run seen_run
#include "core/path/hooks.c"
#undef firewall_run

/* What was seen of the first way; what left as the request, and as the reply. */
static struct {
	const struct ruleset *rules;
	json_t *matched;
	struct fw_packet left[2];
	bool has_left[2];
	bool has_asked;
	bool is_established; /* what is asked; walks of other packets are not looked at */
} seen;

static json_t *name_of(const struct ruleset *r, enum fw_hook hook, uint32_t rule)
{
	const struct fw_chain *c = &r->chains[r->rules[rule].chain];
	const struct fw_table *t = &r->tables[c->table];

	bool is_legacy = t->backend == FW_LEGACY; /* those have no handles */

	return json_pack("[i, s, s%, s%, I]", (int)hook,
			 !is_legacy                  ? fw_family_word(t->family)
			 : t->family == NFPROTO_IPV6 ? "legacy ip6"
						     : "legacy ip",
			 t->name.bytes, t->name.len, c->name.bytes, c->name.len,
			 is_legacy ? (json_int_t)r->rules[rule].index
				   : (json_int_t)r->rules[rule].handle);
}

static int seen_run(const struct ruleset *r, enum fw_hook hook, struct fw_packet *p,
		    const struct fw_lookups *lookups, struct fw_choices *choices,
		    struct fw_result *out)
{
	const struct walking *k = lookups->arg;
	int error = firewall_run(r, hook, p, lookups, choices, out);
	bool is_reply = k->leg == &k->path->reply;

	if (error || r != seen.rules || k->path->ask.is_established != seen.is_established)
		return error;
	seen.has_asked |= choices->n > 0 || choices->n_given > 0;
	if (seen.has_asked)
		return 0;
	for (size_t i = 0; i < out->steps.n; i++) {
		const struct fw_step *s = vec_at(&out->steps, i);

		if (s->rule != FW_NONE && !is_reply)
			json_array_append_new(seen.matched, name_of(r, hook, s->rule));
	}
	if (hook == FW_EGRESS) {
		seen.left[is_reply] = *p;
		seen.has_left[is_reply] = true;
	}
	return 0;
}

static bool read_ask(const char *line, struct path_ask *ask)
{
	char proto[8], from[64], to[64], what[16], state[16], device[IF_NAMESIZE];
	unsigned sport, dport;

	*ask = (struct path_ask){.ttl = 64};
	if (sscanf(line, "%7s %63s %u %63s %u %15s %15s %15s", proto, from, &sport, to,
		   &dport, what, state, device) != 8 ||
	    addr_parse(&ask->client, from) || addr_parse(&ask->server, to))
		return false;
	ask->client_port = (uint16_t)sport;
	ask->server_port = (uint16_t)dport;
	ask->proto = strcmp(proto, "tcp") ? IPPROTO_UDP : IPPROTO_TCP;
	ask->tcp_flags = ask->proto == IPPROTO_TCP ? flags_of(what) : 0;
	ask->is_established = !strcmp(state, "established");
	ask->is_from_here = !strcmp(device, "-");
	ask->in_ifindex = ask->is_from_here ? 0 : if_nametoindex(device);
	return true;
}

static json_t *reasons_of(const struct path_leg *leg)
{
	json_t *why = json_array();

	for (size_t i = 0; i < leg->n_unsure; i++)
		json_array_append_new(why, json_string(leg->unsure[i].why));
	return why;
}

static json_t *leg_json(const struct path_leg *leg)
{
	json_t *o;

	if (!leg->is_walked)
		return json_null();
	o = json_pack("{s:s, s:s, s:o}", "verdict", path_verdict_word(leg->verdict), "at",
		      place_word(leg->at), "why", reasons_of(leg));
	if (leg->verdict == PATH_REJECT)
		json_object_set_new(o, "reject",
				    json_pack("[b, i, i]", leg->reject.is_reset,
					      (int)leg->reject.type,
					      (int)leg->reject.code));
	return o;
}

/* Where an address or port is not known it is left out. */
static json_t *left_json(const struct fw_packet *p)
{
	char from[ADDR_TEXT_MAX], to[ADDR_TEXT_MAX];

	if (p->is_source_unknown || p->is_sport_unknown || p->is_destination_unknown ||
	    p->is_dport_unknown)
		return json_null();
	return json_pack("[s%, s, i, s, i]", p->oif.bytes, p->oif.len,
			 addr_format(&p->saddr, from), (int)p->sport,
			 addr_format(&p->daddr, to), (int)p->dport);
}

static void answer(const struct path *p)
{
	char to[ADDR_TEXT_MAX];
	json_t *left = json_array(), *all;

	for (size_t i = 0; i < 2; i++)
		json_array_append_new(left, seen.has_left[i] ? left_json(&seen.left[i])
							     : json_null());
	all = json_pack("{s:o, s:o, s:b, s:b, s:s, s:i, s:o, s:O, s:b}", "request",
			leg_json(&p->request), "reply", leg_json(&p->reply), "local",
			p->is_local, "forwarded", p->is_forwarded, "to",
			addr_format(&p->server, to), "port", (int)p->server_port, "left",
			left, "matched", seen.matched, "asked", seen.has_asked);
	json_dumpf(all, stdout, JSON_COMPACT);
	putchar('\n');
	json_decref(all);
}

static int walk(struct rules_host *host, const struct path_ask *ask)
{
	struct path_world w = host_world(host);
	struct timespec now;
	static struct path p;

	clock_gettime(CLOCK_REALTIME, &now);
	w.wall_ns = now.tv_sec * 1000000000LL + now.tv_nsec;
	for (int round = 0; round < HOST_ROUNDS_MAX; round++) {
		seen.matched = json_array();
		seen.has_left[0] = seen.has_left[1] = false;
		seen.has_asked = false;
		seen.is_established = ask->is_established;
		if (path_walk(&w, ask, &p))
			return -1;
		if (!p.n_needs)
			answer(&p);
		json_decref(seen.matched);
		if (!p.n_needs)
			return 0;
		for (size_t i = 0; i < p.n_needs; i++)
			if (!host_answer(host, &p.needs[i]))
				return -1;
	}
	return -1;
}

/* Of every rule that counts: its hook is left open. */
static void list_counters(const struct ruleset *r)
{
	json_t *all = json_array();

	for (uint32_t i = 0; i < r->n_rules; i++) {
		json_t *row;

		if (!r->rules[i].has_counter)
			continue;
		row = name_of(r, FW_PREROUTING, i);
		json_array_append_new(row, json_integer((json_int_t)r->rules[i].packets));
		json_array_append_new(all, row);
	}
	json_dumpf(all, stdout, JSON_COMPACT);
	json_decref(all);
}

int main(int argc, char **argv)
{
	struct rules_host host;
	char line[256];
	int error = host_read(&host);

	if (error) {
		fprintf(stderr, "rules_path: the host cannot be read: %s\n",
			strerror(-error));
		return 1;
	}
	seen.rules = host.rules;
	if (argc > 1 && !strcmp(argv[1], "--counters")) {
		list_counters(host.rules);
		host_release(&host);
		return 0;
	}
	while (fgets(line, sizeof(line), stdin)) {
		struct path_ask ask;

		if (!read_ask(line, &ask) || walk(&host, &ask)) {
			fprintf(stderr, "rules_path: not walked: %s", line);
			return 2;
		}
	}
	host_release(&host);
	return 0;
}
