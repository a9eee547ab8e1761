/*
 * dport path: which packets are meant, what their ways need to be known, and the document.
 * The way itself is core/path, its words are core/report.
 */
#include "tui/command/cloud_file.h"
#include "tui/command/path_command.h"

#include <langinfo.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/time.h"
#include "core/report/path_page.h"
#include "core/services/target.h"
#include "tui/live/diagnose.h"
#include "tui/command/diagnose_command.h"
#include "tui/command/looking.h"
#include "tui/command/path_walk.h"

enum { FAMILIES = 2 };

/* One word of the call. */
struct goal {
	const char *word;
	struct target target;
	struct addr address; /* none: not named */
	bool is_from_here;
};

struct path_command {
	struct cloud_rules *cloud; /* NULL: no file was named */
	struct looking look;
	const struct cli *cli;
	struct snapshot *snapshot; /* a reference; the packet is chosen and walked in it */
	const struct space *space;
	struct addr client; /* none: not named */
	uint16_t client_port;
	uint32_t in_ifindex;
	struct vec goals;    /* struct goal */
	struct vec asks, of; /* struct path_ask, and of which goal (size_t) each is */
	struct path_pool *pool;
	struct path_trips *trips; /* of asks */
	size_t n_trips;           /* that are done */
};

static int say(struct path_command *c, int code, const char *format, const char *word)
{
	fputs("dport: ", stderr);
	fprintf(stderr, format, word);
	fputc('\n', stderr);
	c->look.code = code;
	return code;
}

/* ---- which packet ---- */

static void parse_word(struct path_command *c, struct goal *g)
{
	char error[TARGET_ERROR_MAX];

	if (target_parse(&g->target, g->word, c->snapshot->port_names, error)) {
		say(c, EXIT_USAGE, "%s", error);
		return;
	}
	diagnose_keep_served(&g->target, c->snapshot, c->space);
	if (c->cli->flags && g->target.ports[0].proto != IPPROTO_TCP)
		say(c, EXIT_USAGE, "--flags goes with TCP, and '%s' is not", g->word);
	g->address = addr_unmapped(&g->target.address);
}

static void find_device(struct path_command *c)
{
	const struct link_table *t = c->space->links;

	if (!c->cli->in_device)
		return;
	for (size_t i = 0; t && i < t->n; i++)
		if (text_equals_str(t->rows[i].name, c->cli->in_device))
			c->in_ifindex = t->rows[i].ifindex;
	if (!c->in_ifindex)
		say(c, t ? EXIT_USAGE : EXIT_UNKNOWN,
		    t ? "--in: there is no interface '%s' here"
		      : "--in %s: the interfaces could not be read",
		    c->cli->in_device);
}

static enum tri is_here(const struct path_command *c, const struct addr *a)
{
	return addr_is_loopback(a)
		       ? TRI_YES
		       : address_is_here(c->space->addresses, c->space->local_routes, a);
}

/* A name of this host's own, or an address in front of it: whatever is published here. */
static void widen_address(const struct path_command *c, struct goal *g)
{
	bool is_name = g->target.host[0] && !g->target.address.family;
	bool is_server = c->cli->role && !strcmp(c->cli->role, "server");

	if (is_name && addr_is_loopback(&g->address) && !g->is_from_here) {
		fprintf(stderr,
			"dport: '%s' is this host's own name: its published address is "
			"taken.\n",
			g->target.host);
		g->address = (struct addr){0};
	} else if (is_server && is_here(c, &g->address) == TRI_NO) {
		fprintf(stderr, "dport: %s is not here: a published address is taken.\n",
			g->target.host);
		g->address = (struct addr){0};
	}
}

