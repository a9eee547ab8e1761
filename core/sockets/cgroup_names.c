/*
 * The path of a control group -> the systemd unit and the container it stands for.
 * systemd's own rule (systemd.slice(5)): slices are passed over, the first unit behind them
 * counts, what is beneath it is the unit's own affair. Containers are known by the names
 * that engines give. Does not ask any engine.
 */
#include <string.h>

#include "core/base/pieces.h"
#include "core/sockets/owners.h"

enum { ID_DIGITS = 12, ID_DIGITS_FULL = 64 };

/* "docker-ID.scope", "libpod-ID", "system.slice:docker:ID": a prefix, '-' or ':', and
 * hexadecimal digits. */
static const struct {
	const char *prefix;
	const char *engine;
} id_forms[] = {
	{"docker", "docker"},        {"libpod", "podman"},
	{"libpod-conmon", "podman"}, {"libpod-payload", "podman"},
	{"cri-containerd", "cri"},   {"crio", "cri"},
	{"crio-conmon", "cri"},
};

/* The name is what follows. Longer prefixes before the shorter ones that begin them. */
static const struct {
	const char *prefix;
	const char *suffix;
	const char *engine; /* NULL: a virtual machine, its scope is a unit like another */
	unsigned n_skipped; /* escaped words before the name: "lxc\x2d12\x2dname" */
} name_forms[] = {
	{"lxc.payload.", "", "lxc", 0},
	{"machine-qemu\\x2d", ".scope", NULL, 0},
	{"machine-lxc\\x2d", ".scope", "lxc", 1},
	{"machine-", ".scope", "nspawn", 0},
	{"systemd-nspawn@", ".service", "nspawn", 0},
};

/* The container is the content of a directory of this name. */
static const struct {
	const char *parent;
	const char *engine;
	bool is_id;
} parent_forms[] = {
	{"docker", "docker", true},
	{"lxc", "lxc", false},
	{"lxc.payload", "lxc", false},
};

struct walk {
	struct cgroup_names names;
	struct text parent;
	bool in_pods; /* beneath kubepods or kubepods.slice */
	bool in_user_manager;
	bool is_unit_settled; /* further units are beneath this one */
};

static bool is_id(struct text t)
{
	for (size_t i = 0; i < t.len; i++) {
		if (!strchr("0123456789abcdef", t.bytes[i]) || !t.bytes[i])
			return false;
	}
	return t.len >= ID_DIGITS;
}

static struct text without_suffix(struct text t, const char *suffix)
{
	return piece_ends(t, suffix) ? piece_head(t, t.len - strlen(suffix)) : t;
}

static bool set_container(struct cgroup_names *names, const char *engine, struct text name)
{
	names->engine = text_of(engine);
	names->container = name;
	return true;
}

/* Splits "PREFIX-ID" or "...:PREFIX:ID" before its id. */
static bool split_id(struct text t, struct text *prefix, struct text *id)
{
	const char *colon = memrchr(t.bytes, ':', t.len);
	const char *at = colon ? colon : memrchr(t.bytes, '-', t.len);
	size_t n = at ? (size_t)(at - t.bytes) : 0;

	if (!at)
		return false;
	*prefix = piece_head(t, n);
	*id = piece_tail(t, n + 1);
	colon = colon && prefix->len ? memrchr(prefix->bytes, ':', prefix->len) : NULL;
	if (colon)
		*prefix = piece_tail(*prefix, (size_t)(colon - prefix->bytes) + 1);
	return is_id(*id);
}

static bool has_id_form(struct text part, struct cgroup_names *out)
{
	struct text prefix, id;

	if (!split_id(without_suffix(part, ".scope"), &prefix, &id))
		return false;
	for (size_t i = 0; i < sizeof(id_forms) / sizeof(*id_forms); i++) {
		if (text_equals_str(prefix, id_forms[i].prefix))
			return set_container(out, id_forms[i].engine,
					     piece_head(id, ID_DIGITS));
	}
	return false;
}

/* "12\x2dname" -> "name" */
static struct text skip_words(struct text name, unsigned n)
{
	for (; n; n--) {
		const char *at = name.len ? memmem(name.bytes, name.len, "\\x2d", 4) : NULL;

		if (!at)
			return TEXT_NONE;
		name = piece_tail(name, (size_t)(at - name.bytes) + 4);
	}
	return name;
}

