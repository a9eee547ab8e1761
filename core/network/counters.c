/*
 * The counter files of /proc/net -> names and values. Knows the files' shapes; what a
 * counter means is known elsewhere.
 */
#include "core/network/counters.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/pieces.h"
#include "core/base/rows.h"
#include "core/network/counters_impl.h"
#include "core/network/fields.h"

struct counter_decoder *counters_new(void)
{
	struct counter_decoder *d = calloc(1, sizeof(*d));

	if (d)
		vec_init(&d->rows, sizeof(struct counter_row));
	return d;
}

static void counters_reset(struct counter_decoder *d)
{
	vec_reset(&d->rows);
	arena_release(&d->texts);
}

void counters_free(struct counter_decoder *d)
{
	if (!d)
		return;
	counters_reset(d);
	vec_release(&d->rows);
	free(d);
}

int counters_keep(struct counter_decoder *d, struct text a, struct text b, const char *c,
		  uint64_t value)
{
	char name[COUNTER_NAME_MAX];
	int n = snprintf(name, sizeof(name), "%.*s%s%.*s%s%s", (int)a.len,
			 a.len ? a.bytes : "", b.len ? "." : "", (int)b.len,
			 b.len ? b.bytes : "", c ? "." : "", c ? c : "");
	struct counter_row *row;

	if (n < 0 || (size_t)n >= sizeof(name))
		return -EBADMSG;
	row = vec_push(&d->rows);
	if (!row)
		return -ENOMEM;
	*row = (struct counter_row){arena_text(&d->texts, text_of(name)), value};
	if (!text_is_empty(row->name))
		return 0;
	vec_truncate(&d->rows, d->rows.n - 1);
	return n ? -ENOMEM : -EBADMSG;
}

bool counters_is_name(struct text t)
{
	return t.len && t.len < COUNTER_NAME_MAX && !memchr(t.bytes, '\0', t.len);
}

/* "Tcp:" off the front of the line. */
static bool take_group(struct text *line, struct text *group)
{
	if (!piece_word(line, group) || !counters_is_name(*group) ||
	    group->bytes[group->len - 1] != ':')
		return false;
	group->len--;
	return group->len > 0;
}

/* One name and its value each; a negative value (MaxConn -1) is no counter. */
static int take_pair(struct counter_decoder *d, struct text names, struct text values)
{
	struct text group, again, name, value;
	uint64_t number;
	int error = 0;

	if (!take_group(&names, &group) || !take_group(&values, &again) ||
	    !text_equals(group, again))
		return -EBADMSG;
	while (!error && piece_word(&names, &name)) {
		if (!piece_word(&values, &value) || !counters_is_name(name))
			return -EBADMSG;
		if (fields_number(value, 10, &number))
			error = counters_keep(d, group, name, NULL, number);
	}
	return error;
}

/* net/snmp and net/netstat. */
static int take_pairs(struct counter_decoder *d, struct text file)
{
	struct text names, values;
	int worst = 0;

	while (piece_next(&file, '\n', &names) && piece_next(&file, '\n', &values)) {
		int error = take_pair(d, names, values);

		if (error == -ENOMEM)
			return error;
		worst = error ? error : worst;
	}
	return worst;
}

/* A name and its value a line, behind the prefix if there is one. */
static int take_list(struct counter_decoder *d, struct text prefix, struct text file)
{
	struct text line, name, value;
	uint64_t number;

	while (piece_next(&file, '\n', &line)) {
		int error;

		if (!piece_word(&line, &name) || !counters_is_name(name) ||
		    !piece_word(&line, &value) || !fields_number(value, 10, &number))
			continue;
		error = prefix.len ? counters_keep(d, prefix, name, NULL, number)
				   : counters_keep(d, name, TEXT_NONE, NULL, number);
		if (error)
			return error;
	}
	return 0;
}

/* net/snmp6: "Ip6InReceives   12" */
static int take_snmp6(struct counter_decoder *d, struct text file)
{
	return take_list(d, TEXT_NONE, file);
}

/* net/xfrm_stat: "XfrmInNoPols   12" */
static int take_xfrm(struct counter_decoder *d, struct text file)
{
	return take_list(d, text_of("xfrm"), file);
}

/* Behind "eth0:"; named as ip-link(8) names them where it does. */
static const char *const device_columns[] = {
	"rx_bytes", "rx_packets", "rx_errors",     "rx_drop",
	"rx_fifo",  "rx_frame",   "rx_compressed", "rx_multicast",
	"tx_bytes", "tx_packets", "tx_errors",     "tx_drop",
	"tx_fifo",  "tx_colls",   "tx_carrier",    "tx_compressed",
};

