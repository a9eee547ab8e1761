/* Lines about a port, and what is known of the services that use it. Finds no fault. */
#include "core/diagnosis/check_logs.h"

#include <netinet/in.h>
#include <string.h>

#include "core/base/pieces.h"
#include "core/base/time.h"
#include "core/diagnosis/log_wish.h"

enum {
	RECENT_S = 600,
	SAID_MAX = 64,
	NAMES_MAX = 96,
	SERVICES_MAX = 16,
	SHOWN_BYTES = 160
};

static void add_words(const char *rest, struct text *out, size_t *n)
{
	struct text word;

	while (*n < LOG_NAMES_MAX && known_next_word(&rest, &word))
		out[(*n)++] = word;
}

struct text evidence_activated(const struct evidence *e, struct text *socket)
{
	const struct socket_unit_table *t = e->snapshot->units;
	bool is_tcp = e->target.proto == IPPROTO_TCP;
	const struct unit_state *u;

	for (size_t i = 0; t && i < t->n; i++) {
		const struct socket_unit_row *r = &t->rows[i];

		if (r->port != e->target.port || (r->proto == PROTO_TCP) != is_tcp)
			continue;
		*socket = r->unit;
		return r->service;
	}
	u = unit_states_at(e->units, e->target.port, is_tcp);
	*socket = u ? u->id : TEXT_NONE;
	return u ? u->triggers : TEXT_NONE;
}

void evidence_log_names(const struct evidence *e, struct log_names *out)
{
	const struct known_service *at[SERVICES_MAX];
	size_t n = known_services_at(e->target.port, e->target.proto, at, SERVICES_MAX);
	struct text socket, service = evidence_activated(e, &socket);

	*out = (struct log_names){.n_units = 0};
	if (service.len) {
		out->units[out->n_units++] = service;
		out->units[out->n_units++] = socket;
	}
	for (size_t i = 0; i < n; i++) {
		add_words(at[i]->units, out->units, &out->n_units);
		add_words(at[i]->programs, out->comms, &out->n_comms);
	}
}

static size_t find_known(const struct check_view *v, struct log_match out[SAID_MAX])
{
	const struct endpoint *owner = NULL;
	enum tri served = TRI_UNSURE;
	struct log_wish w;

	log_wish_begin(&w, v->e);
	for (size_t i = v->sight.n; i-- > 0;)
		log_wish_client(&w, &attempts_at(v->e->attempts, v->sight.rows[i])->client);
	view_socket(v, &served, &owner);
	log_wish_owner(&w, v->e, served == TRI_YES ? owner : NULL);
	return logs_match_known(v->e->logs, &w.log, out, SAID_MAX);
}

bool view_said_any(const struct check_view *v, uint32_t meanings, struct log_said *out)
{
	struct log_match all[SAID_MAX];
	size_t n = v->e->logs ? find_known(v, all) : 0;

	for (size_t i = 0; i < n; i++) {
		if (!(meanings & 1u << all[i].meaning))
			continue;
		*out = (struct log_said){&v->e->logs->rows[all[i].line], all[i]};
		return true;
	}
	return false;
}

bool view_said(const struct check_view *v, enum log_meaning meaning, struct log_said *out)
{
	return view_said_any(v, 1u << meaning, out);
}

bool view_logs_support(const struct check_view *v, enum fault fault, struct log_said *out)
{
	uint32_t meanings = 0;

	for (int m = 0; m < N_LOG_MEANINGS; m++)
		if (!strcmp(log_meaning_fault((enum log_meaning)m), fault_id(fault)))
			meanings |= 1u << m;
	return meanings && view_said_any(v, meanings, out);
}

static struct text unit_of(const struct log_said *s)
{
	return piece_ends(s->match.name, ".service") ? s->match.name : s->line->unit;
}

const struct known_service *said_service(const struct check_view *v,
					 const struct log_said *s)
{
	struct text name = s->match.name.len ? s->match.name : s->line->tag;
	const struct known_service *k =
		known_service_of(unit_of(s), name, v->e->target.port, v->e->target.proto);

	return k || !s->line->is_attested ? k : known_service_of_log(s->line->source);
}

