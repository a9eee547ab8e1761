/* Faults of the client's side that this host can see. */
#include <netinet/in.h>

#include "core/base/time.h"
#include "core/diagnosis/check_cloud.h"
#include "core/diagnosis/check_help.h"
#include "core/diagnosis/joined.h"
#include "core/diagnosis/sight.h"
#include "core/services/siblings.h"

enum { WORKING_S = 40, GAVE_UP_MIN = 2, MINUTES_MIN = 3 };

/* Did this client talk with what listens on that port here? A scan does not. */
static bool uses(const struct check_view *v, const struct addr *client, uint16_t port)
{
	for (size_t i = 0; i < attempts_n(v->e->attempts); i++) {
		const struct attempt *a = attempts_at(v->e->attempts, i);

		if (a->server_port == port && a->proto == v->e->target.proto &&
		    addr_equals(&a->client, client) && sight_is_open(a) &&
		    (a->client_bytes != BYTES_NONE || a->server_bytes != BYTES_NONE))
			return true;
	}
	return false;
}

/* The listener that the client most likely means; *is_used: it has been answered there. */
static const struct endpoint *sibling_of(const struct check_view *v,
					 const struct addr *client, bool *is_used)
{
	const struct snapshot *s = v->e->snapshot;
	const struct endpoint *found = NULL;

	*is_used = false;
	for (size_t i = 0; i < s->n_endpoints; i++) {
		const struct endpoint *e = &s->endpoints[i];

		if (e->space != v->e->space || e->scope == SCOPE_LOOPBACK ||
		    endpoint_is_stream(e) != (v->e->target.proto == IPPROTO_TCP) ||
		    !ports_are_siblings(e->port, v->e->target.port))
			continue;
		if (uses(v, client, e->port)) {
			*is_used = true;
			return e;
		}
		if (!found)
			found = e;
	}
	return found;
}

/* Named, or comes back in three separate minutes: no scan. */
static bool means_it(const struct check_view *v, const struct addr *client)
{
	int64_t minute = -1;
	unsigned n = 0;

	if (v->e->target.is_client_named)
		return true;
	for (size_t i = 0; i < v->sight.n; i++) {
		const struct attempt *a = attempts_at(v->e->attempts, v->sight.rows[i]);

		if (!addr_equals(&a->client, client) ||
		    a->first_ns / (60 * NS_PER_S) == minute)
			continue;
		minute = a->first_ns / (60 * NS_PER_S);
		n++;
	}
	return n >= MINUTES_MIN;
}

/* The named client is refused at another port of this host, which nobody serves. Of other
 * ports the capture shows SYNs and resets only: no reset says nothing. */
static const struct attempt *stray_of(const struct check_view *v)
{
	struct evidence other = *v->e;

	for (size_t i = attempts_n(v->e->attempts); i-- > 0;) {
		const struct attempt *a = attempts_at(v->e->attempts, i);
		struct addr client = addr_unmapped(&a->client);
		struct addr server = addr_unmapped(&a->server);
		const struct endpoint *taker;

		other.target.port = a->server_port;
		if (a->proto == v->e->target.proto &&
		    ports_are_siblings(a->server_port, v->e->target.port) &&
		    a->last_ns >= v->e->window_start_ns &&
		    addr_equals(&client, &v->e->target.client) &&
		    addr_equals(&server, &v->walk->server) &&
		    (a->outcome == OUTCOME_REFUSED || attempt_is_port_unreachable(a)) &&
		    !evidence_serving(&other, &taker, 1))
			return a;
	}
	return NULL;
}

