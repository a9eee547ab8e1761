/*
 * rules_exposure [WAYS [FIRST [DOUBT]]]: exposure of this network namespace against single
 * packets. Addresses and prefixes on standard input, one a line, are tried besides the ends
 * of every span that was found, their neighbours, networks in every so many, and some at
 * random. Each source is run through the hooks alone, without core/path; who gets it must
 * be who is said to. Of WAYS ways in, from the FIRST on, every network of 24 bits of IPv4.
 * One JSON line: {tried, open, closed, unsure, wrong: [...], cut, swept: packets of whole
 * ways, ways, of}. For test_exposure.py; listeners are those of test_rules.py's host.
 */
#include <jansson.h>
#include <stdio.h>

#include "tests/net/exposure_sweep.h"

enum {
	SOURCES_MAX = 400000,
	RANDOM_V6 = 4000,
	GRID_BITS = 48,
	GRID_FROM = 36,
	ROUNDS_MAX = 8
};

/* ---- which sources ---- */

static struct addr *sources;
static size_t n_sources;

static void add(struct addr a)
{
	if (n_sources < SOURCES_MAX)
		sources[n_sources++] = a;
}

static void add_around(struct addr a)
{
	struct addr before = a, behind = a;

	add(a);
	if (fw_addr_previous(&before))
		add(before);
	if (fw_addr_next(&behind))
		add(behind);
}

/* ---- IPv6: networks of 48 bits ---- */

static struct addr v6_with(const struct addr *a, unsigned prefix_len, bool is_end)
{
	struct addr out = *a;
	struct addr low = *a;

	addr_bits_span(a->bytes, 16, prefix_len, low.bytes, out.bytes);
	return is_end ? out : low;
}

static void add_v6_network(const struct addr *a, unsigned prefix_len)
{
	add_around(v6_with(a, prefix_len, false));
	add_around(v6_with(a, prefix_len, true));
}

/* Each network of 48 bits in a prefix that has few of them, else those at its ends; and
 * those beside it. */
static void add_grid(const struct addr *a, unsigned prefix_len)
{
	struct addr at = v6_with(a, prefix_len, false), end = v6_with(a, prefix_len, true);
	struct addr before = at;

	add_v6_network(a, prefix_len);
	add_v6_network(&at, GRID_BITS);
	add_v6_network(&end, GRID_BITS);
	if (fw_addr_previous(&before))
		add_v6_network(&before, GRID_BITS);
	while (prefix_len >= GRID_FROM && prefix_len < GRID_BITS &&
	       addr_compare(&at, &end) < 0) {
		struct addr last = v6_with(&at, GRID_BITS, true);

		add(at);
		add(last);
		at = last;
		if (!fw_addr_next(&at))
			return;
	}
	if (fw_addr_next(&end))
		add_v6_network(&end, GRID_BITS);
}

/* The same ones each time. Every second one is near an address that was named. */
static void add_random_v6(void)
{
	size_t n_named = n_sources;
	uint64_t seed = 20250101;

	for (size_t i = 0; i < RANDOM_V6; i++) {
		struct addr a = {.family = AF_INET6};
		size_t keeps = 0;

		for (size_t k = 0; k < 16; k++) {
			seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407U;
			a.bytes[k] = (uint8_t)(seed >> 56);
		}
		if (i % 2 && n_named && sources[seed % n_named].family == AF_INET6)
			keeps = 1 + seed / 977 % 15;
		memcpy(a.bytes, sources[n_named ? seed % n_named : 0].bytes, keeps);
		add(a);
	}
}

static void add_named(char *line)
{
	char *slash = strchr(line, '/');
	unsigned prefix_len = 128;
	struct addr a;

	if (slash) {
		*slash = 0;
		prefix_len = (unsigned)strtoul(slash + 1, NULL, 10);
	}
	if (addr_parse(&a, line))
		return;
	add_around(a);
	if (a.family == AF_INET6 && prefix_len <= 128)
		add_grid(&a, prefix_len);
}

/* ---- all of them ---- */

