/*
 * What people paste: the output of Test-NetConnection, curl -v, nc -v, telnet, and a
 * browser's words. Line by line: which program it is, what it tried, what came of it. The
 * last word on an attempt counts. Nothing is taken for an answer that no row here knows.
 */
#include <errno.h>
#include <string.h>

#include "core/base/pieces.h"
#include "core/client/readers.h"

struct pasted {
	struct client_view *view;
	struct arena *arena;
	struct client_try *now;
	bool has_failed;
};

/* ---- addresses and ports within a line ---- */

static bool is_address_byte(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') ||
	       c == ':' || c == '.';
}

/* "10.0.0.1", "10.0.0.1:443", "10.0.0.1..." */
static struct addr address_in(struct text piece, struct text *behind)
{
	struct addr a = client_address_of(piece);
	size_t n = piece.len;

	*behind = TEXT_NONE;
	while (!a.family && n > 1 &&
	       (piece.bytes[n - 1] == '.' || piece.bytes[n - 1] == ':'))
		a = client_address_of(piece_head(piece, --n));
	for (size_t i = 1; !a.family && i < piece.len; i++)
		if (piece.bytes[i] == ':') {
			a = client_address_of(piece_head(piece, i));
			*behind = piece_tail(piece, i + 1);
			break;
		}
	return a;
}

/* The next address of the line, and the port right behind it. A word of letters that are
 * hex digits is none: there is a dot or two colons in each. */
static struct addr next_address(struct text *line, uint16_t *port)
{
	while (line->len) {
		struct text piece, behind;
		struct addr a;
		uint64_t number;
		size_t n = 0;

		while (n < line->len && is_address_byte(line->bytes[n]))
			n++;
		piece = piece_head(*line, n);
		*line = piece_tail(*line, n ? n : 1);
		a = n < 2 ? (struct addr){0} : address_in(piece, &behind);
		if (!a.family)
			continue;
		/* "[::1]:443" */
		if (!behind.len && piece_starts(*line, "]:"))
			behind = piece_tail(*line, 2);
		if (piece_number(&behind, UINT16_MAX, &number))
			*port = (uint16_t)number;
		return a;
	}
	return (struct addr){0};
}

/* "port 443", "port: 443", "port [tcp" is none. */
static uint16_t port_behind(struct text line, const char *word)
{
	size_t len = strlen(word);

	for (size_t i = 0; i + len < line.len; i++) {
		struct text rest = piece_tail(line, i);
		uint64_t number;

		if (!piece_starts(rest, word))
			continue;
		rest = piece_strip(piece_tail(rest, len));
		if (rest.len && rest.bytes[0] == ':')
			rest = piece_strip(piece_tail(rest, 1));
		if (piece_number(&rest, UINT16_MAX, &number))
			return (uint16_t)number;
	}
	return 0;
}

/* ---- one attempt ---- */

static struct client_try *current(struct pasted *p)
{
	if (!p->now)
		p->now = client_add_try(p->view);
	return p->now;
}

/* What the line names of the attempt under way; another address is another attempt. */
static void aim(struct pasted *p, struct text line)
{
	uint16_t port = 0, ignored = 0;
	struct text rest = line;
	struct addr target = next_address(&rest, &port), source;
	struct client_try *t;

	if (!port)
		port = port_behind(line, "port");
	if (p->now && target.family && p->now->target.family &&
	    !addr_equals(&target, &p->now->target))
		p->now = NULL;
	t = current(p);
	if (!t)
		return;
	if (target.family)
		t->target = target;
	if (port)
		t->port = port;
	source = text_contains_nocase(line, text_of(" from "))
			 ? next_address(&rest, &ignored)
			 : (struct addr){0};
	if (source.family)
		t->source = source;
}

static void keep_error(struct pasted *p, struct client_try *t, struct text line)
{
	t->error = arena_text(p->arena, piece_head(piece_strip(line), 300));
	p->has_failed |= !t->error.bytes;
}

/* Taken once, it stays taken: what follows is about what was said then. */
static void end_try(struct pasted *p, struct text line, enum client_result result)
{
	struct client_try *t = current(p);

	if (result == CLIENT_UNRESOLVED)
		p->view->is_unresolved = p->view->has_resolved = true;
	if (!t)
		return;
	if (t->result == CLIENT_CONNECTED && result == CLIENT_TIMED_OUT)
		result = CLIENT_SLOW;
	if (t->result && t->result != CLIENT_CONNECTED && t->result != CLIENT_FAILED)
		return;
	t->result = result;
	if (client_result_is_open(result) || result == CLIENT_RESET)
		t->has_left = TRI_YES;
	keep_error(p, t, line);
}

