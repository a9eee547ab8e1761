/* What the checks of the kernel's state ask of the evidence. Finds no fault itself. */
#include "core/diagnosis/check_kernel.h"

#include <net/if.h>
#include <netinet/in.h>

#include "core/diagnosis/sight.h"

#define LINK_LOWER_UP 0x10000u /* IFF_LOWER_UP of linux/if.h, which net/if.h lacks */

bool kernel_is_v6(const struct check_view *v)
{
	return v->walk->server.family == AF_INET6;
}

bool kernel_is_udp(const struct check_view *v)
{
	return v->e->target.proto == IPPROTO_UDP;
}

/* ---- counts ---- */

static bool is_of_client(const struct attempt_event *event)
{
	return !event->is_from_server &&
	       (event->kind == PACKET_SYN || event->kind == PACKET_UDP);
}

static uint32_t n_within(const struct evidence *e, const struct attempt *a)
{
	uint32_t n = 0;

	for (size_t i = 0; i < a->n_events; i++) {
		int64_t at_ns = a->first_ns + a->events[i].at_ns;

		n += is_of_client(&a->events[i]) && at_ns >= e->window_start_ns &&
		     (!e->has_window_ended || at_ns <= e->window_end_ns);
	}
	return n;
}

static uint32_t n_packets_of(const struct check_view *v, const struct attempt *a)
{
	return a->n_events ? n_within(v->e, a) : a->n_syns;
}

uint32_t kernel_n_packets(const struct check_view *v)
{
	uint32_t n = 0;

	for (size_t i = 0; i < v->sight.n; i++)
		n += n_packets_of(v, attempts_at(v->e->attempts, v->sight.rows[i]));
	return n;
}

/* Packets at the port, of whomever, that got nothing: what moves a counter may be theirs.
 */
static uint32_t n_unanswered(const struct check_view *v)
{
	uint32_t n = 0;

	for (size_t i = 0; i < attempts_n(v->e->attempts); i++) {
		const struct attempt *a = attempts_at(v->e->attempts, i);

		if (sight_is_at_port(v->e, a) && !sight_is_open(a) && !a->n_syn_acks)
			n += n_packets_of(v, a);
	}
	return n;
}

enum step_with kernel_compare(const struct check_view *v, int64_t delta)
{
	if (delta < 0)
		return COUNT_UNKNOWN;
	if (!delta)
		return COUNT_STILL;
	return kernel_n_packets(v) && delta >= n_unanswered(v) ? COUNT_IN_STEP : COUNT_SOME;
}

enum step_with kernel_counted(const struct check_view *v, const char *counter)
{
	return kernel_compare(v, evidence_delta(v->e, counter));
}

int64_t kernel_sum(const struct check_view *v, const char *const *counters, size_t n)
{
	int64_t sum = -1;

	for (size_t i = 0; i < n; i++) {
		int64_t delta = evidence_delta(v->e, counters[i]);

		if (delta >= 0)
			sum = sum < 0 ? delta : sum + delta;
	}
	return sum;
}

int64_t kernel_socket_dropped(const struct check_view *v)
{
	const struct endpoint *e = NULL;
	enum tri served = TRI_UNSURE;
	int64_t sum = -1;

	view_socket(v, &served, &e);
	for (size_t i = 0; e && i < e->n_sockets; i++) {
		const struct socket_row *before = e->sockets[i];
		const struct socket_row *after = evidence_socket_after(v->e, before);

		if (!after || before->drops == QUEUE_UNKNOWN ||
		    after->drops == QUEUE_UNKNOWN || after->drops < before->drops)
			return -1;
		sum = (sum < 0 ? 0 : sum) + (int64_t)after->drops - before->drops;
	}
	return sum;
}

bool kernel_has_answered(const struct check_view *v)
{
	return sight_was_answered(v) || sight_got_syn_ack(v) || sight_was_refused(v);
}

bool kernel_waits(const struct check_view *v, uint8_t *n_repeats)
{
	*n_repeats = 0;
	return v->walk->client.family &&
	       handshakes_of(v->e->handshakes, &v->walk->client, n_repeats) > 0;
}

int kernel_prove_counter(const struct check_view *v, struct finding *f, const char *counter,
			 const char *name)
{
	int64_t delta = evidence_delta(v->e, counter);

	if (delta <= 0)
		return 0;
	return finding_prove(
		f, v->arena, "counters", true, view_text(v, "nstat -az %s", name),
		"the kernel counted +%lld (%s) in this time", (long long)delta, name);
}

