/* Sysctls and what is loaded -> rows. Knows no setting's meaning. */
#include "core/network/settings.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "core/base/pieces.h"
#include "core/base/rows.h"
#include "core/base/vec.h"
#include "core/network/fields.h"

#define SETTING_NAME_MAX 256

struct setting_decoder {
	struct vec rows;
	struct arena texts;
	struct text legacy_v4, legacy_v6, modules;
	int legacy_error;
};

struct setting_decoder *settings_new(void)
{
	struct setting_decoder *d = calloc(1, sizeof(*d));

	if (d)
		vec_init(&d->rows, sizeof(struct setting_row));
	return d;
}

static void settings_reset(struct setting_decoder *d)
{
	vec_reset(&d->rows);
	arena_release(&d->texts);
	d->legacy_v4 = d->legacy_v6 = d->modules = TEXT_NONE;
	d->legacy_error = 0;
}

void settings_free(struct setting_decoder *d)
{
	if (!d)
		return;
	settings_reset(d);
	vec_release(&d->rows);
	free(d);
}

/* A copy without blanks at its ends. 0 or -ENOMEM. */
static int copy(struct setting_decoder *d, struct text t, struct text *out)
{
	struct text kept;

	t = piece_strip(t);
	kept = arena_text(&d->texts, t);
	if (kept.len != t.len)
		return -ENOMEM;
	*out = kept;
	return 0;
}

/* That a file is not there says less than that it may not be read. */
static int take_legacy(struct setting_decoder *d, const struct bundle_item *item,
		       struct text *out)
{
	if (item->error && (!d->legacy_error || d->legacy_error == ENOENT))
		d->legacy_error = item->error;
	return copy(d, item->data, out);
}

static int take_setting(struct setting_decoder *d, struct text name,
			const struct bundle_item *item)
{
	struct setting_row row = {.error = item->error};
	struct setting_row *kept;

	if (!name.len)
		return -EBADMSG;
	if (copy(d, name, &row.name) < 0 || copy(d, item->data, &row.value) < 0)
		return -ENOMEM;
	kept = vec_push(&d->rows);
	if (!kept)
		return -ENOMEM;
	*kept = row;
	return 0;
}

static int take_item(void *decoder, const struct bundle_item *item)
{
	struct setting_decoder *d = decoder;
	struct text name;

	if (fields_value(item->name, "sys/", &name))
		return take_setting(d, name, item);
	if (text_equals_str(item->name, "net/ip_tables_names"))
		return take_legacy(d, item, &d->legacy_v4);
	if (text_equals_str(item->name, "net/ip6_tables_names"))
		return take_legacy(d, item, &d->legacy_v6);
	if (text_equals_str(item->name, "modules"))
		return copy(d, item->data, &d->modules);
	return 0;
}

int settings_decode(struct setting_decoder *d, const void *bytes, size_t len)
{
	return bundle_each(bytes, len, take_item, d);
}

static int compare_names(const void *a, const void *b)
{
	const struct setting_row *x = a, *y = b;

	return text_compare(x->name, y->name);
}

static int fill(struct setting_table *t, struct setting_decoder *d)
{
	t->rows = rows_freeze_once(&d->texts, &d->rows, compare_names, &t->n);
	if (!t->rows)
		return -ENOMEM;
	t->legacy_v4 = d->legacy_v4;
	t->legacy_v6 = d->legacy_v6;
	t->legacy_error = d->legacy_error;
	t->modules = d->modules;
	t->head.arena = d->texts; /* the texts live on where they are */
	arena_init(&d->texts);
	return 0;
}

struct setting_table *settings_finish(struct setting_decoder *d)
{
	struct setting_table *t = table_new(sizeof(*t), NULL);

	if (t && fill(t, d) < 0) {
		table_unref(t);
		t = NULL;
	}
	settings_reset(d);
	return t;
}

static const struct setting_row *find(const struct setting_table *t, struct text name)
{
	struct setting_row key = {.name = name};

	if (!t || !t->n)
		return NULL;
	return bsearch(&key, t->rows, t->n, sizeof(key), compare_names);
}

static bool read_int(struct text word, int64_t *value)
{
	struct text digits;
	bool is_negative = fields_value(word, "-", &digits);
	uint64_t n;

	if (!fields_number(is_negative ? digits : word, 10, &n) || n > INT64_MAX)
		return false;
	*value = is_negative ? -(int64_t)n : (int64_t)n;
	return true;
}

static bool row_int(const struct setting_row *row, int64_t *value)
{
	struct text rest, word;

	if (!row || row->error)
		return false;
	rest = row->value;
	return piece_word(&rest, &word) && read_int(word, value);
}

bool settings_int(const struct setting_table *t, const char *name, int64_t *value)
{
	return row_int(find(t, text_of(name)), value);
}

bool settings_device_int(const struct setting_table *t, int family, struct text device,
			 const char *key, int64_t *value)
{
	char name[SETTING_NAME_MAX];
	int n;

	if (!device.len || device.len >= sizeof(name) ||
	    memchr(device.bytes, '\0', device.len))
		return false;
	n = snprintf(name, sizeof(name), "net/%s/conf/%.*s/%s",
		     family == AF_INET6 ? "ipv6" : "ipv4", (int)device.len, device.bytes,
		     key);
	return n > 0 && (size_t)n < sizeof(name) && settings_int(t, name, value);
}

bool settings_has_legacy(const struct setting_table *t, int family)
{
	return !text_is_empty(family == AF_INET6 ? t->legacy_v6 : t->legacy_v4);
}