/* ---- the forms ---- */

static struct text value_of(struct text line)
{
	struct text before;

	piece_next(&line, ':', &before);
	return piece_strip(line);
}

static bool is_true(struct text value)
{
	return text_contains_nocase(value, text_of("true"));
}

static void read_test_net_connection(struct pasted *p, struct text line)
{
	struct text value = value_of(line);
	struct client_try *t = current(p);
	uint64_t port;

	if (!t)
		return;
	if (piece_starts(line, "ComputerName"))
		p->view->host = arena_text(p->arena, piece_head(value, 253));
	else if (piece_starts(line, "RemoteAddress"))
		t->target = client_address_of(value);
	else if (piece_starts(line, "SourceAddress"))
		t->source = client_address_of(value);
	else if (piece_starts(line, "RemotePort") &&
		 piece_number(&value, UINT16_MAX, &port))
		t->port = (uint16_t)port;
	else if (piece_starts(line, "TcpTestSucceeded"))
		end_try(p, line, is_true(value) ? CLIENT_CONNECTED : CLIENT_FAILED);
	else if (piece_starts(line, "WARNING: Name resolution of"))
		end_try(p, line, CLIENT_UNRESOLVED);
	if (t->target.family && p->view->host.len &&
	    !client_address_of(p->view->host).family) {
		p->view->has_resolved = true;
		client_add_address(p->view, &t->target);
	}
}

/* "* IPv4: 10.0.0.1, 10.0.0.2" */
static void take_curl_addresses(struct pasted *p, struct text line)
{
	uint16_t ignored;
	struct addr a;

	while ((a = next_address(&line, &ignored)).family) {
		p->view->has_resolved = true;
		client_add_address(p->view, &a);
	}
}

static void read_curl(struct pasted *p, struct text line)
{
	enum client_result said;

	if (piece_starts(line, "* Uses proxy") || piece_starts(line, "* Uses Proxy"))
		p->view->proxy = arena_text(p->arena, piece_head(line, 200));
	else if (piece_starts(line, "* IPv4:") || piece_starts(line, "* IPv6:"))
		take_curl_addresses(p, piece_tail(line, strlen("* IPv4:")));
	else if (text_contains_nocase(line, text_of("Trying ")))
		aim(p, line);
	else if (piece_starts(line, "* Connected to") ||
		 piece_starts(line, "* Established connection to"))
		aim(p, line), end_try(p, line, CLIENT_CONNECTED);
	else if (piece_starts(line, "* ") || piece_starts(line, "curl:")) {
		said = client_result_of(line);
		if (piece_starts(line, "* connect to"))
			aim(p, line);
		if (said)
			end_try(p, line, said);
	}
}

/* "web1 [10.0.0.1] 443 (https) : Connection refused", of the old one. */
static void take_old_port(struct pasted *p, struct text line)
{
	uint64_t port;

	while (line.len && line.bytes[0] != ']')
		line = piece_tail(line, 1);
	line = piece_strip(piece_tail(line, 1));
	if (p->now && !p->now->port && piece_number(&line, UINT16_MAX, &port))
		p->now->port = (uint16_t)port;
}

/* "Connection to 10.0.0.1 443 port [tcp/https] succeeded!" */
static uint16_t port_before_port(struct text line)
{
	struct text word, before = TEXT_NONE;
	uint64_t number;

	while (piece_word(&line, &word)) {
		if (text_equals_str(word, "port") &&
		    piece_number(&before, UINT16_MAX, &number) && !before.len)
			return (uint16_t)number;
		before = word;
	}
	return 0;
}

static void read_nc(struct pasted *p, struct text line)
{
	enum client_result said = client_result_of(line);

	if (text_contains_nocase(line, text_of("succeeded!")) ||
	    piece_starts(line, "Ncat: Connected to") || piece_ends(line, ") open"))
		said = CLIENT_CONNECTED;
	if (!said)
		return;
	aim(p, line);
	take_old_port(p, line);
	if (p->now && !p->now->port)
		p->now->port = port_before_port(line);
	end_try(p, line, said);
}

static void read_telnet(struct pasted *p, struct text line)
{
	enum client_result said = client_result_of(line);

	if (piece_starts(line, "Trying "))
		aim(p, line);
	else if (piece_starts(line, "Connected to"))
		end_try(p, line, CLIENT_CONNECTED);
	else if (said) {
		aim(p, line);
		end_try(p, line, said);
	}
}

