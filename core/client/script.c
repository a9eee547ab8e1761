/*
 * The lines of the script that a client's own shell runs (core/host/read/remote_script.h):
 *
 *   dport script 1                   dport name HOST          dport unresolved
 *   dport hosts ADDR                 dport resolved ADDR      dport try ADDR
 *   dport route LINE                 dport noroute WORDS      dport sender ADDR:PORT
 *   dport before FAILED REPEATED     dport before-lo PACKETS  dport quiet..., after...
 *   dport result HOW CODE MS         dport error WORDS        dport neighbour LINE
 *   dport json                       and then a document of dport probe
 *
 * Other lines are a greeting of the host there and are passed over.
 */
#include <errno.h>
#include <string.h>

#include "core/base/pieces.h"
#include "core/client/readers.h"

enum { TIMEOUT_CODE = 124, LOCAL_MS = 1000, REPEATS_MIN = 1 };

/* Where the reading stands. */
struct reading {
	struct client_view *view;
	struct arena *arena;
	struct client_try *now; /* NULL: none yet, or no room */
	bool has_before, has_lo;
	bool has_quiet;
	uint64_t stopped, repeated, lo; /* before the attempt */
	uint64_t quiet;                 /* lo, a moment before that */
	bool has_failed;                /* for want of memory */
};

static struct text keep(struct reading *r, struct text t)
{
	struct text copy = arena_text(r->arena, piece_strip(t));

	r->has_failed |= piece_strip(t).len && !copy.bytes;
	return copy;
}

static bool next_number(struct text *rest, uint64_t *out)
{
	struct text word;

	return piece_word(rest, &word) && piece_number(&word, UINT32_MAX, out) && !word.len;
}

static void take_script(struct reading *r, struct text rest)
{
	(void)rest;
	r->view->form = CLIENT_FORM_SCRIPT;
	r->view->has_own_time = true;
}

static void take_name(struct reading *r, struct text rest)
{
	r->view->host = keep(r, rest);
}

static void take_unresolved(struct reading *r, struct text rest)
{
	(void)rest;
	r->view->is_unresolved = r->view->has_resolved = true;
}

static void take_hosts(struct reading *r, struct text rest)
{
	(void)rest;
	r->view->is_by_hosts_file = true;
}

static void take_resolved(struct reading *r, struct text rest)
{
	struct addr a = client_address_of(piece_strip(rest));

	r->view->has_resolved = true;
	client_add_address(r->view, &a);
}

static void take_try(struct reading *r, struct text rest)
{
	r->now = client_add_try(r->view);
	r->has_before = r->has_lo = r->has_quiet = false;
	if (r->now)
		r->now->target = client_address_of(piece_strip(rest));
}

/* "10.0.0.1 via 192.0.2.254 dev eth0 src 192.0.2.2 uid 0 \ cache" */
static void take_route(struct reading *r, struct text rest)
{
	struct text word, value;

	while (r->now && piece_word(&rest, &word)) {
		bool is_known = text_equals_str(word, "via") ||
				text_equals_str(word, "dev") ||
				text_equals_str(word, "src");

		if (!is_known || !piece_word(&rest, &value))
			continue;
		if (text_equals_str(word, "via"))
			r->now->next_hop = keep(r, value);
		else if (text_equals_str(word, "dev"))
			r->now->device = keep(r, value);
		else
			r->now->source = client_address_of(value);
	}
}

static void take_no_route(struct reading *r, struct text rest)
{
	if (!r->now)
		return;
	r->now->has_no_route = text_contains_nocase(rest, text_of("unreachable")) ||
			       text_contains_nocase(rest, text_of("No route")) ||
			       text_contains_nocase(rest, text_of("Invalid argument")) ||
			       text_contains_nocase(rest, text_of("Permission denied"));
	if (r->now->has_no_route)
		r->now->error = keep(r, rest);
}

/* "192.0.2.2:44444", "[fd02::2]:44444", "192.0.2.2%eth0:44444" */
static void take_sender(struct reading *r, struct text rest)
{
	struct text t = piece_strip(rest), port;
	size_t colon = t.len;
	uint64_t number;

	while (colon && t.bytes[colon - 1] != ':')
		colon--;
	port = piece_tail(t, colon);
	if (!r->now || !colon || !piece_number(&port, UINT16_MAX, &number) || port.len)
		return;
	t = piece_head(t, colon - 1);
	if (memchr(t.bytes, '%', t.len))
		t.len = (size_t)((const char *)memchr(t.bytes, '%', t.len) - t.bytes);
	if (r->now->source.family && !client_address_of(t).family)
		return;
	r->now->source = client_address_of(t);
	r->now->source_port = (uint16_t)number;
}

static void take_quiet_lo(struct reading *r, struct text rest)
{
	r->has_quiet = next_number(&rest, &r->quiet);
}

static void take_before(struct reading *r, struct text rest)
{
	r->has_before = next_number(&rest, &r->stopped) && next_number(&rest, &r->repeated);
}

static void take_before_lo(struct reading *r, struct text rest)
{
	r->has_lo = next_number(&rest, &r->lo);
}

