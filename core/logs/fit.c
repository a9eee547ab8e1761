/* Port, client, process, unit: whether a sentence is about them. Knows no sentence. */
#include "core/logs/fit.h"

#include <netinet/in.h>

#include "core/base/pieces.h"
#include "core/logs/scan.h"

bool fit_is_client(const struct log_wanted *w, const struct addr *a)
{
	struct addr plain = addr_unmapped(a);

	for (size_t i = 0; a->family && i < w->clients.n; i++) {
		struct addr client = addr_unmapped(&w->clients.rows[i]);

		if (addr_equals(&client, &plain))
			return true;
	}
	return false;
}

static bool has_pid(const struct log_wanted *w, int32_t pid)
{
	for (size_t i = 0; pid > 0 && i < w->n_pids; i++)
		if (w->pids[i] == pid)
			return true;
	return false;
}

bool fit_is_owner(const struct log_wanted *w, const struct log_line *line)
{
	return has_pid(w, line->pid) || has_pid(w, line->holder) ||
	       (w->unit.len && text_equals(w->unit, line->unit)) ||
	       (w->comm.len && text_equals(w->comm, line->tag));
}

/* One '*' in the pattern stands for anything. */
static bool is_like(struct text name, struct text pattern)
{
	struct text front, back = pattern;

	if (!name.len || !piece_next(&back, '*', &front))
		return false;
	if (front.len == pattern.len)
		return text_equals(name, pattern);
	return name.len >= front.len + back.len &&
	       text_equals(piece_head(name, front.len), front) &&
	       text_equals(piece_tail(name, name.len - back.len), back);
}

static bool is_among(const struct text_list *list, struct text name)
{
	for (size_t i = 0; i < list->n; i++)
		if (is_like(name, list->rows[i]))
			return true;
	return false;
}

static enum fit of_owner(const struct log_wanted *w, const struct log_line *line)
{
	if (fit_is_owner(w, line))
		return FIT_WELL;
	return is_among(&w->units, line->unit) || is_among(&w->comms, line->tag)
		       ? FIT_BY_GUESS
		       : FIT_NOT;
}

static enum fit of_comm(const struct log_wanted *w, const struct form_found *found)
{
	if (has_pid(w, found->pid) || (w->comm.len && text_equals(w->comm, found->word)))
		return FIT_WELL;
	return is_among(&w->comms, found->word) ? FIT_BY_GUESS : FIT_NOT;
}

static enum fit of_unit(const struct log_wanted *w, struct text unit)
{
	if (w->unit.len && text_equals(w->unit, unit))
		return FIT_WELL;
	return is_among(&w->units, unit) ? FIT_BY_GUESS : FIT_NOT;
}

static enum fit well_if(bool fits)
{
	return fits ? FIT_WELL : FIT_NOT;
}

static bool is_port(const struct log_wanted *w, const struct form_found *found)
{
	return found->has_port && found->port == w->port;
}

static bool has_word(const struct log_line *line, const char *word)
{
	return scan_find(line->text, word) != SCAN_NOWHERE;
}

/* SELinux may only tell what it would deny; and a port is one of a protocol. */
static bool was_denied(const struct log_wanted *w, const struct log_line *line)
{
	const char *other =
		w->proto == IPPROTO_UDP ? "tclass=tcp_socket" : "tclass=udp_socket";

	return !has_word(line, "permissive=1") && !has_word(line, other);
}

enum fit fit_of(const struct log_wanted *w, const struct log_line *line,
		const struct known *k, const struct form_found *found)
{
	if (k->meaning == LOG_MEANS_BIND_FORBIDDEN && !was_denied(w, line))
		return FIT_NOT;
	if (found->netns && w->netns && found->netns != w->netns)
		return FIT_NOT;
	switch (k->fit) {
	case FIT_WINDOW:
		return FIT_WELL;
	case FIT_PORT:
		return well_if(is_port(w, found));
	case FIT_PORT_OR_OWNER:
		return found->has_port ? well_if(is_port(w, found)) : of_owner(w, line);
	case FIT_PORT_OR_COMM:
		return found->has_port ? well_if(is_port(w, found)) : of_comm(w, found);
	case FIT_CLIENT_PORT:
		return well_if(is_port(w, found) && fit_is_client(w, &found->address));
	case FIT_CLIENT:
		return well_if(fit_is_client(w, &found->address));
	case FIT_CLIENT_OR_OWNER:
		return fit_is_client(w, &found->address) ? FIT_WELL : of_owner(w, line);
	case FIT_OWNER:
		return of_owner(w, line);
	case FIT_COMM:
		return of_comm(w, found);
	case FIT_UNIT:
		return of_unit(w, found->word.len ? found->word : line->unit);
	}
	return FIT_NOT;
}
