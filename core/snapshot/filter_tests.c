/* Looking at an endpoint for what a filter's word, or the / key, asks. Parses nothing. */
#include "core/snapshot/filter_tests.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/base/pieces.h"
#include "core/snapshot/filter.h"

static bool equals_nocase(struct text a, struct text b)
{
	return a.len == b.len && text_contains_nocase(a, b);
}

static struct text base_name(struct text path)
{
	const char *slash = path.len ? memrchr(path.bytes, '/', path.len) : NULL;
	size_t skip = slash ? (size_t)(slash + 1 - path.bytes) : 0;

	return skip ? (struct text){path.bytes + skip, path.len - skip} : path;
}

static bool process_has(const struct process_row *p, struct text part)
{
	return text_contains_nocase(p->comm, part) ||
	       text_contains_nocase(base_name(p->exe), part);
}

bool test_read_range(struct text range, uint64_t *low, uint64_t *high)
{
	if (!piece_number(&range, UINT16_MAX, low))
		return false;
	*high = *low;
	if (piece_starts(range, "-")) {
		range = piece_tail(range, 1);
		if (!piece_number(&range, UINT16_MAX, high))
			return false;
	}
	return !range.len && *low && *low <= *high;
}

bool test_ports(const struct test *t, const struct endpoint *e)
{
	struct text rest = t->text, range;
	uint64_t low, high;

	while (piece_next(&rest, ',', &range))
		if (test_read_range(range, &low, &high) && e->port >= low &&
		    e->port <= high)
			return !t->has_proto || test_proto(t, e);
	return false;
}

bool test_service(const struct test *t, const struct endpoint *e)
{
	return !text_is_empty(e->service) && equals_nocase(e->service, t->text);
}

/* An MPTCP socket serves TCP too: its endpoint may be named by either. */
bool test_proto(const struct test *t, const struct endpoint *e)
{
	for (size_t i = 0; i < e->n_sockets; i++)
		if (e->sockets[i]->proto == t->proto)
			return true;
	return e->proto == t->proto;
}

bool test_process(const struct test *t, const struct endpoint *e)
{
	for (size_t i = 0; i < e->n_owners; i++)
		if (process_has(e->owners[i], t->text))
			return true;
	return false;
}

bool test_pid(const struct test *t, const struct endpoint *e)
{
	for (size_t i = 0; i < e->n_owners; i++)
		if ((uint64_t)e->owners[i]->pid == t->low)
			return true;
	return false;
}

bool test_user(const struct test *t, const struct endpoint *e)
{
	if (!t->has_number)
		return equals_nocase(e->user, t->text);
	for (size_t i = 0; i < e->n_owners; i++)
		if (e->owners[i]->uid == t->low)
			return true;
	return e->uid == t->low;
}

bool test_unit(const struct test *t, const struct endpoint *e)
{
	return text_contains_nocase(e->unit, t->text) ||
	       text_contains_nocase(e->socket_unit, t->text);
}

bool test_container(const struct test *t, const struct endpoint *e)
{
	return text_contains_nocase(e->container, t->text);
}

bool test_scope(const struct test *t, const struct endpoint *e)
{
	return e->scope == t->low;
}

static bool is_in_prefix(const struct test *t, const struct addr *a)
{
	struct addr bare = addr_unmapped(a);

	return addr_in_prefix(a, &t->prefix, t->prefix_len) ||
	       addr_in_prefix(&bare, &t->prefix, t->prefix_len);
}

bool test_address(const struct test *t, const struct endpoint *e)
{
	for (size_t i = 0; i < e->n_sockets; i++)
		if (is_in_prefix(t, &e->sockets[i]->local))
			return true;
	return is_in_prefix(t, &e->address);
}

bool test_device(const struct test *t, const struct endpoint *e)
{
	return equals_nocase(e->device, t->text) || equals_nocase(e->carrier, t->text);
}

bool test_netns(const struct test *t, const struct endpoint *e)
{
	char by_pid[32];

	if (e->space->is_own && equals_nocase(text_of("own"), t->text))
		return true;
	if (t->has_number) {
		snprintf(by_pid, sizeof(by_pid), "pid %" PRIu64, t->low);
		if (e->space->netns == t->low || text_equals_str(e->space->name, by_pid))
			return true;
	}
	return equals_nocase(e->space->name, t->text);
}

static bool has_address_text(const struct endpoint *e, struct text part)
{
	char shown[ADDR_TEXT_MAX];

	for (size_t i = 0; i < e->n_sockets; i++)
		if (text_contains_nocase(text_of(addr_format(&e->sockets[i]->local, shown)),
					 part))
			return true;
	return text_contains_nocase(text_of(addr_format(&e->address, shown)), part);
}

bool test_any_text(const struct test *t, const struct endpoint *e)
{
	return test_service(t, e) || test_process(t, e) || test_unit(t, e) ||
	       text_contains_nocase(e->user, t->text) || test_container(t, e) ||
	       has_address_text(e, t->text);
}

bool test_is_full(const struct test *t, const struct endpoint *e)
{
	(void)t;
	return endpoint_is_full(e);
}

bool test_is_deleted(const struct test *t, const struct endpoint *e)
{
	(void)t;
	return e->is_exe_deleted;
}

bool test_is_unowned(const struct test *t, const struct endpoint *e)
{
	(void)t;
	return e->owners_state == OWNERS_NONE_FOUND;
}

bool test_is_ephemeral(const struct test *t, const struct endpoint *e)
{
	(void)t;
	return e->is_ephemeral;
}

bool test_is_activated(const struct test *t, const struct endpoint *e)
{
	(void)t;
	return !text_is_empty(e->socket_unit);
}

bool test_is_bad(const struct test *t, const struct endpoint *e)
{
	const struct queue *q = &e->queue;

	(void)t;
	return endpoint_is_full(e) || endpoint_was_full(e) || e->scope == SCOPE_ABSENT ||
	       (q->new_drops && q->new_drops != QUEUE_UNKNOWN);
}

bool endpoint_has_text(const struct endpoint *e, struct text needle)
{
	const struct text texts[] = {e->service,   e->user,        e->unit,
				     e->container, e->socket_unit, e->activates,
				     e->device,    e->carrier,     e->space->name};
	char shown[32];

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		if (text_contains_nocase(texts[i], needle))
			return true;
	snprintf(shown, sizeof(shown), "%u/%s", e->port, socket_proto_word(e->proto));
	if (text_contains_nocase(text_of(shown), needle))
		return true;
	for (size_t i = 0; i < e->n_owners; i++) {
		snprintf(shown, sizeof(shown), "%" PRId32, e->owners[i]->pid);
		if (text_contains_nocase(text_of(shown), needle) ||
		    process_has(e->owners[i], needle))
			return true;
	}
	return has_address_text(e, needle);
}