/* Not for this host, and nobody says from where: this host sends it. */
static void choose_origin(const struct path_command *c, struct goal *g)
{
	bool is_remote = c->client.family || c->in_ifindex || c->cli->origin ||
			 (c->cli->role && !strcmp(c->cli->role, "router"));

	if (g->is_from_here || is_remote || is_here(c, &g->address) != TRI_NO)
		return;
	fprintf(stderr,
		"dport: %s is not an address of this host, so this host sends the packet; "
		"--from or --in says otherwise.\n",
		g->target.host);
	g->is_from_here = true;
}

static void check_client(struct path_command *c, const struct goal *g)
{
	char text[ADDR_TEXT_MAX];

	if (!c->client.family)
		return;
	if (g->address.family && g->address.family != c->client.family)
		say(c, EXIT_USAGE, "--from %s and the target are of two address families",
		    addr_format(&c->client, text));
	else if (g->is_from_here && is_here(c, &c->client) == TRI_NO)
		say(c, EXIT_USAGE,
		    "--from %s is no address of this host, which would send it",
		    addr_format(&c->client, text));
	else if (c->cli->family && c->cli->family != c->client.family)
		say(c, EXIT_USAGE, "--from %s is not of the --family that is asked for",
		    addr_format(&c->client, text));
}

/* A name is asked of the resolver once, however many ports of it are named. */
static struct addr resolve(struct path_command *c, const struct goal *g)
{
	for (size_t i = 0; i < c->goals.n; i++) {
		const struct goal *other = vec_at(&c->goals, i);

		if (other == g)
			break;
		if (!strcmp(other->target.host, g->target.host) && other->address.family)
			return other->address;
	}
	return looking_resolve(&c->look, g->target.host, c->client.family);
}

static void choose_packet(struct path_command *c, struct goal *g)
{
	struct path_ask words = {0};

	path_take_words(c->cli, &words);
	g->is_from_here = words.is_from_here;
	parse_word(c, g);
	if (!c->look.code && g->target.host[0] && !g->address.family)
		g->address = resolve(c, g);
	if (!c->look.code && g->address.family) {
		widen_address(c, g);
		if (g->address.family)
			choose_origin(c, g);
	}
	if (!c->look.code)
		check_client(c, g);
}

static void add_goal(struct path_command *c, const char *word)
{
	struct goal *g = vec_push(&c->goals);

	if (!g) {
		c->look.code = EXIT_INTERNAL;
		return;
	}
	*g = (struct goal){.word = word};
	choose_packet(c, g);
}

static void choose_packets(struct path_command *c)
{
	c->snapshot = table_ref(c->look.snapshot);
	c->space = diagnose_space(c->snapshot, &c->cli->refresh.space);
	if (!c->space) {
		say(c, EXIT_UNKNOWN, "the namespace could not be read%s", "");
		return;
	}
	if (c->cli->from)
		diagnose_parse_from(c->cli->from, &c->client, &c->client_port);
	find_device(c);
	for (int i = 0; i < c->cli->n_words && !c->look.code; i++)
		add_goal(c, c->cli->words[i]);
}

/* ---- the addresses ---- */

static bool is_published(const struct address_row *row)
{
	return !addr_is_loopback(&row->local) && !addr_is_link_local(&row->local) &&
	       !addr_is_multicast(&row->local);
}

/* Where such a packet would be aimed at: an address of the interface that it comes in by,
 * else any that others can see. None of a family that the client has not. */
static struct addr published(const struct path_command *c, int family)
{
	const struct address_table *t = c->space->addresses;
	const struct address_row *found = NULL;

	for (size_t i = 0; t && i < t->n; i++) {
		const struct address_row *row = &t->rows[i];

		if (row->local.family != family || !is_published(row))
			continue;
		if (!found ||
		    (found->ifindex != c->in_ifindex && row->ifindex == c->in_ifindex))
			found = row;
	}
	return found ? found->local : (struct addr){0};
}

static bool is_family_wanted(const struct path_command *c, int family)
{
	if (c->cli->family && c->cli->family != family)
		return false;
	return !c->client.family || c->client.family == family;
}

