/* Kinds and precedence of unit files by their paths. Does not know what is in them. */
#include "core/sockets/unit_paths.h"

#include <string.h>

#include "core/base/pieces.h"

#define SUFFIX ".socket"

/* Where units of the system's manager lie, the first before the next. */
static const char *const directories[] = {
	"etc/systemd/system.control/", "run/systemd/system.control/",
	"run/systemd/transient/",      "run/systemd/generator.early/",
	"etc/systemd/system/",         "etc/systemd/system.attached/",
	"run/systemd/system/",         "run/systemd/system.attached/",
	"run/systemd/generator/",      "usr/local/lib/systemd/system/",
	"usr/lib/systemd/system/",     "lib/systemd/system/",
	"run/systemd/generator.late/",
};

/* Above any length of a name. */
enum { CLOSE_TRUNCATED = 1 << 20, CLOSE_TEMPLATE = 1 << 21, CLOSE_SAME = 1 << 22 };

enum { N_DIRECTORIES = sizeof(directories) / sizeof(*directories) };

/* The rank of the directory that the path begins with, which is cut off; N_DIRECTORIES:
 * none. */
static unsigned take_directory(struct text *path)
{
	unsigned i = 0;

	while (i < N_DIRECTORIES && !piece_starts(*path, directories[i]))
		i++;
	if (i < N_DIRECTORIES)
		*path = piece_tail(*path, strlen(directories[i]));
	return i;
}

static bool is_socket_name(struct text name)
{
	return name.len > strlen(SUFFIX) && piece_ends(name, SUFFIX);
}

static bool has_slash(struct text t)
{
	return t.len && memchr(t.bytes, '/', t.len);
}

struct unit_path unit_path_of(struct text path)
{
	struct unit_path p = {.rank = take_directory(&path)};
	struct text parent;

	if (p.rank == N_DIRECTORIES)
		return p;
	if (!has_slash(path)) {
		p.name = path;
		p.kind = is_socket_name(path) ? UNIT_PATH_UNIT : UNIT_PATH_OTHER;
		return p;
	}
	piece_next(&path, '/', &parent);
	if (has_slash(path))
		return p;
	if (piece_ends(parent, ".wants") || piece_ends(parent, ".requires")) {
		p.name = path;
		p.rank = N_DIRECTORIES;
		p.kind = is_socket_name(path) ? UNIT_PATH_UNIT : UNIT_PATH_OTHER;
	} else if (piece_ends(parent, ".d") && piece_ends(path, ".conf")) {
		p.name = piece_head(parent, parent.len - strlen(".d"));
		p.file = path;
		if (is_socket_name(p.name) || text_equals_str(p.name, "socket"))
			p.kind = UNIT_PATH_DROPIN;
	}
	return p;
}

/* "a-b@c.socket" -> "a-b" and "@c.socket"; "a-b.socket" -> "a-b" and ".socket" */
static void split_name(struct text name, struct text *prefix, struct text *tail)
{
	const char *at = memchr(name.bytes, '@', name.len);
	size_t n = at ? (size_t)(at - name.bytes) : name.len - strlen(SUFFIX);

	*prefix = piece_head(name, n);
	*tail = piece_tail(name, n);
}

/* How close an owner is whose name is cut behind a '-': those without an instance first. */
static size_t truncated_closeness(struct text unit_tail, struct text prefix,
				  struct text tail)
{
	bool is_instance = piece_starts(unit_tail, "@");

	if (text_equals_str(tail, SUFFIX))
		return CLOSE_TRUNCATED + prefix.len;
	if (is_instance && text_equals(tail, unit_tail))
		return 2 * prefix.len + 3;
	return is_instance && text_equals_str(tail, "@" SUFFIX) ? 2 * prefix.len + 2 : 0;
}

size_t unit_path_closeness(struct text unit, struct text owner)
{
	struct text unit_prefix, unit_tail, prefix, tail;

	if (text_equals_str(owner, "socket"))
		return 1;
	if (text_equals(owner, unit))
		return CLOSE_SAME;
	split_name(unit, &unit_prefix, &unit_tail);
	split_name(owner, &prefix, &tail);
	if (text_equals(prefix, unit_prefix)) {
		bool is_template =
			piece_starts(unit_tail, "@") && text_equals_str(tail, "@" SUFFIX);

		return is_template ? CLOSE_TEMPLATE : 0;
	}
	if (!piece_ends(prefix, "-") || prefix.len > unit_prefix.len ||
	    !text_equals(prefix, piece_head(unit_prefix, prefix.len)))
		return 0;
	return truncated_closeness(unit_tail, prefix, tail);
}
