/* Comparisons. Sorts nothing: model.c does. */
#include "tui/view/ports/port_orders.h"

#include "tui/model.h"

int port_compare_port(const void *a, const void *b)
{
	const struct endpoint *x = a, *y = b;

	if (x->port != y->port)
		return x->port < y->port ? -1 : 1;
	return (x->proto > y->proto) - (x->proto < y->proto);
}

/* What has no name comes behind what has one. */
static int compare_names(struct text a, struct text b)
{
	if (text_is_empty(a) != text_is_empty(b))
		return text_is_empty(a) ? 1 : -1;
	return text_compare(a, b);
}

int port_compare_service(const void *a, const void *b)
{
	const struct endpoint *x = a, *y = b;

	return compare_names(x->service, y->service);
}

int port_compare_owner(const void *a, const void *b)
{
	const struct endpoint *x = a, *y = b;
	int32_t p, q;
	int order;

	if (!x->n_owners || !y->n_owners)
		return (y->n_owners > 0) - (x->n_owners > 0);
	order = compare_names(x->owners[0]->comm, y->owners[0]->comm);
	p = x->owners[0]->pid;
	q = y->owners[0]->pid;
	return order ? order : (p > q) - (p < q);
}

static uint32_t established(const struct endpoint *e)
{
	return e->has_connections ? e->connections[1] : 0;
}

int port_compare_connections(const void *a, const void *b)
{
	uint32_t x = established(a), y = established(b);

	return (x > y) - (x < y);
}

/* How urgent a queue is: full, was full, then by what waits; datagrams below. */
static uint64_t urgency(const struct endpoint *e)
{
	uint64_t length = e->queue.length == QUEUE_UNKNOWN ? 0 : e->queue.length;

	if (!endpoint_is_stream(e))
		return length ? 1 : 0;
	return length + 2 + ((uint64_t)endpoint_was_full(e) << 33) +
	       ((uint64_t)endpoint_is_full(e) << 34);
}

int port_compare_queue(const void *a, const void *b)
{
	uint64_t x = urgency(a), y = urgency(b);

	return (x > y) - (x < y);
}
