/*
 * The counter files of /proc/net whose values stand in columns, or behind words in a line.
 * What a counter means is known elsewhere.
 */
#include <errno.h>
#include <stdio.h>

#include "core/base/pieces.h"
#include "core/network/counters_impl.h"
#include "core/network/fields.h"

#define STAT_COLS_MAX 32

/* net/softnet_stat: hexadecimal, a line for each processor. net/core/net-procfs.c */
int counters_take_softnet(struct counter_decoder *d, struct text file)
{
	static const char *const columns[] = {"processed", "dropped", "time_squeeze"};
	uint64_t sums[] = {0, 0, 0}, number;
	struct text line, value;
	int error = 0;

	while (piece_next(&file, '\n', &line)) {
		for (size_t i = 0; i < 3; i++) {
			if (!piece_word(&line, &value) ||
			    !fields_number(value, 16, &number))
				return -EBADMSG;
			sums[i] += number;
		}
	}
	for (size_t i = 0; i < 3 && !error; i++)
		error = counters_keep(d, text_of("softnet"), text_of(columns[i]), NULL,
				      sums[i]);
	return error;
}

/* How many heads, or -EBADMSG. */
static int take_heads(struct text line, struct text heads[STAT_COLS_MAX])
{
	int n = 0;

	while (n < STAT_COLS_MAX && piece_word(&line, &heads[n])) {
		if (!counters_is_name(heads[n++]))
			return -EBADMSG;
	}
	return n;
}

/*
 * Heads, then hexadecimal, a line for each processor. "entries" is the same number on every
 * line. net/netfilter/nf_conntrack_standalone.c, net/core/neighbour.c, net/ipv4/route.c
 */
int counters_take_stat(struct counter_decoder *d, const char *prefix, struct text file)
{
	struct text line, heads[STAT_COLS_MAX], value;
	uint64_t sums[STAT_COLS_MAX] = {0}, number;
	int n = piece_next(&file, '\n', &line) ? take_heads(line, heads) : 0;
	int error = n < 0 ? n : 0;

	while (n > 0 && piece_next(&file, '\n', &line)) {
		for (int i = 0; i < n; i++) {
			if (!piece_word(&line, &value) ||
			    !fields_number(value, 16, &number))
				return -EBADMSG;
			if (text_equals_str(heads[i], "entries"))
				sums[i] = number;
			else
				sums[i] += number;
		}
	}
	for (int i = 0; i < n && !error; i++)
		error = counters_keep(d, text_of(prefix), heads[i], NULL, sums[i]);
	return error;
}

/* "TCP: inuse 1 orphan 0 tw 0 alloc 1 mem 178" */
static int take_sockets(struct counter_decoder *d, struct text line)
{
	struct text group, name, value;
	uint64_t number;
	int error = 0;

	if (!piece_word(&line, &group) || !piece_ends(group, ":"))
		return -EBADMSG;
	group.len--;
	while (!error && piece_word(&line, &name)) {
		char key[COUNTER_NAME_MAX];
		int n = snprintf(key, sizeof(key), "%.*s", (int)name.len, name.bytes);

		if (!counters_is_name(name) || n < 0 || !piece_word(&line, &value) ||
		    !fields_number(value, 10, &number))
			return -EBADMSG;
		error = counters_keep(d, text_of("sockstat"), group, key, number);
	}
	return error;
}

int counters_take_sockstat(struct counter_decoder *d, struct text file)
{
	struct text line;
	int worst = 0;

	while (piece_next(&file, '\n', &line)) {
		int error = take_sockets(d, line);

		if (error == -ENOMEM)
			return error;
		worst = error ? error : worst;
	}
	return worst;
}
