/*
 * dport path: which packet is meant, what its way needs to be known, and the document. The
 * way itself is core/path, its words are core/report.
 */
#include "tui/path_command.h"

#include <langinfo.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/time.h"
#include "core/report/path_page.h"
#include "core/services/target.h"
#include "tui/diagnose.h"
#include "tui/diagnose_command.h"
#include "tui/looking.h"
#include "tui/path_walk.h"

enum { FAMILIES = 2, PAGES_MAX = TARGET_PORTS_MAX * FAMILIES };

struct path_command {
	struct looking look;
	const struct cli *cli;
	struct snapshot *snapshot; /* a reference; the packet is chosen and walked in it */
	const struct space *space;
	struct target target;
	struct addr address, client; /* none: not named */
	uint16_t client_port;
	uint32_t in_ifindex;
	bool is_from_here;
	struct path_trip *trips[PAGES_MAX];
	size_t n_trips;
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

static void parse_words(struct path_command *c)
{
	char error[TARGET_ERROR_MAX];

	if (target_parse(&c->target, c->cli->words[0], c->snapshot->port_names, error)) {
		say(c, EXIT_USAGE, "%s", error);
		return;
	}
	diagnose_keep_served(&c->target, c->snapshot, c->space);
	if (c->cli->flags && c->target.ports[0].proto != IPPROTO_TCP)
		say(c, EXIT_USAGE, "--flags goes with TCP, and '%s' is not",
		    c->cli->words[0]);
	c->address = addr_unmapped(&c->target.address);
	if (c->cli->from)
		diagnose_parse_from(c->cli->from, &c->client, &c->client_port);
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
static void widen_address(struct path_command *c)
{
	bool is_name = c->target.host[0] && !c->target.address.family;
	bool is_server = c->cli->role && !strcmp(c->cli->role, "server");

	if (is_name && addr_is_loopback(&c->address) && !c->is_from_here) {
		fprintf(stderr,
			"dport: '%s' is this host's own name: its published address is "
			"taken.\n",
			c->target.host);
		c->address = (struct addr){0};
	} else if (is_server && is_here(c, &c->address) == TRI_NO) {
		fprintf(stderr, "dport: %s is not here: a published address is taken.\n",
			c->target.host);
		c->address = (struct addr){0};
	}
}

/* Not for this host, and nobody says from where: this host sends it. */
static void choose_origin(struct path_command *c)
{
	bool is_remote = c->client.family || c->in_ifindex || c->cli->origin ||
			 (c->cli->role && !strcmp(c->cli->role, "router"));

	if (c->is_from_here || is_remote || is_here(c, &c->address) != TRI_NO)
		return;
	fprintf(stderr,
		"dport: %s is not an address of this host, so this host sends the packet; "
		"--from or --in says otherwise.\n",
		c->target.host);
	c->is_from_here = true;
}

static void check_client(struct path_command *c)
{
	char text[ADDR_TEXT_MAX];

	if (!c->client.family)
		return;
	if (c->address.family && c->address.family != c->client.family)
		say(c, EXIT_USAGE, "--from %s and the target are of two address families",
		    addr_format(&c->client, text));
	else if (c->is_from_here && is_here(c, &c->client) == TRI_NO)
		say(c, EXIT_USAGE,
		    "--from %s is no address of this host, which would send it",
		    addr_format(&c->client, text));
	else if (c->cli->family && c->cli->family != c->client.family)
		say(c, EXIT_USAGE, "--from %s is not of the --family that is asked for",
		    addr_format(&c->client, text));
}

static void choose_packet(struct path_command *c)
{
	struct path_ask words = {0};

	path_take_words(c->cli, &words);
	c->is_from_here = words.is_from_here;
	c->snapshot = table_ref(c->look.snapshot);
	c->space = diagnose_space(c->snapshot, &c->cli->refresh.space);
	if (!c->space) {
		say(c, EXIT_UNKNOWN, "the namespace could not be read%s", "");
		return;
	}
	parse_words(c);
	if (!c->look.code && c->target.host[0] && !c->address.family)
		c->address = looking_resolve(&c->look, c->target.host);
	if (!c->look.code)
		find_device(c);
	if (!c->look.code && c->address.family) {
		widen_address(c);
		if (c->address.family)
			choose_origin(c);
	}
	if (!c->look.code)
		check_client(c);
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
static size_t choose_addresses(const struct path_command *c, struct addr out[FAMILIES])
{
	static const int families[FAMILIES] = {AF_INET, AF_INET6};
	static const uint8_t localhost[4] = {127, 0, 0, 1};
	size_t n = 0;

	if (c->address.family) {
		out[0] = c->address;
		return is_family_wanted(c, c->address.family);
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

static void walk(struct path_command *c, const struct addr *server,
		 const struct target_port *port)
{
	struct path_ask ask = {.proto = port->proto,
			       .client = c->client,
			       .client_port = c->client_port,
			       .server = *server,
			       .server_port = port->port,
			       .in_ifindex = c->in_ifindex};
	struct path_trip *trip;

	path_take_words(c->cli, &ask);
	ask.is_from_here = c->is_from_here;
	trip = path_trip_make(&c->look, c->snapshot, c->space, &ask);
	if (trip)
		c->trips[c->n_trips++] = trip;
	else if (!c->look.code)
		c->look.code = EXIT_INTERNAL;
}

static void walk_all(struct path_command *c)
{
	struct addr servers[FAMILIES];
	size_t n = choose_addresses(c, servers);

	if (!n)
		say(c, EXIT_USAGE, "--family: '%s' has no such address here",
		    c->cli->words[0]);
	for (size_t k = 0; k < c->target.n_ports; k++)
		for (size_t i = 0; i < n && !c->look.code; i++)
			walk(c, &servers[i], &c->target.ports[k]);
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
static bool is_idle(const struct path_command *c, const struct path *p)
{
	if (c->address.family || p->request.decided_by != DECIDER_SOCKET)
		return false;
	for (size_t i = 0; i < c->n_trips; i++) {
		const struct path *other = &path_trip_page(c->trips[i])->path;

		if (is_same_port(p, other) && other->request.decided_by != DECIDER_SOCKET)
			return true;
	}
	return false;
}

static bool comes_before(const struct path_command *c, const struct path_page *a,
			 const struct path_page *b)
{
	bool a_is_idle = is_idle(c, &a->path), b_is_idle = is_idle(c, &b->path);

	if (a_is_idle != b_is_idle)
		return b_is_idle;
	return is_worse(code_of(a), code_of(b));
}

/* The worst first, then those that matter to nobody; else as they were named. */
static void sort_pages(const struct path_command *c, const struct path_page **pages,
		       size_t n)
{
	for (size_t i = 1; i < n; i++)
		for (size_t k = i; k && comes_before(c, pages[k], pages[k - 1]); k--) {
			const struct path_page *p = pages[k];

			pages[k] = pages[k - 1];
			pages[k - 1] = p;
		}
}

static int write_pages(const struct path_command *c, const struct path_page *const *pages,
		       struct str *out)
{
	bool is_utf8 = !c->cli->is_ascii && !strcmp(nl_langinfo(CODESET), "UTF-8");
	int error = 0;

	if (c->cli->format == FORMAT_JSON)
		return path_document(out, pages, c->n_trips);
	for (size_t i = 0; i < c->n_trips && !error; i++) {
		if (i)
			str_putc(out, '\n');
		error = path_text(out, pages[i], is_utf8 ? TEXT_UTF8 : TEXT_ASCII);
	}
	return error;
}

static int print(const struct path_command *c)
{
	const struct path_page *pages[PAGES_MAX];
	struct str out = {0};
	int code;

	for (size_t i = 0; i < c->n_trips; i++)
		pages[i] = path_trip_page(c->trips[i]);
	sort_pages(c, pages, c->n_trips);
	for (size_t i = 0; i < c->n_trips; i++)
		path_trip_say_missing(c->trips[i]);
	code = write_pages(c, pages, &out) ? EXIT_INTERNAL
					   : cli_write_out(&out, c->look.signal_fd);
	str_release(&out);
	return code ? code : code_of(pages[0]);
}

int path_run(const struct cli *cli, struct channel *channel, int signal_fd)
{
	struct path_command c = {
		.look = {.cli = cli, .channel = channel, .signal_fd = signal_fd},
		.cli = cli};
	int code;

	looking_start(&c.look);
	if (!c.look.code)
		choose_packet(&c);
	if (!c.look.code)
		walk_all(&c);
	code = c.look.code ? c.look.code : print(&c);
	for (size_t i = 0; i < c.n_trips; i++)
		path_trip_free(c.trips[i]);
	table_unref(c.snapshot);
	looking_end(&c.look);
	return code;
}
