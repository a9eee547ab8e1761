/* The items of a few processes -> how they do. Looks for no processes and no sockets. */
#include "core/sockets/processes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/pieces.h"
#include "core/base/rows.h"
#include "core/base/vec.h"
#include "core/sockets/procstat.h"

/* Fields of stat; proc(5). */
enum { FIELD_STATE = 3, FIELD_UTIME = 14, FIELD_STIME = 15, FIELD_THREADS = 20 };

struct process_state_decoder {
	struct vec rows;
	struct arena texts;
};

struct process_state_decoder *process_states_new(void)
{
	struct process_state_decoder *d = calloc(1, sizeof(*d));

	if (d)
		vec_init(&d->rows, sizeof(struct process_state));
	return d;
}

static void process_states_reset(struct process_state_decoder *d)
{
	vec_reset(&d->rows);
	arena_release(&d->texts);
}

void process_states_free(struct process_state_decoder *d)
{
	if (!d)
		return;
	process_states_reset(d);
	vec_release(&d->rows);
	free(d);
}

/* The row of pid, a new one if there is none. Its items come in a run. NULL: no memory. */
static struct process_state *row_of(struct process_state_decoder *d, int32_t pid)
{
	struct process_state *row;

	for (size_t i = d->rows.n; i-- > 0;) {
		row = vec_at(&d->rows, i);
		if (row->pid == pid)
			return row;
	}
	row = vec_push(&d->rows);
	if (row)
		*row = (struct process_state){.pid = pid,
					      .n_fds = -1,
					      .fd_limit = -1,
					      .is_frozen = TRI_UNSURE,
					      .n_killed = -1,
					      .n_refused_forks = -1};
	return row;
}

/* Field n of stat, counted behind the last ')'; none: there is none. */
static struct text stat_field(struct text file, int n)
{
	const char *close = file.len ? memrchr(file.bytes, ')', file.len) : NULL;
	struct text rest, field = TEXT_NONE;

	if (!close)
		return TEXT_NONE;
	rest = piece_tail(file, (size_t)(close - file.bytes) + 2);
	for (int i = FIELD_STATE; i <= n; i++)
		if (!piece_next(&rest, ' ', &field))
			return TEXT_NONE;
	return field;
}

static uint64_t stat_number(struct text file, int n, uint64_t max)
{
	struct text field = stat_field(file, n);
	uint64_t value;

	return piece_number(&field, max, &value) ? value : 0;
}

static int take_stat(struct process_state_decoder *d, struct process_state *row,
		     struct text data)
{
	struct procstat s;
	int error = procstat_parse(data, &s);

	(void)d;
	if (error)
		return error;
	row->state = s.state;
	row->start_ticks = s.start_ticks;
	row->n_threads = (uint32_t)stat_number(data, FIELD_THREADS, UINT32_MAX);
	row->cpu_ticks = stat_number(data, FIELD_UTIME, INT64_MAX) +
			 stat_number(data, FIELD_STIME, INT64_MAX);
	return 0;
}

/* Only where stat was not to be read. "State:\tS (sleeping)", "Threads:\t4" */
static int take_status(struct process_state_decoder *d, struct process_state *row,
		       struct text data)
{
	struct text line;
	uint64_t n;

	(void)d;
	while (piece_next(&data, '\n', &line)) {
		struct text value = piece_strip(piece_tail(line, strlen("Threads:")));

		if (piece_starts(line, "Threads:") && !row->n_threads &&
		    piece_number(&value, UINT32_MAX, &n))
			row->n_threads = (uint32_t)n;
		value = piece_strip(piece_tail(line, strlen("State:")));
		if (piece_starts(line, "State:") && !row->state && value.len)
			row->state = value.bytes[0];
	}
	return 0;
}

/* "Max open files            1024                 524288               files" */
static int take_limits(struct process_state_decoder *d, struct process_state *row,
		       struct text data)
{
	static const char name[] = "Max open files";
	struct text line;
	uint64_t n;

	(void)d;
	while (piece_next(&data, '\n', &line)) {
		struct text soft = piece_strip(piece_tail(line, strlen(name)));

		if (!piece_starts(line, name))
			continue;
		if (piece_starts(soft, "unlimited"))
			row->fd_limit = INT64_MAX;
		else if (piece_number(&soft, INT64_MAX, &n))
			row->fd_limit = (int64_t)n;
		else
			return -EBADMSG;
	}
	return 0;
}

static int take_wchan(struct process_state_decoder *d, struct process_state *row,
		      struct text data)
{
	data = piece_strip(data);
	row->wchan = arena_text(&d->texts, data);
	return row->wchan.len == data.len ? 0 : -ENOMEM;
}

static size_t count_trailing_nuls(struct text t)
{
	size_t n = 0;

	while (n < t.len && !t.bytes[t.len - 1 - n])
		n++;
	return n;
}

/* "nginx\0-g\0daemon off;\0": a program may write there whatever it likes. */
static int take_cmdline(struct process_state_decoder *d, struct process_state *row,
			struct text data)
{
	char words[PROCESS_CMDLINE_MAX];

