/*
 * Sockets -> groups that serve together. Sockets that could be one endpoint (same
 * namespace, port, protocol, device and address, or twins of the two families) form a
 * class; within it they are united by what they have in common. Everything is sorted,
 * nothing compared pair by pair. Tells no names and makes no rows.
 */
#include "core/snapshot/fold.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/vec.h"

#define CGROUP_ROOT \
	1 /* inode of the root of a cgroup2 tree: says nothing about a service */

enum place { PLACE_ANY, PLACE_LOOPBACK, PLACE_ADDRESS };

/* Something that a member says of its service; members of a class that say the same are
 * one. */
enum claim_kind {
	CLAIM_PROCESS,
	CLAIM_SOCKET_UNIT,
	CLAIM_CONTAINER,
	CLAIM_UNIT,
	CLAIM_EXE
};

struct claim {
	enum claim_kind kind;
	uint64_t number;    /* PROCESS: index; UNIT: 1 + uid of a user's manager, else 0;
			       EXE: the parent's pid */
	struct text name;   /* unit, container, exe */
	struct text within; /* UNIT: the container that it is in; EXE: comm */
	uint32_t member;
};

/* Where a socket was made, for members whose holders are not known. */
struct origin {
	uint64_t cgroup_id;
	uint32_t uid;
	uint32_t member;
	bool is_owned;
};

struct folding {
	const struct process_row *processes;
	struct fold_member *members;
	uint32_t *parents; /* a forest over members: the lowest of a group is its root */
	bool has_cgroups;
	struct vec claims, origins; /* of one class */
};

enum socket_proto fold_proto(enum socket_proto p)
{
	return p == PROTO_MPTCP ? PROTO_TCP : p;
}

bool process_is_manager(const struct process_row *p)
{
	const char *name;

	if (!text_equals_str(p->comm, "systemd"))
		return false;
	if (text_is_empty(p->exe))
		return true;
	name = memrchr(p->exe.bytes, '/', p->exe.len);
	return name && text_equals_str((struct text){name, (size_t)(p->exe.bytes +
								    p->exe.len - name)},
				       "/systemd");
}

