/* Objects of journalctl -o json -> rows. Only fields that begin with "_" are the journal's
 * own word; the rest is that of the program. */
#include <errno.h>
#include <jansson.h>
#include <string.h>

#include "core/base/pieces.h"
#include "core/logs/parse.h"

/* A field that is a list of bytes: not UTF-8, or with control characters. */
static size_t read_bytes(const json_t *list, char out[LOG_TEXT_MAX])
{
	size_t n = json_array_size(list);

	if (n > LOG_TEXT_MAX)
		n = LOG_TEXT_MAX;
	for (size_t i = 0; i < n; i++)
		out[i] = (char)(unsigned char)json_integer_value(json_array_get(list, i));
	return n;
}

/* A field's text, borrowed from the object or from room; of several values the first. */
static struct text field(const json_t *object, const char *name, char room[LOG_TEXT_MAX])
{
	const json_t *value = json_object_get(object, name);

	if (json_is_array(value) && json_is_integer(json_array_get(value, 0)))
		return (struct text){room, read_bytes(value, room)};
	if (json_is_array(value))
		value = json_array_get(value, 0);
	if (!json_is_string(value))
		return TEXT_NONE;
	return (struct text){json_string_value(value), json_string_length(value)};
}

static bool field_number(const json_t *object, const char *name, uint64_t max,
			 uint64_t *out)
{
	char room[LOG_TEXT_MAX];
	struct text t = field(object, name, room);
	uint64_t n;

	if (!piece_number(&t, max, &n) || t.len)
		return false;
	*out = n;
	return true;
}

static int keep_field(const json_t *object, const char *name, struct arena *texts,
		      struct text *out)
{
	char room[LOG_TEXT_MAX];

	return parse_keep(texts, field(object, name, room), out);
}

static bool is_kernel(const json_t *object)
{
	char room[LOG_TEXT_MAX];

	struct text transport = field(object, "_TRANSPORT", room);

	return text_equals_str(transport, "kernel") || text_equals_str(transport, "audit");
}

/* A service of the system, or root: nobody else can make the journal say so. */
static bool is_of_system(const json_t *object, const struct log_line *row)
{
	char room[LOG_TEXT_MAX];
	struct text unit = field(object, "_SYSTEMD_UNIT", room);
	uint64_t uid;

	if (row->from_kernel || row->from_init)
		return true;
	if (field_number(object, "_UID", UINT32_MAX, &uid) && uid == 0)
		return true;
	return piece_ends(unit, ".service") && !piece_starts(unit, "user@");
}

static int read_texts(const json_t *object, struct arena *texts, struct log_line *row)
{
	int error = keep_field(object, "MESSAGE", texts, &row->text);

	if (!error)
		error = keep_field(object, "SYSLOG_IDENTIFIER", texts, &row->tag);
	if (!error && text_is_empty(row->tag))
		error = keep_field(object, "_COMM", texts, &row->tag);
	if (!error && row->from_init)
		error = keep_field(object, "UNIT", texts, &row->unit);
	if (!error && text_is_empty(row->unit))
		error = keep_field(object, "_SYSTEMD_UNIT", texts, &row->unit);
	return error;
}

/* "nginx: [emerg] ...": what comes from a standard error has its name once more. */
static struct text without_tag(struct text message, struct text tag)
{
	struct text rest = piece_tail(message, tag.len);

	if (tag.len && text_equals(piece_head(message, tag.len), tag) &&
	    scan_literal(&rest, ": "))
		return rest;
	return message;
}

static int read_object(const json_t *object, struct arena *texts, struct log_line *out)
{
	struct log_line row = {.kind = LOG_JOURNAL, .priority = LOG_PRIORITY_ANY};
	uint64_t number;
	int error;

	if (field_number(object, "__REALTIME_TIMESTAMP", INT64_MAX / 1000, &number))
		row.wall_ns = (int64_t)number * 1000;
	if (field_number(object, "_PID", INT32_MAX, &number))
		row.pid = (int32_t)number;
	if (field_number(object, "PRIORITY", 7, &number))
		row.priority = (uint8_t)number;
	row.from_kernel = is_kernel(object);
	row.from_init = !row.from_kernel && row.pid == 1;
	row.is_attested = is_of_system(object, &row);
	row.is_root = field_number(object, "_UID", UINT32_MAX, &number) && number == 0;
	error = read_texts(object, texts, &row);
	if (error)
		return error;
	row.source = text_is_empty(row.unit) ? row.tag : row.unit;
	if (row.from_kernel)
		row.source = text_of("kernel");
	else if (text_is_empty(row.source))
		row.source = text_of("journal");
	row.message = row.from_kernel ? row.text : without_tag(row.text, row.tag);
	*out = row;
	return 1;
}

int parse_journal(struct text line, struct arena *texts, struct log_line *out)
{
	json_t *object;
	int result;

	line = piece_strip(line);
	if (!line.len)
		return 0;
	object = json_loadb(line.bytes, line.len, JSON_ALLOW_NUL, NULL);
	result = json_is_object(object) ? read_object(object, texts, out) : -EBADMSG;
	json_decref(object);
	return result;
}