	if (data.len > sizeof(words)) {
		data.len = sizeof(words);
		row->is_cmdline_cut = true;
	}
	data.len -= count_trailing_nuls(data);
	for (size_t i = 0; i < data.len; i++)
		words[i] = data.bytes[i] ? data.bytes[i] : ' ';
	row->cmdline = arena_text(&d->texts, (struct text){words, data.len});
	row->has_cmdline = row->cmdline.len == data.len;
	return row->has_cmdline ? 0 : -ENOMEM;
}

static int take_n_fds(struct process_state_decoder *d, struct process_state *row,
		      struct text data)
{
	uint64_t n;

	(void)d;
	data = piece_strip(data);
	if (!piece_number(&data, INT64_MAX, &n) || data.len)
		return -EBADMSG;
	row->n_fds = (int64_t)n;
	return 0;
}

static int take_frozen(struct process_state_decoder *d, struct process_state *row,
		       struct text data)
{
	(void)d;
	data = piece_strip(data);
	if (text_equals_str(data, "1"))
		row->is_frozen = TRI_YES;
	else if (text_equals_str(data, "0"))
		row->is_frozen = TRI_NO;
	return 0;
}

/* "oom_kill 3" among lines of a word and a number; -1: there is no such line. */
static int64_t event_of(struct text data, const char *word)
{
	struct text line;
	uint64_t n;

	while (piece_next(&data, '\n', &line)) {
		struct text value = piece_strip(piece_tail(line, strlen(word)));

		if (piece_starts(line, word) && piece_number(&value, INT64_MAX, &n))
			return (int64_t)n;
	}
	return -1;
}

static int take_memory(struct process_state_decoder *d, struct process_state *row,
		       struct text data)
{
	(void)d;
	row->n_killed = event_of(data, "oom_kill ");
	return 0;
}

static int take_pids(struct process_state_decoder *d, struct process_state *row,
		     struct text data)
{
	(void)d;
	row->n_refused_forks = event_of(data, "max ");
	return 0;
}

static const struct {
	const char *name;
	int (*take)(struct process_state_decoder *d, struct process_state *row,
		    struct text data);
} process_items[] = {
	{"stat", take_stat},        {"status", take_status},
	{"limits", take_limits},    {"wchan", take_wchan},
	{"n_fds", take_n_fds},      {"frozen", take_frozen},
	{"cmdline", take_cmdline},  {"memory.events", take_memory},
	{"pids.events", take_pids},
};

enum { N_PROCESS_ITEMS = sizeof(process_items) / sizeof(*process_items) };

/* The begin of a file that goes on. */
static bool is_cut(const struct bundle_item *item)
{
	struct text name = item->name;

	return item->error == EMSGSIZE && name.len >= 8 &&
	       text_equals_str((struct text){name.bytes + name.len - 8, 8}, "/cmdline");
}

static int take_item(void *decoder, const struct bundle_item *item)
{
	struct process_state_decoder *d = decoder;
	struct text name = item->name;
	struct process_state *row;
	uint64_t pid;
	size_t i = 0;

	if (!piece_number(&name, INT32_MAX, &pid) || !piece_starts(name, "/"))
		return 0;
	name = piece_tail(name, 1);
	while (i < N_PROCESS_ITEMS && !text_equals_str(name, process_items[i].name))
		i++;
	if (i == N_PROCESS_ITEMS)
		return 0;
	row = row_of(d, (int32_t)pid);
	if (!row)
		return -ENOMEM;
	row->is_cmdline_cut = row->is_cmdline_cut || is_cut(item);
	if (!item->error || is_cut(item))
		return process_items[i].take(d, row, item->data);
	/* Its stat is there for everybody, as long as it is there. */
	if (text_equals_str(name, "stat"))
		row->error = item->error;
	return 0;
}

int process_states_decode(struct process_state_decoder *d, const void *bytes, size_t len)
{
	return bundle_each(bytes, len, take_item, d);
}

static int compare_pids(const void *a, const void *b)
{
	const struct process_state *x = a, *y = b;

	return (x->pid > y->pid) - (x->pid < y->pid);
}

static int fill(struct process_state_table *t, struct process_state_decoder *d)
{
	t->rows = rows_freeze(&d->texts, &d->rows, compare_pids, &t->n);
	if (!t->rows)
		return -ENOMEM;
	t->head.arena = d->texts; /* the texts live on where they are */
	arena_init(&d->texts);
	return 0;
}

struct process_state_table *process_states_finish(struct process_state_decoder *d)
{
	struct process_state_table *t = table_new(sizeof(*t), NULL);

	if (t && fill(t, d) < 0) {
		table_unref(t);
		t = NULL;
	}
	process_states_reset(d);
	return t;
}

const struct process_state *process_states_find(const struct process_state_table *t,
						int32_t pid)
{
	struct process_state key = {.pid = pid};

	if (!t->n)
		return NULL;
	return bsearch(&key, t->rows, t->n, sizeof(key), compare_pids);
}