static void take_after(struct reading *r, struct text rest)
{
	uint64_t stopped, repeated;

	if (!r->now || !r->has_before || !next_number(&rest, &stopped) ||
	    !next_number(&rest, &repeated) || stopped < r->stopped ||
	    repeated < r->repeated)
		return;
	r->now->n_stopped = (uint32_t)(stopped - r->stopped);
	r->now->n_repeats = (uint32_t)(repeated - r->repeated);
}

static void take_after_lo(struct reading *r, struct text rest)
{
	uint64_t lo;

	if (!r->now || !r->has_lo || !next_number(&rest, &lo) || lo < r->lo)
		return;
	/* Others may use it too: only where it was quiet the moment before is it ours. */
	r->now->was_answered_here = lo == r->lo                         ? TRI_NO
				    : r->has_quiet && r->quiet == r->lo ? TRI_YES
									: TRI_UNSURE;
}

/* Of a handshake that got no answer each SYN was sent again, or could not be. */
static void conclude_sending(struct client_try *t)
{
	if (client_result_is_open(t->result)) {
		t->has_left = TRI_YES;
		return;
	}
	if (t->result != CLIENT_TIMED_OUT || t->n_repeats < REPEATS_MIN)
		return;
	if (!t->n_stopped)
		t->has_left = TRI_YES;
	else if (t->n_stopped >= t->n_repeats)
		t->has_left = TRI_NO;
}

static void take_result(struct reading *r, struct text rest)
{
	struct text how;
	uint64_t code, ms;

	if (!r->now || !piece_word(&rest, &how) || !next_number(&rest, &code))
		return;
	if (next_number(&rest, &ms) && ms <= INT32_MAX)
		r->now->took_ms = (int32_t)ms;
	if (text_equals_str(how, "none"))
		return;
	if (code == 0)
		r->now->result = CLIENT_CONNECTED;
	else if (text_equals_str(how, "bash") && code == TIMEOUT_CODE)
		r->now->result = CLIENT_TIMED_OUT;
	else
		r->now->result = CLIENT_FAILED;
}

/* Behind "result": its words say which failure it was. */
static void take_error(struct reading *r, struct text rest)
{
	enum client_result said = client_result_of(rest);

	if (!r->now)
		return;
	if (r->now->result == CLIENT_FAILED && said != CLIENT_UNKNOWN)
		r->now->result = said;
	if (piece_strip(rest).len && !r->now->error.len)
		r->now->error = keep(r, rest);
	conclude_sending(r->now);
	if (r->now->result != CLIENT_REFUSED || r->now->took_ms > LOCAL_MS)
		r->now->was_answered_here = TRI_NO;
}

/* "192.0.2.254 dev eth0 FAILED", "10.0.0.1 dev eth0 lladdr 02:.. REACHABLE" */
static void take_neighbour(struct reading *r, struct text rest)
{
	struct text t = piece_strip(rest);

	if (r->now)
		r->now->is_neighbour_dead =
			piece_ends(t, "FAILED") || piece_ends(t, "INCOMPLETE");
}

static const struct {
	const char *word;
	void (*take)(struct reading *r, struct text rest);
} rows[] = {
	{"script", take_script},         {"name", take_name},
	{"unresolved", take_unresolved}, {"hosts", take_hosts},
	{"resolved", take_resolved},     {"try", take_try},
	{"route", take_route},           {"noroute", take_no_route},
	{"sender", take_sender},         {"quiet-lo", take_quiet_lo},
	{"before", take_before},         {"before-lo", take_before_lo},
	{"after", take_after},           {"after-lo", take_after_lo},
	{"result", take_result},         {"error", take_error},
	{"neighbour", take_neighbour},
};

static void take_line(struct reading *r, struct text rest)
{
	struct text word;

	if (!piece_word(&rest, &word))
		return;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (text_equals_str(word, rows[i].word) &&
		    (r->view->form || rows[i].take == take_script))
			rows[i].take(r, rest);
}

/* What dport says there, beside what the shell saw: its cause, and what it alone knows. */
static int take_report(struct reading *r, struct text document)
{
	struct client_view said = {0};
	int error = client_read_report(&said, r->arena, document);

	if (error)
		return error == -ENOENT ? 0 : error;
	r->view->form = said.form;
	r->view->cause = said.cause;
	r->view->certainty = said.certainty;
	r->view->proxy = said.proxy;
	if (!r->view->n_tries) {
		memcpy(r->view->tries, said.tries, sizeof(said.tries));
		r->view->n_tries = said.n_tries;
	}
	return 0;
}

int client_read_script(struct client_view *v, struct arena *a, struct text t)
{
	struct reading r = {.view = v, .arena = a};
	struct text line;
	int error = 0;

	while (!error && piece_next(&t, '\n', &line)) {
		if (!piece_starts(line, "dport "))
			continue;
		line = piece_strip(piece_tail(line, strlen("dport ")));
		if (v->form && text_equals_str(line, "json")) {
			error = take_report(&r, t);
			break;
		}
		take_line(&r, line);
	}
	if (r.has_failed)
		error = -ENOMEM;
	return error ? error : v->form ? 0 : -ENOENT;
}
