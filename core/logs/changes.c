/* Times of files and lines of package logs -> what changed. Reads no file. */
#include "core/logs/changes.h"

#include <errno.h>
#include <stdlib.h>

#include "core/base/pieces.h"
#include "core/base/rows.h"
#include "core/base/str.h"
#include "core/base/vec.h"
#include "core/logs/stamp.h"

#define DPKG_LOG      "/var/log/dpkg.log"
#define RPM_LOG       "/var/log/dnf.rpm.log"
#define TOO_LONG_NAME 512 /* of a package or version: then it is none */

struct change_decoder {
	struct stamp_clock clock;
	struct vec rows, files;
	struct arena texts;
	struct str what;
};

struct change_decoder *changes_new(int32_t utc_offset_s)
{
	struct change_decoder *d = calloc(1, sizeof(*d));

	if (!d)
		return NULL;
	d->clock.utc_offset_s = utc_offset_s;
	vec_init(&d->rows, sizeof(struct change_row));
	vec_init(&d->files, sizeof(struct kept_file));
	return d;
}

static void changes_reset(struct change_decoder *d)
{
	vec_reset(&d->rows);
	vec_reset(&d->files);
	arena_release(&d->texts);
	str_reset(&d->what);
}

void changes_free(struct change_decoder *d)
{
	if (!d)
		return;
	changes_reset(d);
	vec_release(&d->rows);
	vec_release(&d->files);
	str_release(&d->what);
	free(d);
}

/* A row whose text is what was appended to d->what. */
static int keep(struct change_decoder *d, int64_t wall_ns, const char *source, int32_t pid)
{
	struct text what = {str_text(&d->what), d->what.len};
	struct change_row *row;

	if (d->what.failed)
		return -ENOMEM;
	row = vec_push(&d->rows);
	if (!row)
		return -ENOMEM;
	*row = (struct change_row){.wall_ns = wall_ns,
				   .what = arena_text(&d->texts, what),
				   .source = text_of(source),
				   .pid = pid};
	if (!text_is_empty(row->what))
		return 0;
	vec_truncate(&d->rows, d->rows.n - 1);
	return -ENOMEM;
}

static void add(struct change_decoder *d, struct text t)
{
	str_append(&d->what, t.len ? t.bytes : "", t.len); /* failed is looked at by keep */
}

static int take_mtime(struct change_decoder *d, struct text path, int32_t pid,
		      const struct bundle_item *item)
{
	struct text digits = piece_strip(item->data);
	uint64_t ns;

	if (item->error)
		return 0;
	if (!path.len || !piece_number(&digits, INT64_MAX, &ns) || digits.len)
		return -EBADMSG;
	str_reset(&d->what);
	add(d, path);
	str_puts(&d->what, " written");
	return keep(d, (int64_t)ns, "mtime", pid);
}

static bool is_version(struct text t)
{
	return !text_equals_str(t, "<none>");
}

/* What dpkg did; NULL: a step in between. dpkg(1), FILES. */
static const char *dpkg_deed(struct text action, struct text before, struct text after)
{
	if (text_equals_str(action, "install"))
		return "installed";
	if (text_equals_str(action, "upgrade"))
		return text_equals(before, after) ? "installed again" : "upgraded";
	if (text_equals_str(action, "remove"))
		return "removed";
	if (text_equals_str(action, "purge"))
		return "purged";
	return NULL;
}

/* "2026-11-22 10:00:00 upgrade nginx:amd64 1.0 1.1" */
static int take_dpkg_line(struct change_decoder *d, struct text line)
{
	struct text action, package, before, after;
	struct stamp stamp;
	const char *deed;
	size_t colon;

	if (line.len > TOO_LONG_NAME || !stamp_read(&line, &d->clock, &stamp) ||
	    !scan_word(&line, &action) || !scan_word(&line, &package) ||
	    !scan_word(&line, &before) || !scan_word(&line, &after))
		return 0;
	deed = dpkg_deed(action, before, after);
	if (!deed)
		return 0;
	colon = scan_find(package, ":");
	str_reset(&d->what);
	add(d, colon == SCAN_NOWHERE ? package : piece_head(package, colon));
	if (is_version(before)) {
		str_puts(&d->what, " ");
		add(d, before);
	}
	if (is_version(after) && !text_equals(before, after)) {
		str_puts(&d->what, is_version(before) ? " -> " : " ");
		add(d, after);
	}
	str_printf(&d->what, " %s", deed);
	return keep(d, stamp.wall_ns, DPKG_LOG, 0);
}