static void read_browser(struct pasted *p, struct text line)
{
	enum client_result said = client_result_of(line);

	if (said)
		end_try(p, line, said);
}

/* Which program wrote it: the first line that only it writes. */
static const struct {
	const char *mark;
	bool starts; /* the line begins so */
	enum client_form form;
	void (*read)(struct pasted *p, struct text line);
} forms[] = {
	{"ComputerName", true, CLIENT_FORM_TEST_NET_CONNECTION, read_test_net_connection},
	{"TcpTestSucceeded", true, CLIENT_FORM_TEST_NET_CONNECTION,
	 read_test_net_connection},
	{"WARNING: TCP connect to", true, CLIENT_FORM_TEST_NET_CONNECTION,
	 read_test_net_connection},
	{"WARNING: Name resolution of", true, CLIENT_FORM_TEST_NET_CONNECTION,
	 read_test_net_connection},
	{"curl: (", true, CLIENT_FORM_CURL, read_curl},
	{"*   Trying ", true, CLIENT_FORM_CURL, read_curl},
	{"* Host ", true, CLIENT_FORM_CURL, read_curl},
	{"* Rebuilt URL", true, CLIENT_FORM_CURL, read_curl},
	{"* Uses proxy", true, CLIENT_FORM_CURL, read_curl},
	{"* Could not resolve", true, CLIENT_FORM_CURL, read_curl},
	{"nc: ", true, CLIENT_FORM_NC, read_nc},
	{"netcat: ", true, CLIENT_FORM_NC, read_nc},
	{"Ncat: ", true, CLIENT_FORM_NC, read_nc},
	{"succeeded!", false, CLIENT_FORM_NC, read_nc},
	{"(UNKNOWN) [", false, CLIENT_FORM_NC, read_nc},
	{") : Connection", false, CLIENT_FORM_NC, read_nc},
	{"telnet: ", true, CLIENT_FORM_TELNET, read_telnet},
	{"Trying ", true, CLIENT_FORM_TELNET, read_telnet},
	{"Connecting To ", true, CLIENT_FORM_TELNET, read_telnet},
	{"ERR_", false, CLIENT_FORM_BROWSER, read_browser},
	{"NS_ERROR_", false, CLIENT_FORM_BROWSER, read_browser},
	{"DNS_PROBE_", false, CLIENT_FORM_BROWSER, read_browser},
	{"PR_END_OF_FILE_ERROR", false, CLIENT_FORM_BROWSER, read_browser},
	{"PR_CONNECT_RESET_ERROR", false, CLIENT_FORM_BROWSER, read_browser},
	{"SSL_ERROR_", false, CLIENT_FORM_BROWSER, read_browser},
	{"refused to connect", false, CLIENT_FORM_BROWSER, read_browser},
	{"took too long to respond", false, CLIENT_FORM_BROWSER, read_browser},
	{"server IP address could not be found", false, CLIENT_FORM_BROWSER, read_browser},
};

enum { N_FORMS = sizeof(forms) / sizeof(forms[0]) };

static size_t form_of(struct text line)
{
	size_t i = 0;

	while (i < N_FORMS &&
	       !(forms[i].starts ? piece_starts(line, forms[i].mark)
				 : text_contains_nocase(line, text_of(forms[i].mark))))
		i++;
	return i;
}

/* PowerShell writes UTF-16 with its mark: every second byte is then zero. */
static struct text narrowed(struct arena *a, struct text t)
{
	char *out;

	if (t.len < 2 || (uint8_t)t.bytes[0] != 0xff || (uint8_t)t.bytes[1] != 0xfe)
		return t;
	out = arena_alloc(a, t.len / 2 + 1);
	for (size_t i = 2; out && i + 1 < t.len; i += 2)
		out[i / 2 - 1] = t.bytes[i + 1] ? '?' : t.bytes[i];
	return out ? (struct text){out, t.len / 2 - 1} : TEXT_NONE;
}

int client_read_words(struct client_view *v, struct arena *a, struct text t)
{
	struct pasted p = {.view = v, .arena = a};
	struct text line;
	size_t form = N_FORMS;

	t = narrowed(a, t);
	while (piece_next(&t, '\n', &line)) {
		line = piece_strip(line);
		if (form == N_FORMS)
			form = form_of(line);
		if (form < N_FORMS)
			forms[form].read(&p, line);
	}
	if (p.has_failed)
		return -ENOMEM;
	if (form == N_FORMS)
		return -ENOENT;
	v->form = forms[form].form;
	return 0;
}
