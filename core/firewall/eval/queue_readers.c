/* Lines of nfnetlink_queue -> who reads which queue. Knows no rule. */
#include "core/firewall/eval/queue_readers.h"

#include "core/base/pieces.h"

enum { COLUMNS = 8 };

static bool take_columns(struct text line, uint64_t out[COLUMNS])
{
	struct text word;

	for (size_t i = 0; i < COLUMNS; i++)
		if (!piece_word(&line, &word) ||
		    !piece_number(&word, UINT32_MAX, &out[i]) || word.len)
			return false;
	return out[0] <= UINT16_MAX;
}

static struct queue_reader reader_of(const uint64_t columns[COLUMNS])
{
	return (struct queue_reader){.queue = (uint16_t)columns[0],
				     .port_id = (uint32_t)columns[1],
				     .n_waiting = (uint32_t)columns[2],
				     .copy_mode = (uint32_t)columns[3],
				     .n_overflowed = (uint32_t)columns[5],
				     .n_lost = (uint32_t)columns[6]};
}

/* 1: a line was read; 0: it could not be; -1: there is none. */
static int next_line(struct text *rest, struct queue_reader *out)
{
	uint64_t columns[COLUMNS];
	struct text line;

	do {
		if (!piece_next(rest, '\n', &line))
			return -1;
	} while (!piece_strip(line).len);
	if (!take_columns(line, columns))
		return 0;
	*out = reader_of(columns);
	return 1;
}

bool queue_readers_next(struct text *rest, struct queue_reader *out)
{
	int read;

	do {
		read = next_line(rest, out);
	} while (read == 0);
	return read > 0;
}

static void count(struct queue_readers *all, const struct queue_reader *r)
{
	if (r->copy_mode) {
		if (!all->n_reading++)
			all->one = *r;
		return;
	}
	if (!all->n_refusing++ && !all->n_reading)
		all->one = *r;
}

struct queue_readers queue_readers_of(struct text text, bool is_whole, uint16_t first,
				      uint32_t n)
{
	struct queue_readers all = {.is_known = is_whole};
	struct queue_reader r;
	int read;

	while ((read = next_line(&text, &r)) >= 0) {
		if (!read)
			all.is_known = false;
		else if (r.queue >= first && (uint32_t)(r.queue - first) < n)
			count(&all, &r);
	}
	return all;
}