static void add_found(const struct exposure *x)
{
	for (size_t i = 0; i < x->listeners.n; i++) {
		const struct exposure_listener *l = vec_at(&x->listeners, i);

		for (size_t k = 0; k < l->ways.n; k++) {
			const struct exposure_way *way = vec_at(&l->ways, k);

			for (size_t j = 0; j < way->open.n && j < 500; j++) {
				const struct exposure_span *s = vec_at(&way->open, j);

				add_around(s->low);
				add_around(s->high);
			}
			for (size_t j = 0; j < way->doubts.n && j < 500; j++) {
				const struct exposure_doubt *d = vec_at(&way->doubts, j);

				add_around(d->span.low);
				add_around(d->span.high);
			}
		}
	}
}

static void add_networks(uint32_t from, uint32_t to, uint32_t step)
{
	for (uint64_t at = from; at <= to; at += step) {
		uint32_t n = (uint32_t)at | (uint32_t)(at * 2654435761U) >> 28;
		uint8_t b[4] = {(uint8_t)(n >> 24), (uint8_t)(n >> 16), (uint8_t)(n >> 8),
				(uint8_t)n};

		add(addr_v4(b));
	}
}

static void gather(const struct exposure *x)
{
	char line[128];

	while (fgets(line, sizeof(line), stdin)) {
		line[strcspn(line, "\n")] = 0;
		add_named(line);
	}
	add_random_v6();
	add_found(x);
	add_networks(0, UINT32_MAX, 1U << 21);
	add_networks(0x0a080000, 0x0a09ffff, 1U << 8);
	add_networks(0xc6330000, 0xc633ffff, 1U << 8);
	add_networks(0x0a090000, 0x0a0900ff, 1);
	add_networks(0xc6336400, 0xc63364ff, 1);
}

static bool is_excluded(const struct exposure *x, const struct addr *a)
{
	for (size_t i = 0; i < x->excluded.n; i++)
		if (is_in(vec_at(&x->excluded, i), a))
			return true;
	return false;
}

/* ---- the comparison ---- */

static void try_one(struct score *s, const struct rules_host *host,
		    const struct exposure *x, const struct asked *a,
		    const struct addr *from)
{
	struct outcome o = brute(host, a, from);
	enum said said[N_SOCKETS];

	for (size_t i = 0; i < N_SOCKETS; i++)
		said[i] = look_up(vec_at(&x->listeners, i), a, from);
	compare(s, &o, x->is_cut || may_doubt, a, from, said);
}

static void try_all(struct score *s, const struct rules_host *host,
		    const struct exposure *x, const struct asked *a)
{
	/* All of them at one port; at the others each fourth. */
	size_t step = a->port == 80 ? 1 : 4;

	for (size_t i = a->port % step; i < n_sources; i += step)
		if (sources[i].family == a->to.family && !is_excluded(x, &sources[i]))
			try_one(s, host, x, a, &sources[i]);
}

static void try_address(struct score *s, const struct rules_host *host,
			const struct exposure *x, const struct address_row *row)
{
	static const struct {
		uint8_t proto;
		uint16_t port;
	} ports[] = {{IPPROTO_TCP, 22},   {IPPROTO_TCP, 80},   {IPPROTO_TCP, 443},
		     {IPPROTO_TCP, 8080}, {IPPROTO_TCP, 8000}, {IPPROTO_UDP, 53},
		     {IPPROTO_TCP, 9999}};
	static const char *const devices[] = {"srv0", "oth0"};

	for (size_t i = 0; i < sizeof(ports) / sizeof(*ports); i++)
		for (size_t k = 0; k < 2; k++) {
			struct asked a = {ports[i].proto, row->local, ports[i].port,
					  if_nametoindex(devices[k])};

			if (!addr_is_loopback(&a.to) && !addr_is_link_local(&a.to))
				try_all(s, host, x, &a);
		}
}

static void try_samples(struct score *s, const struct rules_host *host,
			const struct exposure *x)
{
	gather(x);
	for (size_t i = 0; i < host->space->addresses->n; i++)
		try_address(s, host, x, &host->space->addresses->rows[i]);
}

