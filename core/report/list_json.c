/*
 * The list as JSON, dport.list/1. The keys in front are frozen, in this order; ours stand
 * behind them. What is not known is null.
 */
#include "core/report/list.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "core/report/document.h"
#include "core/report/list_common.h"

struct writer {
	struct document document;
	struct list_pass pass;
};

static void put(struct writer *w, json_t *object, const char *key, json_t *value)
{
	document_put(&w->document, object, key, value);
}

static json_t *number(uint32_t n)
{
	return json_integer((json_int_t)n);
}

static json_t *uid_number(uint32_t uid)
{
	return uid == UINT32_MAX ? json_null() : number(uid);
}

static json_t *queue_number(uint32_t n)
{
	return n == QUEUE_UNKNOWN ? json_null() : number(n);
}

static json_t *queue_object(struct writer *w, enum socket_proto proto, uint32_t length,
			    uint32_t limit, uint32_t drops)
{
	bool counts_bytes = proto == PROTO_UDP || proto == PROTO_UDPLITE;
	json_t *queue;

	if (length == QUEUE_UNKNOWN && limit == QUEUE_UNKNOWN)
		return json_null();
	queue = json_object();
	put(w, queue, "length", queue_number(length));
	put(w, queue, "limit", queue_number(limit));
	put(w, queue, "drops", queue_number(drops));
	put(w, queue, "unit", json_string(counts_bytes ? "bytes" : "connections"));
	return queue;
}

static json_t *address_value(struct writer *w, const struct addr *a)
{
	char room[LIST_ROOM];

	return document_name(list_address(&w->pass, a, room));
}

static json_t *device_value(const struct endpoint *e, uint32_t ifindex)
{
	char room[LIST_ROOM];

	return document_name(list_device(e, ifindex, room));
}

static json_t *netns_value(struct text name, uint64_t inode)
{
	char room[LIST_ROOM];

	return document_name(list_netns(name, inode, room));
}

/* One sentence on why the program's path is not there; null if it is. */
static json_t *exe_missing(const struct process_row *owner)
{
	if (!text_is_empty(owner->exe))
		return json_null();
	switch (owner->exe_error) {
	case EACCES:
	case EPERM:
		return json_string("not readable without CAP_SYS_PTRACE");
	case 0:
	case ENOENT:
		return json_string("a kernel thread, or gone");
	default:
		return json_sprintf("not readable (errno %d)", owner->exe_error);
	}
}

static json_t *owner_object(struct writer *w, const struct process_row *owner)
{
	int64_t started_ns = list_started_ns(w->pass.s, owner);
	struct text comm = owner->comm.bytes ? owner->comm : text_of("");
	json_t *o = json_object();

	put(w, o, "pid", json_integer(owner->pid));
	put(w, o, "comm", json_of_text(comm));
	put(w, o, "exe", document_name(list_path(&w->pass, owner->exe, owner->container)));
	put(w, o, "uid", uid_number(owner->uid));
	put(w, o, "user", document_name(list_user_of(&w->pass, owner->uid)));
	put(w, o, "unit",
	    document_name(list_path(&w->pass, owner->unit, owner->container)));
	put(w, o, "container", document_name(list_container(&w->pass, owner->container)));
	put(w, o, "started", started_ns ? json_of_time(started_ns) : json_null());
	put(w, o, "deleted_exe", json_boolean(owner->exe_deleted));
	put(w, o, "exe_missing", exe_missing(owner));
	put(w, o, "user_unit", json_boolean(owner->is_user_unit));
	put(w, o, "state",
	    owner->state ? json_of_text((struct text){&owner->state, 1}) : json_null());
	return o;
}

static json_t *owners_array(struct writer *w, const struct endpoint *e)
{
	json_t *owners = json_array();

	for (size_t i = 0; i < e->n_owners; i++)
		document_add(&w->document, owners, owner_object(w, e->owners[i]));
	return owners;
}

static json_t *owners_missing(struct writer *w, const struct endpoint *e)
{
	struct list_gap gap = list_owners_gap(w->pass.s, e);
	json_t *o;

	if (!gap.reason)
		return json_null();
	o = json_object();
	put(w, o, "reason", document_words(gap.reason));
	put(w, o, "grant", document_words(gap.grant));
	return o;
}

/* The states that say most first; the numbers are the kernel's. Never LISTEN (10), CLOSE
 * (7). */
static json_t *connections_object(struct writer *w, const struct endpoint *e)
{
	static const unsigned states[] = {1, 3, 8, 6, 2, 4, 5, 9, 11};
	json_t *o;

	if (!e->has_connections)
		return json_null();
	o = json_object();
	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++)
		put(w, o, tcp_state_word(states[i]), number(e->connections[states[i]]));
	return o;
}

static json_t *v6only_value(const struct socket_row *row)
{
	if (row->family != AF_INET6 || row->v6only == TRI_UNSURE)
		return json_null();
	return json_boolean(row->v6only == TRI_YES);
}

