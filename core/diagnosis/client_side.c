/* Our own tries as rows and words. */
#include "core/diagnosis/client_side.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "core/base/time.h"
#include "core/diagnosis/check_help.h"
#include "core/diagnosis/sight.h"

/* linux/icmp.h, linux/icmpv6.h */
enum { ICMP_UNREACHABLE = 3, ICMP6_UNREACHABLE = 1, ICMP_PORT = 3, ICMP6_PORT = 4 };

void client_choose_walks(const struct evidence *e, struct walk *rows, size_t *n)
{
	*n = 0;
	for (size_t i = 0; i < e->plan.n && *n < WALKS_MAX; i++) {
		const struct reach_result *r = client_row(e, &e->plan.addresses[i]);

		rows[*n] = (struct walk){.server = e->plan.addresses[i]};
		if (r && r->source.family) {
			rows[*n].client = r->source;
			rows[*n].client_port = r->source_port;
		}
		(*n)++;
	}
}

const struct reach_result *client_row(const struct evidence *e, const struct addr *server)
{
	return e->reach ? reach_result_of(e->reach, server) : NULL;
}

bool client_is_own_error(const struct evidence *e, const struct reach_result *r)
{
	if (!r->has_icmp || !r->icmp_from.family)
		return true;
	return addr_is_loopback(&r->icmp_from) ||
	       address_is_here(e->space->addresses, e->space->local_routes,
			       &r->icmp_from) == TRI_YES;
}

static const char *v4_words(uint8_t code)
{
	static const char *const words[] = {
		[0] = "network unreachable",
		[1] = "host unreachable",
		[2] = "protocol unreachable",
		[3] = "port unreachable",
		[5] = "source route failed",
		[6] = "network unknown",
		[7] = "host unknown",
		[9] = "network administratively prohibited",
		[10] = "host administratively prohibited",
		[13] = "administratively prohibited",
	};

	return code < sizeof(words) / sizeof(words[0]) ? words[code] : NULL;
}

static const char *v6_words(uint8_t code)
{
	static const char *const words[] = {"no route",
					    "administratively prohibited",
					    "beyond the scope of the source",
					    "address unreachable",
					    "port unreachable",
					    "source address failed the policy",
					    "route rejected"};

	return code < sizeof(words) / sizeof(words[0]) ? words[code] : NULL;
}

static bool is_unreachable(const struct reach_result *r)
{
	return r->icmp_type ==
	       (r->to.family == AF_INET ? ICMP_UNREACHABLE : ICMP6_UNREACHABLE);
}

const char *client_icmp_words(const struct check_view *v, const struct reach_result *r)
{
	const char *words =
		r->to.family == AF_INET ? v4_words(r->icmp_code) : v6_words(r->icmp_code);

	if (is_unreachable(r) && words)
		return view_text(v, "ICMP %s", words);
	return view_text(v, "ICMP type %u code %u", r->icmp_type, r->icmp_code);
}

bool client_is_closed_port(const struct reach_result *r)
{
	return r->is_datagram && r->has_icmp && is_unreachable(r) &&
	       r->icmp_code == (r->to.family == AF_INET ? ICMP_PORT : ICMP6_PORT);
}

const char *client_packet_word(const struct reach_result *r)
{
	return r->is_datagram ? "datagram" : "SYN";
}

bool client_is_prohibited(const struct reach_result *r)
{
	if (!r->has_icmp || !is_unreachable(r) ||
	    (client_is_closed_port(r) && addr_equals(&r->icmp_from, &r->to)))
		return false;
	if (r->to.family == AF_INET)
		return r->icmp_code == 3 || r->icmp_code == 9 || r->icmp_code == 10 ||
		       r->icmp_code == 13;
	return r->icmp_code == 1 || r->icmp_code == 4 || r->icmp_code == 5 ||
	       r->icmp_code == 6;
}

static const char *error_words(int error)
{
	switch (error) {
	case ENETUNREACH:
		return "network unreachable";
	case EHOSTUNREACH:
		return "no route to host";
	case EADDRNOTAVAIL:
		return "no free source port";
	default:
		return strerror(error);
	}
}

const char *client_outcome_words(const struct check_view *v, const struct reach_result *r)
{
	char took[TIME_TEXT_MAX], from[ADDR_TEXT_MAX];

	time_span(r->took_ns, took);
	if (r->outcome == REACH_CONNECTED)
		return view_text(v, "%s in %.1f ms",
				 r->is_datagram ? "answered" : "connected",
				 (double)r->took_ns / 1e6);
	if (r->has_icmp && r->icmp_from.family)
		return view_text(v, "%s from %s after %.1f ms", client_icmp_words(v, r),
				 addr_format(&r->icmp_from, from),
				 (double)r->took_ns / 1e6);
	if (r->outcome == REACH_REFUSED)
		return view_text(v, "refused after %.1f ms", (double)r->took_ns / 1e6);
	if (r->outcome == REACH_TIMED_OUT)
		return view_text(v, "no answer in %s (%u %s%s)", took, r->n_syns,
				 client_packet_word(r), r->n_syns == 1 ? "" : "s");
	return view_text(v, "%s after %.1f ms", error_words(r->error),
			 (double)r->took_ns / 1e6);
}

static bool is_own(const struct reach_result *r, const struct attempt *a)
{
	struct addr server = addr_unmapped(&a->server), client = addr_unmapped(&a->client);

	return addr_equals(&server, &r->to) && a->client_port == r->source_port &&
	       addr_equals(&client, &r->source);
}

enum tri client_syn_left(const struct evidence *e, const struct reach_result *r)
{
	const struct capture_state *s = &e->attempts->state;

	if (!r->source_port)
		return TRI_UNSURE;
	for (size_t i = 0; i < attempts_n(e->attempts); i++)
		if (is_own(r, attempts_at(e->attempts, i)))
			return TRI_YES;
	return e->capture_error || !s->is_ready || sight_is_lossy(e) ? TRI_UNSURE : TRI_NO;
}

const char *client_goal(const struct check_view *v)
{
	char server[ADDR_TEXT_MAX];

	return view_text(v, "%s port %u", addr_format(&v->walk->server, server),
			 v->e->target.port);
}