static int compare_u64(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

static enum place place_of(const struct addr *a)
{
	static const uint8_t four[4] = {127, 0, 0, 1};
	static const uint8_t sixteen[16] = {[15] = 1};

	if (addr_is_any(a))
		return PLACE_ANY;
	if (memcmp(a->bytes, a->family == AF_INET ? four : sixteen,
		   a->family == AF_INET ? sizeof(four) : sizeof(sixteen)) == 0)
		return PLACE_LOOPBACK;
	return PLACE_ADDRESS;
}

static int compare_classes(const struct fold_member *a, const struct fold_member *b)
{
	enum place place = place_of(&a->address);
	int order = compare_u64(a->space, b->space);

	if (!order)
		order = compare_u64(a->socket->port, b->socket->port);
	if (!order)
		order = compare_u64(fold_proto(a->socket->proto),
				    fold_proto(b->socket->proto));
	if (!order)
		order = compare_u64(a->socket->ifindex, b->socket->ifindex);
	if (!order)
		order = compare_u64(place, place_of(&b->address));
	if (!order && place == PLACE_ADDRESS)
		order = addr_compare(&a->address, &b->address);
	return order;
}

static int compare_members(const void *a, const void *b)
{
	const struct fold_member *x = a, *y = b;
	int order = compare_classes(x, y);

	if (!order)
		order = addr_compare(&x->address, &y->address);
	return order ? order : socket_row_compare(x->socket, y->socket);
}

static int compare_groups(const void *a, const void *b)
{
	const struct fold_member *x = a, *y = b;
	int order = compare_u64(x->group, y->group);

	return order ? order : compare_members(a, b);
}

static uint32_t root_of(const struct folding *f, uint32_t member)
{
	while (f->parents[member] != member) {
		f->parents[member] = f->parents[f->parents[member]];
		member = f->parents[member];
	}
	return member;
}

static void unite(const struct folding *f, uint32_t a, uint32_t b)
{
	a = root_of(f, a);
	b = root_of(f, b);
	f->parents[a > b ? a : b] = a > b ? b : a;
}

/* The kernel deals the connections of one TCP address out among all who listen on it. */
static void unite_equal_addresses(const struct folding *f, uint32_t first, uint32_t end)
{
	if (fold_proto(f->members[first].socket->proto) != PROTO_TCP)
		return;
	for (uint32_t i = first + 1; i < end; i++) {
		if (addr_equals(&f->members[i - 1].address, &f->members[i].address))
			unite(f, i - 1, i);
	}
}

static bool text_ends(struct text t, const char *end)
{
	size_t n = strlen(end);

	return t.len > n && memcmp(t.bytes + t.len - n, end, n) == 0;
}

/* A whole system runs in such a container, not one service. */
static bool is_system_container(struct text container)
{
	return (container.len > 4 && memcmp(container.bytes, "lxc:", 4) == 0) ||
	       (container.len > 7 && memcmp(container.bytes, "nspawn:", 7) == 0);
}

/* The service that a process belongs to. False: it cannot be told. A scope is a login or an
 * engine's, not a service. */
static bool service_of(const struct process_row *p, struct claim *out)
{
	*out = (struct claim){.within = p->container};
	if (text_ends(p->unit, ".service")) {
		out->kind = CLAIM_UNIT;
		out->name = p->unit;
		out->number = p->is_user_unit ? UINT64_C(1) + p->uid : 0;
	} else if (!text_is_empty(p->container) && !is_system_container(p->container)) {
		out->kind = CLAIM_CONTAINER;
		out->name = p->container;
	} else if (p->parent > 1) {
		/* The program alone says little: two scripts of one interpreter are two
		 * services. Siblings of one name are one. */
		out->kind = CLAIM_EXE;
		out->number = (uint64_t)p->parent;
		out->name = p->exe;
		out->within = p->comm;
	}
	return !text_is_empty(out->name);
}

static int compare_claims(const void *a, const void *b)
{
	const struct claim *x = a, *y = b;
	int order = compare_u64(x->kind, y->kind);

	if (!order)
		order = compare_u64(x->number, y->number);
	if (!order)
		order = text_compare(x->name, y->name);
	return order ? order : text_compare(x->within, y->within);
}

static int push_claim(struct folding *f, const struct claim *claim)
{
	struct claim *c = vec_push(&f->claims);

	if (!c)
		return -ENOMEM;
	*c = *claim;
	return 0;
}

/* One holder: the process itself or, where the manager holds it for others, the socket's
 * unit. */
static int claim_holder(struct folding *f, uint32_t i, uint32_t process)
{
	const struct fold_member *m = &f->members[i];
	struct claim c = {.kind = CLAIM_PROCESS, .number = process, .member = i};

	if (m->activation && process_is_manager(&f->processes[process]))
		c = (struct claim){CLAIM_SOCKET_UNIT, 0, m->activation->unit, TEXT_NONE, i};
	return push_claim(f, &c);
}

/* What member i says: its holders and, if they all agree, their service. */
static int claim_member(struct folding *f, uint32_t i)
{
	const struct fold_member *m = &f->members[i];
	struct claim common = {0};
	bool is_first = true, is_common = true;

	for (size_t k = 0; k < m->n_links; k++) {
		uint32_t process = m->links[k].process;
		struct claim c;

		if (k && process == m->links[k - 1].process)
			continue;
		if (claim_holder(f, i, process))
			return -ENOMEM;
		if (process_is_manager(&f->processes[process]))
			continue;
		is_common = is_common && service_of(&f->processes[process], &c) &&
			    (is_first || compare_claims(&c, &common) == 0);
		if (is_common)
			common = c;
		is_first = false;
	}
	common.member = i;
	return is_common && !is_first ? push_claim(f, &common) : 0;
}

static int unite_claims(struct folding *f, uint32_t first, uint32_t end)
{
	vec_reset(&f->claims);
	for (uint32_t i = first; i < end; i++) {
		if (claim_member(f, i))
			return -ENOMEM;
	}
	if (f->claims.n)
		qsort(f->claims.data, f->claims.n, sizeof(struct claim), compare_claims);
	for (size_t i = 1; i < f->claims.n; i++) {
		const struct claim *a = vec_at(&f->claims, i - 1),
				   *b = vec_at(&f->claims, i);

		if (compare_claims(a, b) == 0)
			unite(f, a->member, b->member);
	}
	return 0;
}

static int compare_origins(const void *a, const void *b)
{
	const struct origin *x = a, *y = b;
	int order = compare_u64(x->cgroup_id, y->cgroup_id);

	return order ? order : compare_u64(x->uid, y->uid);
}

/*
 * Members of one origin: those without known holders are one, and belong to the holders'
 * service if there is only one such service among the others.
 */
static void unite_origin(const struct folding *f, const struct origin *o, size_t n)
{
	const struct origin *lost = NULL, *owned = NULL;
	bool is_clear = true;

	for (size_t i = 0; i < n; i++) {
		const struct origin **one = o[i].is_owned ? &owned : &lost;

		if (*one && !o[i].is_owned)
			unite(f, (*one)->member, o[i].member);
		else if (*one && root_of(f, (*one)->member) != root_of(f, o[i].member))
			is_clear = false;
		if (!*one)
			*one = &o[i];
	}
	if (lost && owned && is_clear)
		unite(f, lost->member, owned->member);
}

static int unite_origins(struct folding *f, uint32_t first, uint32_t end)
{
	size_t n = 0;

	vec_reset(&f->origins);
	for (uint32_t i = first; i < end; i++) {
		const struct fold_member *m = &f->members[i];
		struct origin *o;

		if (!f->has_cgroups || m->socket->cgroup_id <= CGROUP_ROOT)
			continue;
		o = vec_push(&f->origins);
		if (!o)
			return -ENOMEM;
		*o = (struct origin){m->socket->cgroup_id, m->socket->uid, i,
				     m->n_links > 0};
	}
	if (f->origins.n)
		qsort(f->origins.data, f->origins.n, sizeof(struct origin),
		      compare_origins);
	for (size_t at = 0; at < f->origins.n; at += n) {
		const struct origin *o = vec_at(&f->origins, at);

		for (n = 1; at + n < f->origins.n && compare_origins(o, o + n) == 0;)
			n++;
		unite_origin(f, o, n);
	}
	return 0;
}

static int fold_class(struct folding *f, uint32_t first, uint32_t end)
{
	if (end - first < 2)
		return 0;
	unite_equal_addresses(f, first, end);
	if (unite_claims(f, first, end))
		return -ENOMEM;
	return unite_origins(f, first, end);
}

static int fold_classes(struct folding *f, uint32_t n)
{
	uint32_t end;

	for (uint32_t i = 0; i < n; i++)
		f->parents[i] = i;
	for (uint32_t first = 0; first < n; first = end) {
		end = first + 1;
		while (end < n &&
		       compare_classes(&f->members[first], &f->members[end]) == 0)
			end++;
		if (fold_class(f, first, end))
			return -ENOMEM;
	}
	for (uint32_t i = 0; i < n; i++)
		f->members[i].group = root_of(f, i);
	return 0;
}

int fold_members(struct fold_member *members, size_t n, const struct process_row *processes,
		 bool has_cgroups)
{
	struct folding f = {
		.processes = processes,
		.members = members,
		.has_cgroups = has_cgroups,
		.claims = VEC_OF(struct claim),
		.origins = VEC_OF(struct origin),
	};
	int r;

	if (!n)
		return 0;
	if (n >= UINT32_MAX)
		return -ENOMEM;
	f.parents = calloc(n, sizeof(*f.parents));
	if (!f.parents)
		return -ENOMEM;
	qsort(members, n, sizeof(*members), compare_members);
	r = fold_classes(&f, (uint32_t)n);
	if (!r)
		qsort(members, n, sizeof(*members), compare_groups);
	vec_release(&f.claims);
	vec_release(&f.origins);
	free(f.parents);
	return r;
}