/* The port that was asked about is served; the client goes elsewhere. */
static int check_stray(const struct check_view *v, struct finding *f,
		       const struct endpoint *taker)
{
	const struct attempt *a =
		v->e->target.is_client_named && !v->sight.n_all && view_is_untranslated(v)
			? stray_of(v)
			: NULL;
	char client[ADDR_TEXT_MAX];
	int error;

	if (!a)
		return v->sight.n_all ? ruled_out(f) : CERTAINTY_NONE;
	f->position = AT_CLIENT - 2;
	f->endpoint = taker;
	f->explains_reset = true;
	error = finding_say(f, v->arena,
			    "%s uses port %u, where nobody listens; %s listens on %u",
			    addr_format(&v->e->target.client, client), a->server_port,
			    view_owner(v, taker), v->e->target.port);
	if (!error)
		error = finding_prove(
			f, v->arena, "capture", true,
			view_text(v, "tcpdump -ni any 'host %s'", client),
			"its SYNs go to port %u; none came to port %u in this time",
			a->server_port, v->e->target.port);
	if (!error)
		error = finding_prove(f, v->arena, "sock_diag", true, "ss -lpen",
				      "no socket takes port %u; %s listens on %s port %u",
				      a->server_port, view_owner(v, taker),
				      view_listens_on(v, taker), v->e->target.port);
	if (!error)
		error = finding_advise(f, v->arena, NULL, NULL, NULL,
				       "give the client port %u", v->e->target.port);
	return error ? error : CERTAINTY_LIKELY;
}

int check_wrong_port(const struct check_view *v, struct finding *f)
{
	const struct attempt *a = sight_newest(v);
	const struct endpoint *taker = NULL, *sibling;
	enum tri served = TRI_UNSURE;
	bool is_used;
	int error;

	view_socket(v, &served, &taker);
	if (served == TRI_YES)
		return check_stray(v, f, taker);
	if (v->was_anyone_taken || v->walk->path.is_translated ||
	    v->walk->path.proxied.state == FW_PROXY_MISSED)
		return ruled_out(f);
	if (!a || served != TRI_NO || !view_is_untranslated(v) ||
	    evidence_serving(v->e, &taker, 1))
		return CERTAINTY_NONE;
	sibling = sibling_of(v, &a->client, &is_used);
	if (!sibling || (!is_used && !means_it(v, &a->client)))
		return CERTAINTY_NONE;
	f->position = AT_CLIENT;
	f->endpoint = sibling;
	f->explains_reset = true;
	error = finding_say(
		f, v->arena,
		"the client uses port %u, where nobody listens; %s listens on %u",
		v->e->target.port, view_owner(v, sibling), sibling->port);
	if (!error)
		error = prove_wire(v, f);
	if (!error)
		error = finding_prove(f, v->arena, "sock_diag", true, "ss -tlpen",
				      "%s listens on %s port %u%s", view_owner(v, sibling),
				      view_listens_on(v, sibling), sibling->port,
				      is_used ? ", and this client was answered there"
					      : "");
	if (!error)
		error = finding_advise(f, v->arena, NULL, NULL, NULL,
				       "give the client port %u", sibling->port);
	return error ? error : is_used ? CERTAINTY_PROVEN : CERTAINTY_LIKELY;
}

/* Packets were seen, and none was lost: what is not seen did not come. */
static bool is_capture_working(const struct check_view *v)
{
	const struct capture_state *s = &v->e->attempts->state;

	return !v->e->capture_error && s->is_ready && s->n_packets && !sight_is_lossy(v->e);
}

/* Under any port of its own, at any address here, at any time since the capture began. */
static bool was_ever_seen(const struct check_view *v)
{
	const struct aim *t = &v->e->target;

	for (size_t i = 0; i < attempts_n(v->e->attempts); i++) {
		const struct attempt *a = attempts_at(v->e->attempts, i);
		struct addr client = addr_unmapped(&a->client);

		if (a->server_port == t->port && a->proto == t->proto &&
		    addr_equals(&client, &t->client))
			return true;
	}
	return false;
}

/* It stands before the capture: what that does not see may have come all the same. */
static enum tri has_xdp(const struct check_view *v)
{
	const struct path_leg *leg = &v->walk->path.request;

	for (size_t i = 0; leg->is_walked && i < leg->n_programs; i++)
		if (leg->programs[i]->place == PROGRAM_AT_XDP)
			return TRI_YES;
	return v->e->programs && v->walk->is_walked ? TRI_NO : TRI_UNSURE;
}