/* ---- reasons ---- */

const struct kernel_told *kernel_first_moved(const struct check_view *v,
					     const struct kernel_told *rows, size_t n,
					     bool *is_known)
{
	const struct kernel_told *best = NULL;
	int64_t most = 0;

	*is_known = true;
	for (size_t i = 0; i < n; i++) {
		int64_t delta = evidence_delta(v->e, rows[i].counter);

		if (delta < 0)
			*is_known = false;
		if (delta <= most)
			continue;
		best = &rows[i];
		most = delta;
	}
	return best;
}

int kernel_certainty(const struct check_view *v, enum step_with counted)
{
	enum step_with dropped = kernel_compare(v, kernel_socket_dropped(v));

	if (dropped == COUNT_STILL || counted == COUNT_STILL)
		return CERTAINTY_NONE;
	if (dropped == COUNT_IN_STEP && counted == COUNT_IN_STEP)
		return CERTAINTY_PROVEN;
	return dropped == COUNT_UNKNOWN && counted == COUNT_IN_STEP ? CERTAINTY_LIKELY
								    : CERTAINTY_POSSIBLE;
}

int kernel_prove_dropped(const struct check_view *v, struct finding *f)
{
	int64_t dropped = kernel_socket_dropped(v);

	if (dropped <= 0)
		return 0;
	return finding_prove(f, v->arena, "sock_diag", true,
			     view_text(v, "ss -%slnm sport = :%u",
				       kernel_is_udp(v) ? "u" : "t", v->e->target.port),
			     "the socket itself counted %lld dropped in this time",
			     (long long)dropped);
}

bool kernel_owes_answer(const struct check_view *v)
{
	const struct path *p = &v->walk->path;
	uint8_t n_repeats;

	if (kernel_waits(v, &n_repeats))
		return true;
	return v->walk->is_walked && p->request.verdict == PATH_ACCEPT &&
	       p->is_served == TRI_YES;
}

/* ---- devices ---- */

uint32_t kernel_way_out(const struct check_view *v, struct addr *gateway)
{
	const struct path_leg *leg = &v->walk->path.reply;
	uint32_t ifindex = 0;

	for (size_t i = 0; v->walk->is_walked && leg->is_walked && i < leg->n_hops; i++) {
		const struct path_hop *hop = &leg->hops[i];

		if (hop->place != PLACE_ROUTE || hop->error)
			continue;
		ifindex = hop->ifindex;
		if (gateway)
			*gateway = hop->gateway;
	}
	return ifindex;
}

uint32_t kernel_way_in(const struct check_view *v)
{
	const struct attempt *a = sight_newest(v);

	if (a && a->n_devices)
		return a->devices[0];
	if (v->walk->is_walked && v->walk->path.in_ifindex)
		return v->walk->path.in_ifindex;
	return address_ifindex(v->e->space->addresses, &v->walk->server);
}

const struct link_row *kernel_link(const struct check_view *v, uint32_t ifindex)
{
	return ifindex && v->e->space->links ? links_find(v->e->space->links, ifindex)
					     : NULL;
}

bool kernel_has_carrier(const struct link_row *link)
{
	return link->flags & IFF_UP && link->flags & LINK_LOWER_UP;
}

/* ---- words ---- */

const char *kernel_client(const struct check_view *v)
{
	char client[ADDR_TEXT_MAX];

	return v->walk->client.family
		       ? view_text(v, "%s", addr_format(&v->walk->client, client))
		       : "any client";
}

const char *kernel_server(const struct check_view *v)
{
	char server[ADDR_TEXT_MAX];

	return v->walk->server.family
		       ? view_text(v, "%s", addr_format(&v->walk->server, server))
		       : "this host";
}

const char *kernel_device(const struct check_view *v, uint32_t ifindex)
{
	const struct link_row *link = kernel_link(v, ifindex);
	struct str s = {0};
	const char *out;

	if (!link)
		return "an interface that is gone";
	text_show(&s, link->name, TEXT_ASCII);
	out = view_text(v, "%s", str_text(&s));
	str_release(&s);
	return out;
}

const char *kernel_device_argument(const struct check_view *v, uint32_t ifindex)
{
	const struct link_row *link = kernel_link(v, ifindex);

	return link ? view_word(v, link->name) : "INTERFACE";
}
