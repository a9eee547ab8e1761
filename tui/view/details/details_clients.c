/* Who comes: what clients of the last minute got, who is connected. Counts nothing. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "tui/state/counts.h"
#include "tui/view/details/details_panes.h"
#include "tui/view/ports/port_traffic.h"

enum { RATE_WIDTH = 14, ANSWER_WIDTH = 16, SHOWN = 10, NETS_SHOWN = 5, COUNT_WIDTH = 6 };

static void add_traffic(const struct pane_page *p)
{
	const struct traffic_row *row = counts_of(p->m, p->e);
	struct str text = {0};
	enum role role = port_put_answer(p->m, row, ANSWER_WIDTH, &text);

	if (row && row->answer != TRAFFIC_UNSEEN && row->answer != TRAFFIC_NOT_TCP &&
	    row->answer != TRAFFIC_NOBODY) {
		str_puts(&text, ": ");
		port_put_outcomes(row, &text);
	}
	details_add(p, role, "last minute", str_text(&text));
	str_reset(&text);
	role = port_put_rate(p->m, row, RATE_WIDTH, &text);
	details_add(p, role, "SYN/s", str_text(&text));
	str_release(&text);
}

static void put_peer(const struct peer_row *row, struct str *out)
{
	char text[ADDR_TEXT_MAX];

	str_printf(out, "%*" PRIu32 "  %s", COUNT_WIDTH, row->n,
		   addr_format(&row->remote, text));
	if (row->n_half_open)
		str_printf(out, "; %" PRIu32 " only half open", row->n_half_open);
	if (row->n_close_wait)
		str_printf(out, "; %" PRIu32 " hung up, not closed here",
			   row->n_close_wait);
}

static void put_net(const struct peer_net *net, struct str *out)
{
	char text[ADDR_TEXT_MAX];

	str_printf(out, "%*" PRIu32 "  %s/%u, %" PRIu32 " %s", COUNT_WIDTH, net->n,
		   addr_format(&net->prefix, text), net->prefix_len, net->n_addresses,
		   net->n_addresses == 1 ? "address" : "addresses");
}

static void add_rows(const struct pane_page *p, const struct peer_table *t)
{
	struct str text = {0};

	for (size_t i = 0; i < t->n && i < SHOWN; i++) {
		str_reset(&text);
		put_peer(&t->rows[i], &text);
		details_add(p, ROLE_NORMAL, i ? " " : "connected", str_text(&text));
	}
	str_reset(&text);
	if (t->n > SHOWN)
		str_printf(&text, "and %zu more addresses", t->n - SHOWN);
	if (text.len)
		details_add(p, ROLE_DIM, " ", str_text(&text));
	str_release(&text);
}

/* Worth a line only where it says more than the addresses. */
static void add_nets(const struct pane_page *p, const struct peer_table *t)
{
	struct str text = {0};

	if (t->n <= SHOWN)
		return;
	for (size_t i = 0; i < t->n_nets && i < NETS_SHOWN; i++) {
		str_reset(&text);
		put_net(&t->nets[i], &text);
		details_add(p, ROLE_NORMAL, i ? " " : "networks", str_text(&text));
	}
	str_reset(&text);
	if (t->n_nets > NETS_SHOWN)
		str_printf(&text, "and %zu more networks", t->n_nets - NETS_SHOWN);
	if (text.len)
		details_add(p, ROLE_DIM, " ", str_text(&text));
	str_release(&text);
}

const char *details_reason(int error)
{
	switch (error) {
	case ENODATA:
		return "it is not in the recording";
	case ENOTSUP:
		return "only those of the namespace that is looked at are asked for";
	case ETIMEDOUT:
		return "not all answers came in time";
	case EAGAIN:
		return "the kernel's list changed while it was read";
	default:
		return strerror(error);
	}
}

static void add_failure(const struct pane_page *p)
{
	struct str text = {0};

	str_printf(&text, "%s: %s",
		   p->m->details.peers ? "perhaps not all that are connected"
				       : "who is connected is not known",
		   details_reason(p->m->details.peers_error));
	details_mark(p, ROLE_UNKNOWN, SYMBOL_UNKNOWN, str_text(&text));
	str_release(&text);
}

static void add_peers(const struct pane_page *p)
{
	const struct details_shown *d = &p->m->details;

	if (d->peers && !d->peers->n)
		details_add(p, ROLE_DIM, "connected", "nobody");
	if (d->peers) {
		add_rows(p, d->peers);
		add_nets(p, d->peers);
	}
	if (d->peers && d->peers->is_cut)
		details_mark(p, ROLE_UNKNOWN, SYMBOL_ELLIPSIS,
			     "too many connections to count them all by address");
	switch (d->peers_state) {
	case PEERS_WAITING:
		details_add(p, ROLE_DIM, "connected",
			    p->m->is_frozen ? "not asked: the picture is frozen"
					    : symbol_text(SYMBOL_WAITING, p->m->is_ascii));
		return;
	case PEERS_FAILED:
		add_failure(p);
		return;
	case PEERS_NOT_TCP:
		details_add(p, ROLE_DIM, "", "datagrams have no connections to count");
		return;
	case PEERS_KNOWN:
		return;
	}
}

void details_clients(const struct pane_page *p)
{
	if (counts_are_shown(p->m))
		add_traffic(p);
	else
		details_mark(p, ROLE_UNKNOWN, SYMBOL_UNKNOWN,
			     "what clients got is not known: no capture is running");
	add_peers(p);
}