/* ---- the words ---- */

static json_t *wrong_json(const struct score *s)
{
	json_t *all = json_array();

	for (size_t i = 0; i < s->n_wrong && i < WRONG_MAX; i++) {
		const struct wrong *w = &s->wrong[i];
		char to[ADDR_TEXT_MAX], by[ADDR_TEXT_MAX];

		json_array_append_new(
			all,
			json_pack("[s, s, i, i, i, i, i, i]", addr_format(&w->from, by),
				  addr_format(&w->asked.to, to), (int)w->asked.port,
				  (int)w->asked.proto, (int)w->asked.ifindex,
				  (int)w->listener, (int)w->said, (int)w->wanted));
	}
	return all;
}

static void print(const struct score *s, size_t swept, size_t n_ways, size_t n_all,
		  bool is_cut)
{
	json_t *o = json_pack("{s:I, s:I, s:I, s:I, s:o, s:I, s:b, s:I, s:I, s:I}", "tried",
			      (json_int_t)s->tried, "open", (json_int_t)s->open, "closed",
			      (json_int_t)s->closed, "unsure", (json_int_t)s->unsure,
			      "wrong", wrong_json(s), "differences", (json_int_t)s->n_wrong,
			      "cut", is_cut, "swept", (json_int_t)swept, "ways",
			      (json_int_t)n_ways, "of", (json_int_t)n_all);

	json_dumpf(o, stdout, JSON_COMPACT);
	putchar('\n');
	json_decref(o);
}

static bool try_ways(struct score *s, const struct rules_host *host,
		     const struct exposure *x, const struct sweep_ways *ways, size_t n,
		     size_t first)
{
	for (size_t i = 0; i < n; i++)
		if (!sweep_way(s, host, x, &ways->rows[(first + i) % ways->n]))
			return false;
	return true;
}

static bool examine(const struct rules_host *host, const struct exposure *x, size_t n,
		    size_t first)
{
	struct score s = {0};
	struct sweep_ways ways;
	size_t n_sampled;

	brute_start(host);
	sweep_find_ways(&ways, host, x);
	n = n < ways.n ? n : ways.n;
	try_samples(&s, host, x);
	n_sampled = s.tried;
	if (!try_ways(&s, host, x, &ways, n, first))
		return false;
	print(&s, s.tried - n_sampled, n, ways.n, x->is_cut);
	return true;
}

/* Until no set is left to be asked for. */
static bool find_out(struct rules_host *host, struct path_world *w, struct exposure *x)
{
	static const struct exposure_wish all;

	for (int round = 0; round < ROUNDS_MAX; round++) {
		if (exposure_find(w, &all, x))
			return false;
		if (!x->n_needs)
			return true;
		for (size_t i = 0; i < x->n_needs; i++)
			host_answer(host, &x->needs[i]);
		exposure_release(x);
		w->responses = &host->responses;
	}
	return false;
}

int main(int argc, char **argv)
{
	struct rules_host host;
	struct exposure x;
	struct path_world w;
	struct timespec now;
	bool is_done;

	sources = calloc(SOURCES_MAX, sizeof(*sources));
	if (!sources || host_read(&host))
		return 1;
	make_listeners(&host);
	w = host_world(&host);
	clock_gettime(CLOCK_REALTIME, &now);
	w.wall_ns = now.tv_sec * 1000000000LL + now.tv_nsec;
	may_doubt = argc > 3;
	if (!find_out(&host, &w, &x) || x.listeners.n != N_SOCKETS)
		return 1;
	is_done = examine(&host, &x, argc > 1 ? strtoul(argv[1], NULL, 10) : 0,
			  argc > 2 ? strtoul(argv[2], NULL, 10) : 0);
	exposure_release(&x);
	host.space->tcp = host.space->udp = NULL;
	host.snapshot->endpoints = NULL;
	host.snapshot->n_endpoints = 0;
	host_release(&host);
	free(sources);
	return is_done ? 0 : 1;
}