static bool has_name_form(struct text part, struct cgroup_names *out)
{
	for (size_t i = 0; i < sizeof(name_forms) / sizeof(*name_forms); i++) {
		struct text name = part;

		if (!piece_starts(part, name_forms[i].prefix) ||
		    !piece_ends(part, name_forms[i].suffix))
			continue;
		if (!name_forms[i].engine)
			return false;
		name = without_suffix(name, name_forms[i].suffix);
		name = piece_tail(name, strlen(name_forms[i].prefix));
		name = skip_words(name, name_forms[i].n_skipped);
		return name.len && set_container(out, name_forms[i].engine, name);
	}
	return false;
}

static bool has_parent_form(const struct walk *w, struct text part,
			    struct cgroup_names *out)
{
	for (size_t i = 0; i < sizeof(parent_forms) / sizeof(*parent_forms); i++) {
		if (!text_equals_str(w->parent, parent_forms[i].parent))
			continue;
		if (!parent_forms[i].is_id)
			return set_container(out, parent_forms[i].engine, part);
		return is_id(part) && set_container(out, parent_forms[i].engine,
						    piece_head(part, ID_DIGITS));
	}
	if (w->in_pods && part.len == ID_DIGITS_FULL && is_id(part))
		return set_container(out, "cri", piece_head(part, ID_DIGITS));
	return false;
}

static bool is_unit(struct text part)
{
	static const char *const types[] = {".service", ".scope", ".socket", ".mount",
					    ".swap"};

	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++) {
		if (part.len > strlen(types[i]) && piece_ends(part, types[i]))
			return true;
	}
	return false;
}

static bool is_user_manager(struct text part)
{
	return piece_starts(part, "user@") && piece_ends(part, ".service");
}

/* A unit before the container (a service that runs one) stays unless one inside follows. */
static void enter_container(struct walk *w, const struct cgroup_names *found)
{
	if (text_is_empty(w->names.container)) {
		w->names.engine = found->engine;
		w->names.container = found->container;
	}
	if (is_user_manager(w->names.unit))
		w->names.unit = TEXT_NONE;
	w->in_user_manager = false;
	w->is_unit_settled = false;
}

static void enter_unit(struct walk *w, struct text part)
{
	w->names.unit = part;
	w->names.is_user_unit = w->in_user_manager;
	if (is_user_manager(part) && !w->in_user_manager)
		w->in_user_manager = true;
	else
		w->is_unit_settled = true;
}

static void enter(struct walk *w, struct text part)
{
	struct cgroup_names found = {0};

	if (has_id_form(part, &found) || has_name_form(part, &found) ||
	    has_parent_form(w, part, &found)) {
		enter_container(w, &found);
	} else if (!w->is_unit_settled && is_unit(part)) {
		enter_unit(w, part);
	}
	if (text_equals_str(part, "kubepods") || text_equals_str(part, "kubepods.slice"))
		w->in_pods = true;
	w->parent = part;
}

/* systemd puts '_' before names that would look like a file of the control group itself. */
static struct text unescaped(struct text part)
{
	return part.len > 1 && part.bytes[0] == '_' ? piece_tail(part, 1) : part;
}

static struct cgroup_names names_of_path(struct text path)
{
	struct walk w = {0};
	struct text part;

	path = without_suffix(path, " (deleted)");
	while (piece_next(&path, '/', &part)) {
		if (part.len)
			enter(&w, unescaped(part));
	}
	return w.names;
}

enum { LINE_UNIFIED, LINE_SYSTEMD, LINE_OTHER, N_LINE_KINDS };

/* "4:memory:/system.slice" -> its kind and path */
static int split_line(struct text line, struct text *path)
{
	struct text hierarchy, controllers;

	if (!piece_next(&line, ':', &hierarchy) || !piece_next(&line, ':', &controllers))
		return N_LINE_KINDS;
	*path = line;
	if (text_equals_str(hierarchy, "0") && !controllers.len)
		return LINE_UNIFIED;
	return text_equals_str(controllers, "name=systemd") ? LINE_SYSTEMD : LINE_OTHER;
}

struct cgroup_names cgroup_names_of(struct text cgroup_file)
{
	struct cgroup_names best = {0};
	int best_kind = N_LINE_KINDS;
	struct text line, path;

	while (best_kind != LINE_UNIFIED && piece_next(&cgroup_file, '\n', &line)) {
		int kind = split_line(line, &path);
		struct cgroup_names names;

		if (kind >= best_kind)
			continue;
		names = names_of_path(path);
		if (text_is_empty(names.unit) && text_is_empty(names.container))
			continue;
		best = names;
		best_kind = kind;
	}
	return best;
}
