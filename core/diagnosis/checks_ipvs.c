/* A virtual service of IPVS without a real server that takes new connections. */
#include <netinet/in.h>

#include "core/diagnosis/check_help.h"

static bool is_icmp_of_here(const struct check_view *v)
{
	const struct path_leg *leg = &v->walk->path.request;
	const struct space *s = v->e->space;

	for (size_t i = 0; i < v->sight.n; i++) {
		const struct attempt *a = attempts_at(v->e->attempts, v->sight.rows[i]);

		if (a->outcome != OUTCOME_ICMP)
			continue;
		if (a->icmp_type != leg->reject.type || a->icmp_code != leg->reject.code ||
		    !(a->is_icmp_of_server || address_is_here(s->addresses, s->local_routes,
							      &a->icmp_from) == TRI_YES))
			return false;
	}
	return true;
}

static int certainty_of(const struct check_view *v)
{
	switch (view_wire(v)) {
	case WIRE_NOTHING:
		return CERTAINTY_LIKELY;
	case WIRE_ICMP:
		return is_icmp_of_here(v) ? CERTAINTY_PROVEN : CERTAINTY_NONE;
	/* The kernel sends only so many errors in a second. */
	case WIRE_SILENCE:
	case WIRE_MIXED:
		return CERTAINTY_POSSIBLE;
	case WIRE_ANSWERED:
	case WIRE_TAKEN:
	case WIRE_RESET:
		break;
	}
	return CERTAINTY_NONE;
}

static const char *service_words(const struct check_view *v)
{
	const struct ipvs_service *s = &v->walk->path.service;
	bool is_v6 = s->address.family == AF_INET6;
	char address[ADDR_TEXT_MAX];

	return view_text(v, is_v6 ? "[%s]:%u" : "%s:%u", addr_format(&s->address, address),
			 s->port);
}

static int tell(const struct check_view *v, struct finding *f)
{
	const struct ipvs_service *s = &v->walk->path.service;
	const char *words = service_words(v);
	char option = v->e->target.proto == IPPROTO_UDP ? 'u' : 't';
	int error;

	f->position = AT_INPUT + 1;
	f->explains_icmp = true;
	error = finding_say(
		f, v->arena, "%s: IPVS takes it for its service %s, which has %s",
		view_port(v), words,
		s->n_servers ? "no real server with a weight above 0" : "no real server");
	if (!error)
		error = finding_prove(f, v->arena, "settings", true,
				      view_text(v, "ipvsadm -Ln -%c %s", option, words),
				      "%u real server%s, none with a weight above 0: the "
				      "kernel answers with ICMP port unreachable",
				      s->n_servers, s->n_servers == 1 ? "" : "s");
	if (!error)
		error = prove_wire(v, f);
	if (!error)
		error = finding_advise(
			f, v->arena, NULL, NULL, NULL,
			"see why they were taken out: health checks of keepalived or "
			"ldirectord, kube-proxy's endpoints; by hand a server is added "
			"with "
			"ipvsadm -a -%c %s -r SERVER:PORT",
			option, words);
	return error;
}

int check_no_real_server(const struct check_view *v, struct finding *f)
{
	const struct path_leg *leg = &v->walk->path.request;
	bool is_whole;
	struct text text;
	int error, certainty;

	if (!v->walk->is_walked ||
	    !settings_file(v->e->settings, SETTING_VIRTUAL_SERVICES, &text, &is_whole))
		return CERTAINTY_NONE;
	if (leg->decided_by != DECIDER_BALANCER || leg->verdict != PATH_REJECT)
		return leg->verdict == PATH_UNSURE ? CERTAINTY_NONE : ruled_out(f);
	certainty = certainty_of(v);
	if (certainty == CERTAINTY_NONE)
		return sight_was_answered(v) || sight_got_syn_ack(v) ? ruled_out(f)
								     : CERTAINTY_NONE;
	error = tell(v, f);
	return error ? error : certainty;
}
