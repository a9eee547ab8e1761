/* What systemctl show prints -> rows. Knows no unit. */
#include "core/services/unit_states.h"

#include <errno.h>
#include <stdlib.h>

#include "core/base/arena.h"
#include "core/base/pieces.h"
#include "core/base/vec.h"

enum { UNITS_MAX = 20000 };

struct unit_state_decoder {
	struct str pending; /* all that came: units are cut anywhere between parts */
	int error;
};

struct unit_state_decoder *unit_states_new(void)
{
	return calloc(1, sizeof(struct unit_state_decoder));
}

void unit_states_free(struct unit_state_decoder *d)
{
	if (d)
		str_release(&d->pending);
	free(d);
}

static int take_item(void *decoder, const struct bundle_item *item)
{
	struct unit_state_decoder *d = decoder;

	if (!text_equals_str(item->name, "units"))
		return 0;
	if (item->error)
		d->error = item->error;
	return item->data.len ? str_append(&d->pending, item->data.bytes, item->data.len)
			      : 0;
}

int unit_states_decode(struct unit_state_decoder *d, const void *bytes, size_t len)
{
	return bundle_each(bytes, len, take_item, d);
}

static uint32_t number_of(struct text value)
{
	uint64_t n = 0;

	return piece_number(&value, INT32_MAX, &n) && !value.len ? (uint32_t)n : 0;
}

/* "[::]:22 (Stream)", "/run/x.socket (Stream)" */
static void take_port(struct unit_state *u, struct text value)
{
	struct text end, number = TEXT_NONE, piece;
	uint64_t port;

	if (!piece_word(&value, &end) || end.bytes[0] == '/' ||
	    u->n_ports == UNIT_PORTS_MAX)
		return;
	while (piece_next(&end, ':', &piece))
		number = piece;
	if (!piece_number(&number, UINT16_MAX, &port) || number.len || !port)
		return;
	value = piece_strip(value);
	u->ports[u->n_ports++] =
		(struct unit_port){(uint16_t)port, text_equals_str(value, "(Stream)")};
}

static void take_value(struct unit_state *u, struct text name, struct text value)
{
	enum { CLD_KILLED_WORD = 2, CLD_DUMPED_WORD = 3 };
	uint32_t n = number_of(value);

	if (text_equals_str(name, "Id"))
		u->id = value;
	else if (text_equals_str(name, "ActiveState"))
		u->active = value;
	else if (text_equals_str(name, "SubState"))
		u->sub = value;
	else if (text_equals_str(name, "Result"))
		u->result = value;
	else if (text_equals_str(name, "NRestarts"))
		u->n_restarts = n;
	else if (text_equals_str(name, "ExecMainStatus"))
		u->exit_status = (int32_t)n;
	else if (text_equals_str(name, "ExecMainCode"))
		u->was_killed = n == CLD_KILLED_WORD || n == CLD_DUMPED_WORD;
	else if (text_equals_str(name, "Triggers"))
		(void)piece_word(&value, &u->triggers);
	else if (text_equals_str(name, "Listen"))
		take_port(u, value);
	else if (text_equals_str(name, "MainPID"))
		u->main_pid = (int32_t)n;
}

static int keep_unit(struct vec *rows, struct arena *texts, struct unit_state *u)
{
	struct text *all[] = {&u->id, &u->active, &u->sub, &u->result, &u->triggers};
	struct unit_state *row;

	if (text_is_empty(u->id) || rows->n >= UNITS_MAX)
		return 0;
	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		struct text kept = arena_text(texts, *all[i]);

		if (kept.len != all[i]->len)
			return -ENOMEM;
		*all[i] = kept;
	}
	row = vec_push(rows);
	if (!row)
		return -ENOMEM;
	*row = *u;
	return 0;
}

static int read_units(struct text rest, struct vec *rows, struct arena *texts)
{
	struct unit_state u = {.n_restarts = 0};
	struct text line, name;
	int error = 0;

	while (!error && piece_next(&rest, '\n', &line)) {
		if (!line.len) {
			error = keep_unit(rows, texts, &u);
			u = (struct unit_state){.n_restarts = 0};
			continue;
		}
		if (piece_next(&line, '=', &name))
			take_value(&u, name, line);
	}
	return error ? error : keep_unit(rows, texts, &u);
}

static int by_id(const void *a, const void *b)
{
	const struct unit_state *x = a, *y = b;

	return text_compare(x->id, y->id);
}

static int fill(struct unit_state_table *t, const struct vec *rows)
{
	if (!rows->n)
		return 0;
	t->rows = arena_alloc(&t->head.arena, rows->n * sizeof(*t->rows));
	if (!t->rows)
		return -ENOMEM;
	for (; t->n < rows->n; t->n++) {
		const struct unit_state *u = vec_at(rows, t->n);

		t->rows[t->n] = *u;
	}
	qsort(t->rows, t->n, sizeof(*t->rows), by_id);
	return 0;
}

struct unit_state_table *unit_states_finish(struct unit_state_decoder *d)
{
	struct unit_state_table *t = table_new(sizeof(*t), NULL);
	struct vec rows = VEC_OF(struct unit_state);

	if (t && (read_units(text_of_str(&d->pending), &rows, &t->head.arena) ||
		  fill(t, &rows))) {
		table_unref(t);
		t = NULL;
	}
	if (t)
		t->error = d->error;
	vec_release(&rows);
	str_reset(&d->pending);
	d->error = 0;
	return t;
}

const struct unit_state *unit_states_find(const struct unit_state_table *t, struct text id)
{
	struct unit_state key = {.id = id};

	return t && t->n && id.len ? bsearch(&key, t->rows, t->n, sizeof(key), by_id)
				   : NULL;
}

const struct unit_state *unit_states_at(const struct unit_state_table *t, uint16_t port,
					bool is_stream)
{
	for (size_t i = 0; t && i < t->n; i++)
		for (size_t k = 0; k < t->rows[i].n_ports; k++)
			if (t->rows[i].ports[k].port == port &&
			    t->rows[i].ports[k].is_stream == is_stream)
				return &t->rows[i];
	return NULL;
}

bool unit_state_is_down(const struct unit_state *u)
{
	return text_equals_str(u->active, "failed") ||
	       (text_equals_str(u->active, "activating") &&
		text_equals_str(u->sub, "auto-restart"));
}