static json_t *cgroup_value(struct writer *w, const struct endpoint *e,
			    const struct socket_row *row)
{
	struct text path = TEXT_NONE;

	if (w->pass.s->cgroups && row->cgroup_id)
		path = cgroups_path(w->pass.s->cgroups, row->cgroup_id);
	return document_name(list_path(&w->pass, path, e->container));
}

/* As text: 64 bits are more than a number of JSON is read with. */
static json_t *cookie_value(uint64_t cookie)
{
	return cookie ? json_sprintf("0x%" PRIx64, cookie) : json_null();
}

static json_t *socket_object(struct writer *w, const struct endpoint *e,
			     const struct socket_row *row)
{
	bool listens = row->proto == PROTO_TCP || row->proto == PROTO_MPTCP;
	json_t *o = json_object();

	put(w, o, "family", json_integer(row->family == AF_INET6 ? 6 : 4));
	put(w, o, "address", address_value(w, &row->local));
	put(w, o, "port", json_integer(row->port));
	put(w, o, "device", device_value(e, row->ifindex));
	put(w, o, "v6only", v6only_value(row));
	put(w, o, "inode", number(row->inode));
	put(w, o, "uid", uid_number(row->uid));
	put(w, o, "queue",
	    queue_object(w, row->proto, row->queue_length, row->queue_limit, row->drops));
	put(w, o, "cgroup", cgroup_value(w, e, row));
	put(w, o, "proto", json_string(socket_proto_word(row->proto)));
	put(w, o, "state", json_string(listens ? "listen" : "unconnected"));
	put(w, o, "cookie", cookie_value(row->cookie));
	return o;
}

static json_t *sockets_array(struct writer *w, const struct endpoint *e)
{
	json_t *sockets = json_array();

	for (size_t i = 0; i < e->n_sockets; i++)
		document_add(&w->document, sockets, socket_object(w, e, e->sockets[i]));
	return sockets;
}

static json_t *inodes_array(struct writer *w, const struct endpoint *e)
{
	json_t *inodes = json_array();

	for (size_t i = 0; i < e->n_sockets; i++) {
		if (e->sockets[i]->inode)
			document_add(&w->document, inodes, number(e->sockets[i]->inode));
	}
	return inodes;
}

/* Behind the frozen keys of a listener. */
static void put_further(struct writer *w, json_t *o, const struct endpoint *e)
{
	struct str words = {0};

	if (list_listens_on(&words, &w->pass, e))
		w->document.failed = true;
	put(w, o, "scope_text", json_of_text(text_of_str(&words)));
	str_release(&words);
	put(w, o, "ephemeral", json_boolean(e->is_ephemeral));
	put(w, o, "socket_unit", document_name(e->socket_unit));
	put(w, o, "activates", document_name(e->activates));
	put(w, o, "uid", uid_number(e->uid));
	put(w, o, "user", document_name(list_user(&w->pass, e->user)));
	put(w, o, "unit", document_name(list_path(&w->pass, e->unit, e->container)));
	put(w, o, "container", document_name(list_container(&w->pass, e->container)));
	put(w, o, "unit_inferred", json_boolean(e->unit_is_inferred));
}

static json_t *listener_object(struct writer *w, const struct endpoint *e)
{
	json_t *o = json_object();

	put(w, o, "proto", json_string(socket_proto_word(e->proto)));
	put(w, o, "address", address_value(w, &e->address));
	put(w, o, "port", json_integer(e->port));
	put(w, o, "device", device_value(e, e->ifindex));
	put(w, o, "scope", json_string(scope_word(e->scope)));
	put(w, o, "service", document_name(e->service));
	put(w, o, "inode", inodes_array(w, e));
	put(w, o, "owners", owners_array(w, e));
	put(w, o, "owners_complete", json_boolean(list_owners_complete(e)));
	put(w, o, "owners_missing", owners_missing(w, e));
	put(w, o, "queue",
	    queue_object(w, e->proto, e->queue.length, e->queue.limit, e->queue.drops));
	put(w, o, "connections", connections_object(w, e));
	put(w, o, "netns", netns_value(e->space->name, e->space->netns));
	put(w, o, "sockets", sockets_array(w, e));
	put_further(w, o, e);
	return o;
}

int list_json(struct str *out, const struct snapshot *s, const struct list_options *o)
{
	json_t *listeners = json_array(), *root;
	const struct endpoint *e;
	struct writer w;
	size_t at = 0;
	int error;

	document_init(&w.document);
	list_begin(&w.pass, s, o);
	root = w.document.root;
	put(&w, root, "schema", json_string("dport.list/1"));
	put(&w, root, "host", document_name(list_host(&w.pass)));
	put(&w, root, "time", json_of_time(s->wall_ns));
	put(&w, root, "netns", netns_value(TEXT_NONE, s->host ? s->host->netns : 0));
	put(&w, root, "view", json_string(snapshot_view_word(s)));
	put(&w, root, "missing", document_missing(&w.document, s));
	while ((e = list_next(&w.pass, &at)))
		document_add(&w.document, listeners, listener_object(&w, e));
	put(&w, root, "listeners", listeners);
	if (list_end(&w.pass))
		w.document.failed = true;
	error = document_finish(&w.document, out);
	return error;
}
