/* A snapshot's life, and its words for a person. Reads what link.c joined, decides nothing.
 */
#include "core/snapshot/snapshot.h"

#include <errno.h>

#include "core/snapshot/place.h"

static void release_space(struct space *space)
{
	table_unref(space->tcp);
	table_unref(space->udp);
	table_unref(space->mptcp);
	table_unref(space->connections);
	table_unref(space->links);
	table_unref(space->addresses);
	table_unref(space->local_routes);
	table_unref(space->facts);
}

static void release(struct table *t)
{
	struct snapshot *s = (struct snapshot *)t;

	for (size_t i = 0; i < s->n_spaces; i++)
		release_space(&s->spaces[i]);
	table_unref(s->host);
	table_unref(s->port_names);
	table_unref(s->users);
	table_unref(s->owners);
	table_unref(s->cgroups);
	table_unref(s->units);
}

struct snapshot *snapshot_new(void)
{
	return table_new(sizeof(struct snapshot), release);
}

const char *scope_word(enum scope s)
{
	static const char *const words[N_SCOPES] = {
		[SCOPE_ANY] = "any",         [SCOPE_ANY_V4] = "any-v4",
		[SCOPE_ANY_V6] = "any-v6",   [SCOPE_LOOPBACK] = "loopback",
		[SCOPE_ADDRESS] = "address", [SCOPE_ABSENT] = "absent",
	};

	return (unsigned)s < N_SCOPES ? words[s] : "unknown";
}

static bool has_listeners_source(const struct snapshot *s)
{
	for (size_t i = 0; i < s->n_spaces; i++) {
		if (s->spaces[i].tcp || s->spaces[i].udp)
			return true;
	}
	return false;
}

const char *snapshot_view_word(const struct snapshot *s)
{
	if (!has_listeners_source(s))
		return "none";
	return s->n_missing ? "partial" : "full";
}

static void put_device(struct str *out, const struct endpoint *e)
{
	if (text_is_empty(e->device))
		str_printf(out, "interface %u", e->ifindex);
	else
		text_show(out, e->device, TEXT_ASCII);
}

static void put_via(struct str *out, const struct endpoint *e)
{
	if (!e->ifindex)
		return;
	str_puts(out, " via ");
	put_device(out, e);
}

static void put_address(struct str *out, const struct endpoint *e)
{
	char text[ADDR_TEXT_MAX];

	str_puts(out, addr_format(&e->address, text));
}

/* "10.0.0.5 (eth0)": the device is named once if it is the one that carries the address. */
static void put_carried(struct str *out, const struct endpoint *e)
{
	put_address(out, e);
	if (e->ifindex &&
	    (text_is_empty(e->carrier) || text_equals(e->carrier, e->device))) {
		str_puts(out, " (");
		put_device(out, e);
		str_putc(out, ')');
		return;
	}
	if (!text_is_empty(e->carrier)) {
		str_puts(out, " (");
		text_show(out, e->carrier, TEXT_ASCII);
		str_putc(out, ')');
	}
	put_via(out, e);
}

static void put_noted(struct str *out, const struct endpoint *e, const char *note)
{
	put_address(out, e);
	str_printf(out, " (%s)", note);
	put_via(out, e);
}

static void put_specific(struct str *out, const struct endpoint *e)
{
	if (addr_is_multicast(&e->address))
		put_noted(out, e, "multicast");
	else if (text_is_empty(e->carrier) &&
		 address_is_broadcast(e->space->addresses, &e->address, 0))
		put_noted(out, e, "broadcast");
	else
		put_carried(out, e);
}

/* 127.0.0.1 and ::1 are what everyone expects; another one is worth its name. */
static void put_loopback(struct str *out, const struct endpoint *e)
{
	char text[ADDR_TEXT_MAX];

	addr_format(&e->address, text);
	str_puts(out, "this host only");
	if (!text_equals_str(text_of(text), "127.0.0.1") &&
	    !text_equals_str(text_of(text), "::1"))
		str_printf(out, " (%s)", text);
	put_via(out, e);
}

static void put_any(struct str *out, const struct endpoint *e, const char *words)
{
	str_puts(out, words);
	put_via(out, e);
}

int endpoint_listens_on(struct str *out, const struct endpoint *e)
{
	switch (e->scope) {
	case SCOPE_ANY:
		put_any(out, e,
			place_takes_v4(e) == TRI_YES ? "any v4+v6"
						     : "any v6, v4 not known");
		break;
	case SCOPE_ANY_V4:
		put_any(out, e, "any v4");
		break;
	case SCOPE_ANY_V6:
		put_any(out, e, "any v6");
		break;
	case SCOPE_LOOPBACK:
		put_loopback(out, e);
		break;
	case SCOPE_ADDRESS:
		put_specific(out, e);
		break;
	case SCOPE_ABSENT:
		put_noted(out, e, "not on this host");
		break;
	case N_SCOPES:
		break;
	}
	return out->failed ? -ENOMEM : 0;
}

int endpoint_port_text(struct str *out, const struct endpoint *e)
{
	return str_printf(out, "%u/%s", (unsigned)e->port, socket_proto_word(e->proto));
}

bool endpoint_is_stream(const struct endpoint *e)
{
	return e->proto == PROTO_TCP || e->proto == PROTO_MPTCP;
}

static bool is_over(const struct endpoint *e, uint32_t length)
{
	return endpoint_is_stream(e) && length != QUEUE_UNKNOWN &&
	       e->queue.limit != QUEUE_UNKNOWN && length > e->queue.limit;
}

bool endpoint_is_full(const struct endpoint *e)
{
	return is_over(e, e->queue.length);
}

bool endpoint_was_full(const struct endpoint *e)
{
	return is_over(e, e->queue.high_water);
}

int64_t endpoint_up_ns(const struct snapshot *s, const struct endpoint *e)
{
	if (!e->started_boot_ns || !s->boot_ns)
		return 0;
	/* Clock ticks are coarse: a process may seem to be from just after the look at it.
	 */
	return s->boot_ns > e->started_boot_ns ? s->boot_ns - e->started_boot_ns : 1;
}