/* "2026-11-22T10:00:00+0000 SUBDEBUG Upgrade: nginx-1:1.20.1-1.el9.x86_64"; "Upgraded:"
 * names the old one once more. */
static int take_rpm_line(struct change_decoder *d, struct text line)
{
	static const struct {
		const char *word, *deed;
	} deeds[] = {
		{"Install:", "installed"},         {"Installed:", "installed"},
		{"Upgrade:", "upgraded"},          {"Downgrade:", "downgraded"},
		{"Reinstall:", "installed again"}, {"Erase:", "removed"},
		{"Removed:", "removed"},
	};
	struct text level, action, package;
	struct stamp stamp;

	if (line.len > TOO_LONG_NAME || !stamp_read(&line, &d->clock, &stamp) ||
	    !scan_word(&line, &level) || !scan_word(&line, &action) ||
	    !scan_word(&line, &package))
		return 0;
	for (size_t i = 0; i < sizeof(deeds) / sizeof(*deeds); i++) {
		if (!text_equals_str(action, deeds[i].word))
			continue;
		str_reset(&d->what);
		add(d, package);
		str_printf(&d->what, " %s", deeds[i].deed);
		return keep(d, stamp.wall_ns, RPM_LOG, 0);
	}
	return 0;
}

static int take_lines(struct change_decoder *d, struct text file,
		      int (*take)(struct change_decoder *d, struct text line))
{
	struct text line;
	int error = 0;

	while (!error && piece_next(&file, '\n', &line))
		error = take(d, line);
	return error;
}

/* In several items: too long for what is kept of such files. */
static int take_file(struct change_decoder *d, struct text path,
		     const struct bundle_item *item)
{
	struct kept_file *last = d->files.n ? vec_at(&d->files, d->files.n - 1) : NULL,
			 *file;

	if (!path.len)
		return -EBADMSG;
	if (last && text_equals(last->path, path)) {
		*last = (struct kept_file){.path = last->path, .error = EMSGSIZE};
		return 0;
	}
	file = vec_push(&d->files);
	if (!file)
		return -ENOMEM;
	*file = (struct kept_file){.path = arena_text(&d->texts, path),
				   .error = item->error};
	if (!item->error)
		file->bytes = arena_text(&d->texts, item->data);
	if (file->path.bytes && (file->error || !item->data.len || file->bytes.bytes))
		return 0;
	vec_truncate(&d->files, d->files.n - 1);
	return -ENOMEM;
}

static int take_item(void *decoder, const struct bundle_item *item)
{
	struct change_decoder *d = decoder;
	struct text name = item->name;
	uint64_t pid = 0;

	if (text_equals_str(name, "dpkg"))
		return take_lines(d, piece_whole_lines(item->data), take_dpkg_line);
	if (text_equals_str(name, "rpm"))
		return take_lines(d, piece_whole_lines(item->data), take_rpm_line);
	if (scan_literal(&name, "file:"))
		return take_file(d, name, item);
	if (scan_literal(&name, "pid:") &&
	    (!piece_number(&name, INT32_MAX, &pid) || !scan_literal(&name, ":")))
		return 0;
	if (!scan_literal(&name, "mtime:"))
		return 0;
	return take_mtime(d, name, (int32_t)pid, item);
}

int changes_decode(struct change_decoder *d, const void *bytes, size_t len)
{
	return bundle_each(bytes, len, take_item, d);
}

/* The newest first; of the same moment by text, so that the order is always the same. */
static int compare_rows(const void *a, const void *b)
{
	const struct change_row *x = a, *y = b;

	if (x->wall_ns != y->wall_ns)
		return x->wall_ns > y->wall_ns ? -1 : 1;
	if (x->pid != y->pid)
		return x->pid < y->pid ? -1 : 1;
	return text_compare(x->what, y->what);
}

static int compare_files(const void *a, const void *b)
{
	const struct kept_file *x = a, *y = b;

	return text_compare(x->path, y->path);
}

static int fill(struct change_table *t, struct change_decoder *d)
{
	t->files = rows_freeze(&d->texts, &d->files, compare_files, &t->n_files);
	if (!t->files)
		return -ENOMEM;
	t->rows = rows_freeze(&d->texts, &d->rows, compare_rows, &t->n);
	if (!t->rows)
		return -ENOMEM;
	t->head.arena = d->texts; /* the texts live on where they are */
	arena_init(&d->texts);
	return 0;
}

struct change_table *changes_finish(struct change_decoder *d)
{
	struct change_table *t = table_new(sizeof(*t), NULL);

	if (t && fill(t, d) < 0) {
		table_unref(t);
		t = NULL;
	}
	changes_reset(d);
	return t;
}