/* Returns how many. */
static size_t choose_addresses(const struct path_command *c, const struct goal *g,
			       struct addr out[FAMILIES])
{
	static const int families[FAMILIES] = {AF_INET, AF_INET6};
	static const uint8_t localhost[4] = {127, 0, 0, 1};
	size_t n = 0;

	if (g->address.family) {
		out[0] = g->address;
		return is_family_wanted(c, g->address.family);
	}
	for (size_t i = 0; i < FAMILIES; i++) {
		struct addr a = published(c, families[i]);

		if (a.family && is_family_wanted(c, families[i]))
			out[n++] = a;
	}
	if (!n && is_family_wanted(c, AF_INET))
		out[n++] = addr_v4(localhost);
	return n;
}

/* ---- the walks ---- */

static void add_ask(struct path_command *c, size_t goal, const struct addr *server,
		    const struct target_port *port)
{
	const struct goal *g = vec_at(&c->goals, goal);
	struct path_ask ask = {.proto = port->proto,
			       .client = c->client,
			       .client_port = c->client_port,
			       .server = *server,
			       .server_port = port->port,
			       .in_ifindex = c->in_ifindex};
	struct path_ask *kept = vec_push(&c->asks);
	size_t *of = kept ? vec_push(&c->of) : NULL;

	if (!of) {
		c->look.code = EXIT_INTERNAL;
		return;
	}
	path_take_words(c->cli, &ask);
	ask.is_from_here = g->is_from_here;
	*kept = ask;
	*of = goal;
}

static void add_asks(struct path_command *c, size_t goal)
{
	const struct goal *g = vec_at(&c->goals, goal);
	struct addr servers[FAMILIES];
	size_t n = choose_addresses(c, g, servers);

	if (!n)
		say(c, EXIT_USAGE, "--family: '%s' has no such address here", g->word);
	for (size_t k = 0; k < g->target.n_ports; k++)
		for (size_t i = 0; i < n && !c->look.code; i++)
			add_ask(c, goal, &servers[i], &g->target.ports[k]);
}

static void walk_all(struct path_command *c)
{
	for (size_t i = 0; i < c->goals.n && !c->look.code; i++)
		add_asks(c, i);
	if (c->look.code)
		return;
	c->pool = path_pool_new();
	if (c->pool)
		c->trips = path_trips_new(c->pool, &c->cli->refresh.space, c->snapshot,
					  c->space, c->asks.data, c->asks.n);
	if (c->trips && !path_walk_trips(c->trips, &c->look))
		c->n_trips = c->asks.n;
	else if (!c->look.code)
		c->look.code = EXIT_INTERNAL;
}

/* ---- the document ---- */

static int code_of(const struct path_page *p)
{
	switch (path_page_state(p)) {
	case PATH_IS_OPEN:
		return 0;
	case PATH_IS_CLOSED:
		return EXIT_FAULT;
	case PATH_IS_NOT_KNOWN:
		break;
	}
	return EXIT_UNKNOWN;
}

/* A way that is closed outweighs what is not known, and that what is open. */
static bool is_worse(int a, int b)
{
	static const int order[] = {[0] = 0, [EXIT_FAULT] = 2, [EXIT_UNKNOWN] = 1};

	return order[a] > order[b];
}

static bool is_same_port(const struct path *a, const struct path *b)
{
	return a->ask.proto == b->ask.proto && a->ask.server_port == b->ask.server_port;
}

/* Of an address that nobody named, where the port is served on another one. */
static bool is_idle(const struct path_command *c, size_t trip)
{
	const struct path *p = &path_trips_page(c->trips, trip)->path;
	size_t goal = *(size_t *)vec_at(&c->of, trip);
	const struct goal *g = vec_at(&c->goals, goal);

	if (g->address.family || p->request.decided_by != DECIDER_SOCKET)
		return false;
	for (size_t i = 0; i < c->n_trips; i++) {
		const struct path *other = &path_trips_page(c->trips, i)->path;

		if (*(size_t *)vec_at(&c->of, i) == goal && is_same_port(p, other) &&
		    other->request.decided_by != DECIDER_SOCKET)
			return true;
	}
	return false;
}

