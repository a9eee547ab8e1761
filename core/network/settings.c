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
	struct str texts_of[N_SETTING_FILES]; /* a long file comes in several items */
	struct setting_text files[N_SETTING_FILES];
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
	for (size_t i = 0; i < N_SETTING_FILES; i++) {
		str_release(&d->texts_of[i]);
		d->files[i] = (struct setting_text){.is_told = false};
	}
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

static const char *const file_names[N_SETTING_FILES] = {
	[SETTING_QUEUE_READERS] = "net/netfilter/nfnetlink_queue",
	[SETTING_VIRTUAL_SERVICES] = "net/ip_vs",
	[SETTING_VIRTUAL_ADDRESSES] = "keepalived",
};

/* N_SETTING_FILES: none of them. */
static size_t find_file(struct text name)
{
	size_t i = 0;

	while (i < N_SETTING_FILES && !text_equals_str(name, file_names[i]))
		i++;
	return i;
}

static int take_file(struct setting_decoder *d, size_t file, const struct bundle_item *item)
{
	struct setting_text *f = &d->files[file];

	f->is_told = true;
	if (item->error)
		f->error = item->error;
	return str_append(&d->texts_of[file], item->data.bytes, item->data.len);
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
	if (find_file(item->name) < N_SETTING_FILES)
		return take_file(d, find_file(item->name), item);
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

static int fill_files(struct setting_table *t, struct setting_decoder *d)
{
	for (size_t i = 0; i < N_SETTING_FILES; i++) {
		const struct str *s = &d->texts_of[i];
		struct text kept = arena_text(&d->texts, text_of_str(s));

		if (s->failed || kept.len != s->len)
			return -ENOMEM;
		t->files[i] = d->files[i];
		t->files[i].text = kept;
	}
	return 0;
}

static int fill(struct setting_table *t, struct setting_decoder *d)
{
	t->rows = rows_freeze_once(&d->texts, &d->rows, compare_names, &t->n);
	if (!t->rows || fill_files(t, d))
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

bool settings_int_at(const struct setting_table *t, const char *name, size_t at,
		     int64_t *value)
{
	const struct setting_row *row = find(t, text_of(name));
	struct text rest, word;

	if (!row || row->error)
		return false;
	rest = row->value;
	do {
		if (!piece_word(&rest, &word))
			return false;
	} while (at--);
	return read_int(word, value);
}

bool settings_int(const struct setting_table *t, const char *name, int64_t *value)
{
	return settings_int_at(t, name, 0, value);
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

bool settings_file(const struct setting_table *t, enum setting_file file, struct text *text,
		   bool *is_whole)
{
	const struct setting_text *f = t ? &t->files[file] : NULL;

	if (!f || !f->is_told)
		return false;
	*text = f->text;
	*is_whole = !f->error || f->error == ENOENT;
	return *is_whole || f->text.len;
}