/* Saved rules of the cloud that stop it explain the silence. */
static int tell_cloud(const struct check_view *v, struct finding *f, bool *is_stopped)
{
	char client[ADDR_TEXT_MAX];
	struct cloud_answer a;
	int error = 0;

	if (!cloud_look(v, &a))
		return 0;
	*is_stopped = a.verdict == CLOUD_STOPPED;
	if (*is_stopped)
		error = finding_say(
			f, v->arena,
			"nothing arrives of %s at %s, and the saved cloud rules "
			"stop it: %s",
			addr_format(&v->e->target.client, client), view_port(v),
			cloud_words(v, &a));
	if (!error)
		error = cloud_prove(v, f, &a);
	return error ? error : cloud_advise(v, f, &a);
}

/* " (22/tcp from 192.0.2.7)": one that others made meanwhile; "" where none was kept. */
static const char *example_words(const struct check_view *v)
{
	char client[ADDR_TEXT_MAX];

	for (size_t i = attempts_n(v->e->attempts); i-- > 0;) {
		const struct attempt *a = attempts_at(v->e->attempts, i);

		if (a->n_syn_acks && a->proto == IPPROTO_TCP)
			return view_text(v, " (%u/tcp from %s)", a->server_port,
					 addr_format(&a->client, client));
	}
	return "";
}

/* Whose rules stand before a machine is said only where its firmware names the cloud. */
static int advise_before(const struct check_view *v, struct finding *f, bool is_long)
{
	const struct host_facts *h = v->e->snapshot->host;
	const char *cloud =
		h ? cloud_of_host(h->dmi_vendor, h->dmi_product, h->dmi_bios, h->dmi_asset)
		  : NULL;
	const char *guards = cloud ? view_text(v, "%s of %s (this machine is there)",
					       cloud_guards(cloud), cloud)
				   : "cloud rules";

	return finding_advise(
		f, v->arena, NULL, NULL, NULL,
		"ask who runs what stands before this host: the client's own firewall and "
		"route, the network between, %s; send this report%s",
		guards,
		is_long ? ""
			: "; a retrying client can be silent for 16 s, so watch for 40 s "
			  "(--wait 40) to be surer");
}

int check_syn_never_arrives(const struct check_view *v, struct finding *f)
{
	char client[ADDR_TEXT_MAX], span[TIME_TEXT_MAX];
	bool is_long = v->e->waited_ns >= WORKING_S * NS_PER_S;
	enum tri xdp = has_xdp(v);
	bool is_stopped = false;
	int error;

	if (v->sight.n_all || was_ever_seen(v))
		return ruled_out(f);
	/* What the client says itself is more: checks_joined.c. */
	if (joined_n(v->e) && client_view_try(joined_at(v->e, 0)))
		return CERTAINTY_NONE;
	if (!v->e->target.is_client_named || v->e->capture_error ||
	    v->e->target.role == AIM_CLIENT || !v->e->has_window_ended || xdp == TRI_YES)
		return CERTAINTY_NONE;
	f->position = AT_CLIENT;
	f->explains_silence = true;
	addr_format(&v->e->target.client, client);
	time_span(v->e->waited_ns, span);
	error = finding_say(f, v->arena, "nothing arrives: no SYN from %s to %s in %s",
			    client, view_port(v), span);
	if (!error)
		error = finding_prove(f, v->arena, "capture", true,
				      view_text(v, "tcpdump -ni any 'host %s and port %u'",
						client, v->e->target.port),
				      "%llu packet%s of others %s seen in that time%s%s",
				      (unsigned long long)v->e->attempts->state.n_packets,
				      v->e->attempts->state.n_packets == 1 ? "" : "s",
				      v->e->attempts->state.n_packets == 1 ? "was" : "were",
				      example_words(v),
				      is_capture_working(v)
					      ? ": the capture works"
					      : ": whether the capture works is not shown");
	if (!error)
		error = tell_cloud(v, f, &is_stopped);
	if (!error)
		error = advise_before(v, f, is_long);
	if (error)
		return error;
	return (is_long || is_stopped) && is_capture_working(v) && xdp == TRI_NO
		       ? CERTAINTY_LIKELY
		       : CERTAINTY_POSSIBLE;
}