struct place_of {
	const struct path_page *page;
	size_t trip;
	int code;
	bool is_idle;
};

/* The worst first, then those that matter to nobody; else as they were named. */
static int compare_places(const void *x, const void *y)
{
	const struct place_of *a = x, *b = y;

	if (a->is_idle != b->is_idle)
		return a->is_idle ? 1 : -1;
	if (is_worse(a->code, b->code) || is_worse(b->code, a->code))
		return is_worse(a->code, b->code) ? -1 : 1;
	return (a->trip > b->trip) - (a->trip < b->trip);
}

/* NULL: no memory. */
static const struct path_page **sort_pages(const struct path_command *c)
{
	const struct path_page **pages = calloc(c->n_trips, sizeof(struct path_page *));
	struct place_of *places = calloc(c->n_trips, sizeof(*places));

	for (size_t i = 0; pages && places && i < c->n_trips; i++) {
		const struct path_page *page = path_trips_page(c->trips, i);

		places[i] = (struct place_of){page, i, code_of(page), is_idle(c, i)};
	}
	if (!pages || !places) {
		free(pages);
		free(places);
		return NULL;
	}
	qsort(places, c->n_trips, sizeof(*places), compare_places);
	for (size_t i = 0; i < c->n_trips; i++)
		pages[i] = places[i].page;
	free(places);
	return pages;
}

static int write_pages(const struct path_command *c, const struct path_page *const *pages,
		       struct str *out)
{
	bool is_utf8 = !c->cli->is_ascii && !strcmp(nl_langinfo(CODESET), "UTF-8");
	enum text_mode mode = is_utf8 ? TEXT_UTF8 : TEXT_ASCII;
	int error = 0;

	if (c->cli->format == FORMAT_JSON)
		return path_document(out, pages, c->n_trips);
	for (size_t i = 0; i < c->n_trips && !error; i++) {
		if (i)
			str_putc(out, '\n');
		error = c->cli->format == FORMAT_MARKDOWN
				? path_markdown(out, pages[i], mode)
				: path_text(out, pages[i], mode);
	}
	return error;
}

static int print(const struct path_command *c)
{
	const struct path_page **pages = sort_pages(c);
	struct str out = {0};
	int code;

	if (!pages)
		return EXIT_INTERNAL;
	for (size_t i = 0; i < c->n_trips; i++) {
		path_walk_say_missing(path_trips_page(c->trips, i));
		cloud_file_say(c->cloud, &path_trips_page(c->trips, i)->path.ask);
	}
	code = write_pages(c, pages, &out) ? EXIT_INTERNAL
					   : cli_write_out(&out, c->look.signal_fd);
	str_release(&out);
	code = code ? code : code_of(pages[0]);
	free(pages);
	return code;
}

static void release(struct path_command *c)
{
	path_trips_free(c->trips);
	path_pool_free(c->pool);
	vec_release(&c->goals);
	vec_release(&c->asks);
	vec_release(&c->of);
	table_unref(c->snapshot);
	table_unref(c->cloud);
	looking_end(&c->look);
}

int path_run(const struct cli *cli, struct channel *channel, int signal_fd)
{
	struct path_command c = {
		.look = {.cli = cli, .channel = channel, .signal_fd = signal_fd},
		.cli = cli,
		.goals = VEC_OF(struct goal),
		.asks = VEC_OF(struct path_ask),
		.of = VEC_OF(size_t)};
	int code;

	code = cloud_file_read(cli, &c.cloud);
	if (code)
		return code;
	looking_start(&c.look);
	if (!c.look.code)
		choose_packets(&c);
	if (!c.look.code)
		walk_all(&c);
	code = c.look.code ? c.look.code : print(&c);
	release(&c);
	return code;
}
