/* Rates, sparklines and answers. Counts nothing: core/snapshot/traffic.h does. */
#include "tui/view/ports/port_traffic.h"

#include <inttypes.h>

enum {
	RATE_WIDTH = 5, /* "999.9" */
	CELLS_MIN = 3,
	CELLS_MAX = 8,
	ROOM_FOR_ROOT = 12, /* "⊘ needs root" */
};

/* What one full cell stands for at least, in SYNs of 1000 s: a quiet port looks quiet. */
#define FULL_MIN 1000

static enum role put_symbol(const struct model *m, struct str *out, enum role role,
			    enum symbol symbol, const char *word)
{
	str_printf(out, "%s%s%s", symbol_text(symbol, m->is_ascii), *word ? " " : "", word);
	return role;
}

static enum traffic_state state_of(const struct model *m)
{
	return m->counts ? m->counts->state : TRAFFIC_WAITING;
}

static bool is_root(const struct model *m)
{
	return m->snapshot && m->snapshot->host && m->snapshot->host->uid == 0;
}

/* Why there is nothing, in `width` columns; with_word: more than its symbol. */
static enum role put_unseen(const struct model *m, int width, bool with_word,
			    struct str *out)
{
	const char *root = is_root(m) ? "no right" : "needs root";

	switch (state_of(m)) {
	case TRAFFIC_WAITING:
		return put_symbol(m, out, ROLE_DIM, SYMBOL_WAITING, "");
	case TRAFFIC_NO_RIGHT:
		if (width < ROOM_FOR_ROOT)
			root = "root";
		return put_symbol(m, out, ROLE_UNKNOWN, SYMBOL_NO_RIGHT,
				  with_word ? root : "");
	case TRAFFIC_RUNNING:
	case TRAFFIC_NOT_RECORDED:
	case TRAFFIC_FAILED:
		break;
	}
	return put_symbol(m, out, ROLE_UNKNOWN, SYMBOL_UNKNOWN, with_word ? "unknown" : "");
}

static void put_number(uint32_t milli_rate, struct str *out)
{
	double rate = milli_rate / 1000.0;

	if (milli_rate < 999950)
		str_printf(out, "%*.1f", RATE_WIDTH, rate);
	else if (milli_rate < UINT32_C(99999500))
		str_printf(out, "%*.0f", RATE_WIDTH, rate);
	else
		str_printf(out, "%*.0fk", RATE_WIDTH - 1, rate / 1000);
}

/* SYNs of 1000 s in cell i of n: the seconds are shared out as evenly as they can be. */
static uint64_t cell_rate(const struct traffic_row *row, int i, int n)
{
	int first = i * TRAFFIC_SLOTS / n, end = (i + 1) * TRAFFIC_SLOTS / n;
	uint64_t sum = 0;

	for (int k = first; k < end; k++)
		sum += row->syns[k];
	return sum * 1000 / (uint64_t)(end - first);
}

static void put_sparkline(const struct model *m, const struct traffic_row *row, int n,
			  struct str *out)
{
	uint64_t full = FULL_MIN;

	for (int i = 0; i < n; i++)
		if (cell_rate(row, i, n) > full)
			full = cell_rate(row, i, n);
	for (int i = 0; i < n; i++) {
		uint64_t rate = cell_rate(row, i, n);
		/* Only nothing at all is the lowest. */
		uint64_t level = (rate * (GRAPH_LEVELS - 1) + full - 1) / full;

		str_puts(out, graph_level(m->graph, m->is_ascii, (unsigned)level));
	}
}

enum role port_put_rate(const struct model *m, const struct traffic_row *row, int width,
			struct str *out)
{
	int cells = width - RATE_WIDTH - 1;

	if (!row || row->answer == TRAFFIC_UNSEEN)
		return put_unseen(m, width, false, out);
	if (row->answer == TRAFFIC_NOT_TCP)
		return put_symbol(m, out, ROLE_DIM, SYMBOL_NONE, "");
	put_number(row->milli_rate, out);
	cells = cells > CELLS_MAX ? CELLS_MAX : cells;
	if (cells < CELLS_MIN || m->graph == GRAPH_NONE)
		return ROLE_NORMAL;
	str_putc(out, ' ');
	put_sparkline(m, row, cells, out);
	return ROLE_NORMAL;
}

enum role port_put_answer(const struct model *m, const struct traffic_row *row, int width,
			  struct str *out)
{
	static const struct {
		enum role role;
		enum symbol symbol;
		const char *word;
	} words[N_TRAFFIC_ANSWERS] = {
		[TRAFFIC_NOT_TCP] = {ROLE_DIM, SYMBOL_NONE, "not TCP"},
		[TRAFFIC_NOBODY] = {ROLE_DIM, SYMBOL_NONE, "none"},
		[TRAFFIC_UNDECIDED] = {ROLE_NORMAL, SYMBOL_WAITING, "waiting"},
		[TRAFFIC_OPEN] = {ROLE_GOOD, SYMBOL_GOOD, "open"},
		[TRAFFIC_SOME] = {ROLE_WARN, SYMBOL_SOME, "some"},
		[TRAFFIC_HALF_OPEN] = {ROLE_UNKNOWN, SYMBOL_UNKNOWN, "half-open"},
		[TRAFFIC_CLOSED] = {ROLE_BAD, SYMBOL_BAD, "closed"},
		[TRAFFIC_REJECTED] = {ROLE_BAD, SYMBOL_BAD, "rejected"},
		[TRAFFIC_FILTERED] = {ROLE_BAD, SYMBOL_BAD, "filtered"},
	};

	if (!row || row->answer == TRAFFIC_UNSEEN)
		return put_unseen(m, width, true, out);
	return put_symbol(m, out, words[row->answer].role, words[row->answer].symbol,
			  words[row->answer].word);
}

void port_put_outcomes(const struct traffic_row *row, struct str *out)
{
	static const char *const words[N_OUTCOMES] = {
		[OUTCOME_ANSWERED] = "answered",
		[OUTCOME_RESET_LATER] = "answered, then reset",
		[OUTCOME_HALF_OPEN] = "answered, the rest not seen",
		[OUTCOME_REFUSED] = "refused",
		[OUTCOME_ICMP] = "rejected by ICMP",
		[OUTCOME_SILENT] = "without an answer",
	};
	size_t from = out->len;

	for (size_t i = 0; i < N_OUTCOMES; i++)
		if (words[i] && row->n_outcomes[i])
			str_printf(out, "%s%" PRIu32 " %s", out->len > from ? "; " : "",
				   row->n_outcomes[i], words[i]);
}

int port_compare_rate(const void *context, const void *a, const void *b)
{
	const struct traffic_row *x = counts_of(context, a), *y = counts_of(context, b);
	uint32_t p = x ? x->milli_rate : 0, q = y ? y->milli_rate : 0;

	return (p > q) - (p < q);
}