static const struct attempt *someone_else(const struct check_view *v)
{
	for (size_t i = attempts_n(v->e->attempts); i-- > 0;) {
		const struct attempt *a = attempts_at(v->e->attempts, i);
		struct addr client = addr_unmapped(&a->client);

		if (sight_is_at_port(v->e, a) &&
		    !addr_equals(&client, &v->e->target.client))
			return a;
	}
	return NULL;
}

int check_source_differs(const struct check_view *v, struct finding *f)
{
	const struct attempt *other;
	char client[ADDR_TEXT_MAX], seen[ADDR_TEXT_MAX];
	int error;

	if (v->sight.n_all || was_ever_seen(v))
		return ruled_out(f);
	if (joined_n(v->e) && client_view_try(joined_at(v->e, 0)))
		return CERTAINTY_NONE;
	if (!v->e->target.is_client_named || v->e->target.role == AIM_CLIENT)
		return CERTAINTY_NONE;
	other = someone_else(v);
	if (!other)
		return CERTAINTY_NONE;
	f->position = AT_CLIENT - 1;
	f->explains_silence = true;
	addr_format(&v->e->target.client, client);
	addr_format(&other->client, seen);
	error = finding_say(
		f, v->arena,
		"%s is silent, but %s tries this port: a NAT or load balancer may "
		"hide the client",
		client, seen);
	if (!error)
		error = finding_prove(
			f, v->arena, "capture", true, NULL,
			"%u attempt%s at %s came from other addresses than %s",
			v->sight.n_others, v->sight.n_others == 1 ? "" : "s", view_port(v),
			client);
	if (!error)
		error = finding_advise(
			f, v->arena,
			view_text(v, "dport diagnose %s --from %s", view_port(v), seen),
			NULL, NULL,
			"ask which address the client has on this side, and "
			"diagnose that one");
	return error ? error : CERTAINTY_POSSIBLE;
}

/* Answered, and hung up without a byte. */
static bool gave_up(const struct attempt *a)
{
	return a->n_client_resets && a->n_syn_acks && a->client_bytes == BYTES_NONE &&
	       a->server_bytes == BYTES_NONE;
}

int check_gave_up_early(const struct check_view *v, struct finding *f)
{
	unsigned n_gave_up = 0, n_stayed = 0;
	char client[ADDR_TEXT_MAX];
	int error;

	for (size_t i = 0; i < v->sight.n; i++) {
		const struct attempt *a = attempts_at(v->e->attempts, v->sight.rows[i]);

		n_gave_up += gave_up(a);
		n_stayed += !gave_up(a) && (a->is_decided || sight_is_open(a));
	}
	if (!n_gave_up || n_stayed)
		return v->sight.n_all ? ruled_out(f) : CERTAINTY_NONE;
	/* A health check or a scan does just this, on purpose. */
	if (!v->e->target.is_client_named || n_gave_up < GAVE_UP_MIN)
		return CERTAINTY_NONE;
	f->position = AT_APPLICATION;
	error = finding_say(
		f, v->arena,
		"this host answers, and %s resets the connection before it sends "
		"anything",
		addr_format(&v->e->target.client, client));
	if (!error)
		error = finding_prove(
			f, v->arena, "capture", true,
			view_text(v, "tcpdump -ni any 'host %s and port %u'", client,
				  v->e->target.port),
			"%u of %llu attempts: SYN, SYN-ACK, then RST from the "
			"client",
			n_gave_up, (unsigned long long)v->sight.n_all);
	if (!error)
		error = finding_advise(
			f, v->arena, NULL, NULL, NULL,
			"look at the client: a time limit that is too short, a "
			"local firewall, or a check that only tests the port");
	if (error)
		return error;
	/* Its bytes may be among what was lost. */
	return sight_is_lossy(v->e) ? CERTAINTY_POSSIBLE : CERTAINTY_LIKELY;
}