const struct unit_state *said_unit(const struct check_view *v, const struct log_said *s)
{
	const struct unit_state_table *t = v->e->units;
	const struct unit_state *found = unit_states_find(t, unit_of(s));
	const struct known_service *k = said_service(v, s);

	for (size_t i = 0; t && k && i < t->n && !(found && unit_state_is_down(found)); i++)
		if (known_service_has_unit(k, t->rows[i].id) &&
		    (!found || unit_state_is_down(&t->rows[i])))
			found = &t->rows[i];
	return found;
}

/* Hardly anything else uses the port than the service that speaks. */
static bool is_of_own_service(const struct check_view *v, const struct log_said *s)
{
	struct text socket, activated = evidence_activated(v->e, &socket);
	const struct known_service *k = said_service(v, s);

	if (activated.len && text_equals(activated, unit_of(s)))
		return true;
	return k &&
	       known_service_uses(k, v->e->target.port, v->e->target.proto) == KNOWN_OWN;
}

/* A line of long ago may be history: what it tells may have been mended, and the service
 * ended since. */
static bool may_be_history(const struct check_view *v, const struct log_said *s)
{
	const struct unit_state *u = said_unit(v, s);

	return s->line->wall_ns < v->e->window_start_ns - RECENT_S * NS_PER_S &&
	       !(u && unit_state_is_down(u));
}

int said_certainty(const struct check_view *v, const struct log_said *s)
{
	if (may_be_history(v, s))
		return CERTAINTY_POSSIBLE;
	if (!s->line->is_attested && !s->line->from_kernel && !s->line->from_init)
		return CERTAINTY_POSSIBLE;
	if (s->match.has_port || !s->match.is_by_guess || is_of_own_service(v, s))
		return CERTAINTY_LIKELY;
	return CERTAINTY_POSSIBLE;
}

static const char *shown(const struct check_view *v, struct text t)
{
	struct str s = {0};
	const char *copy;

	text_show(&s, t, TEXT_ASCII);
	copy = view_text(v, "%s", str_text(&s));
	str_release(&s);
	return copy;
}

const char *view_speaker(const struct check_view *v, const struct log_said *s,
			 const char *otherwise)
{
	const struct known_service *k;
	struct text name = unit_of(s);

	if (!name.len && s->match.name.len)
		name = s->match.name;
	if (!name.len)
		name = s->line->tag;
	if (name.len)
		return shown(v, name);
	k = said_service(v, s);
	return k ? k->name : otherwise;
}

static const char *why_it_counts(const struct log_said *s)
{
	if (s->match.has_port)
		return "the port stands in it";
	return s->match.is_by_guess ? "it is of a service that is known for the port"
				    : "it is of the port's own process or client";
}

int prove_said(const struct check_view *v, struct finding *f, const struct log_said *s)
{
	struct text text = s->line->text;
	char clock[TIME_TEXT_MAX];
	bool is_cut = text.len > SHOWN_BYTES;

	if (is_cut)
		text.len = SHOWN_BYTES;
	return finding_prove(f, v->arena, "logs", true, NULL, "%s %s%s: %s%s (%s)",
			     time_clock(s->line->wall_ns, true, clock),
			     s->match.is_before ? "(earlier) " : "",
			     shown(v, s->line->source), shown(v, text), is_cut ? "..." : "",
			     why_it_counts(s));
}

const struct known_service *view_service(const struct check_view *v,
					 const struct endpoint *e)
{
	const struct known_service *at[2];
	uint16_t port = v->e->target.port;
	uint8_t proto = v->e->target.proto;

	if (e)
		return known_service_of(
			e->unit, e->n_owners ? e->owners[0]->comm : TEXT_NONE, port, proto);
	return known_services_at(port, proto, at, 2) == 1 ? at[0] : NULL;
}

int advise_configuration(const struct check_view *v, struct finding *f,
			 const struct known_service *s)
{
	const char *then = "";

	if (!s)
		return 0;
	if (*s->check && *s->reload)
		then = view_text(v, "; check it, then %s", s->reload);
	else if (*s->reload)
		then = view_text(v, ", then %s", s->reload);
	return finding_advise(f, v->arena, *s->check ? s->check : NULL, NULL, NULL,
			      "%s has its port in %s (%s)%s", s->name, s->config,
			      s->directive, then);
}