enum { N_DEVICE_COLUMNS = sizeof(device_columns) / sizeof(*device_columns) };

static int take_device(struct counter_decoder *d, struct text device, struct text columns)
{
	struct text value;
	uint64_t number;

	for (size_t i = 0; i < N_DEVICE_COLUMNS; i++) {
		int error;

		if (!piece_word(&columns, &value) || !fields_number(value, 10, &number))
			return -EBADMSG;
		error = counters_keep(d, text_of("dev"), device, device_columns[i], number);
		if (error)
			return error;
	}
	return 0;
}

/* net/dev: two lines of heads, then one a device; no device's name has a colon. */
static int take_dev(struct counter_decoder *d, struct text file)
{
	struct text line;
	int worst = 0;

	while (piece_next(&file, '\n', &line)) {
		const char *colon = line.len ? memchr(line.bytes, ':', line.len) : NULL;
		struct text device = line;
		int error;

		if (!colon)
			continue;
		device.len = (size_t)(colon - line.bytes);
		line.len -= device.len + 1;
		line.bytes = colon + 1;
		device = piece_strip(device);
		error = counters_is_name(device) ? take_device(d, device, line) : -EBADMSG;
		if (error == -ENOMEM)
			return error;
		worst = error ? error : worst;
	}
	return worst;
}

static int take_conntrack(struct counter_decoder *d, struct text file)
{
	return counters_take_stat(d, "conntrack", file);
}

static int take_arp(struct counter_decoder *d, struct text file)
{
	return counters_take_stat(d, "arp_cache", file);
}

static int take_ndisc(struct counter_decoder *d, struct text file)
{
	return counters_take_stat(d, "ndisc_cache", file);
}

static int take_routes(struct counter_decoder *d, struct text file)
{
	return counters_take_stat(d, "rt_cache", file);
}

static const struct {
	const char *name;
	int (*take)(struct counter_decoder *d, struct text file);
} files[] = {
	{"net/snmp", take_pairs},
	{"net/netstat", take_pairs},
	{"net/snmp6", take_snmp6},
	{"net/xfrm_stat", take_xfrm},
	{"net/dev", take_dev},
	{"net/sockstat", counters_take_sockstat},
	{"net/softnet_stat", counters_take_softnet},
	{"net/stat/nf_conntrack", take_conntrack},
	{"net/stat/arp_cache", take_arp},
	{"net/stat/ndisc_cache", take_ndisc},
	{"net/stat/rt_cache", take_routes},
};

static int take_item(void *decoder, const struct bundle_item *item)
{
	struct text file = item->error ? piece_whole_lines(item->data) : item->data;

	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		if (file.len && text_equals_str(item->name, files[i].name))
			return files[i].take(decoder, file);
	}
	return 0;
}

int counters_decode(struct counter_decoder *d, const void *bytes, size_t len)
{
	return bundle_each(bytes, len, take_item, d);
}

static int compare_names(const void *a, const void *b)
{
	const struct counter_row *x = a, *y = b;

	return text_compare(x->name, y->name);
}

static int fill(struct counter_table *t, struct counter_decoder *d)
{
	t->rows = rows_freeze_once(&d->texts, &d->rows, compare_names, &t->n);
	if (!t->rows)
		return -ENOMEM;
	t->head.arena = d->texts; /* the names live on where they are */
	arena_init(&d->texts);
	return 0;
}

struct counter_table *counters_finish(struct counter_decoder *d)
{
	struct counter_table *t = table_new(sizeof(*t), NULL);

	if (t && fill(t, d) < 0) {
		table_unref(t);
		t = NULL;
	}
	counters_reset(d);
	return t;
}

bool counters_get(const struct counter_table *t, const char *name, uint64_t *value)
{
	struct counter_row key = {.name = text_of(name)};
	const struct counter_row *row = NULL;

	if (t && t->n)
		row = bsearch(&key, t->rows, t->n, sizeof(key), compare_names);
	if (row)
		*value = row->value;
	return row != NULL;
}

int64_t counters_delta(const struct counter_table *before,
		       const struct counter_table *after, const char *name)
{
	uint64_t first, last;

	if (!counters_get(before, name, &first) || !counters_get(after, name, &last))
		return -1;
	if (last < first || last - first > INT64_MAX)
		return -1;
	return (int64_t)(last - first);
}
