/* Cells of the columns that are shown to who asks for them. The others: port_cells.c. */
#include <inttypes.h>

#include "tui/model.h"
#include "tui/view/ports/port_cells.h"

static const struct endpoint *endpoint_of(const struct cell_print *p)
{
	return p->row;
}

static const struct model *model_of(const struct cell_print *p)
{
	return p->context;
}

/* There is nothing, or it could not be seen: of what only an owner tells. */
static void put_unowned(struct cell_print *p)
{
	const struct endpoint *e = endpoint_of(p);

	if (e->owners_state == OWNERS_PENDING)
		port_cell_state(p, ROLE_DIM, SYMBOL_WAITING, "");
	else if (!e->n_owners && e->owners_state == OWNERS_UNKNOWN)
		port_cell_state(p, ROLE_UNKNOWN, SYMBOL_UNKNOWN, "");
	else
		port_cell_none(p);
}

void port_print_pid(struct cell_print *p)
{
	const struct endpoint *e = endpoint_of(p);

	if (e->n_owners)
		str_printf(p->out, "%" PRId32, e->owners[0]->pid);
	else
		put_unowned(p);
}

void port_print_container(struct cell_print *p)
{
	if (text_is_empty(endpoint_of(p)->container))
		put_unowned(p);
	else
		port_cell_outside(p, endpoint_of(p)->container);
}

static void put_number(struct cell_print *p, uint32_t n)
{
	if (n == QUEUE_UNKNOWN)
		port_cell_state(p, ROLE_UNKNOWN, SYMBOL_UNKNOWN, "");
	else
		str_printf(p->out, "%" PRIu32, n);
}

void port_print_limit(struct cell_print *p)
{
	put_number(p, endpoint_of(p)->queue.limit);
}

void port_print_peak(struct cell_print *p)
{
	put_number(p, endpoint_of(p)->queue.high_water);
}

void port_print_device(struct cell_print *p)
{
	if (text_is_empty(endpoint_of(p)->device))
		port_cell_none(p);
	else
		port_cell_outside(p, endpoint_of(p)->device);
}

void port_print_sockets(struct cell_print *p)
{
	str_printf(p->out, "%zu", endpoint_of(p)->n_sockets);
}

void port_print_exe(struct cell_print *p)
{
	const struct endpoint *e = endpoint_of(p);

	if (!e->n_owners)
		put_unowned(p);
	else if (!text_is_empty(e->owners[0]->exe))
		port_cell_outside(p, e->owners[0]->exe);
	else if (e->owners[0]->exe_error)
		port_cell_state(p, ROLE_UNKNOWN, SYMBOL_UNKNOWN, "");
	else
		port_cell_none(p);
}

void port_print_cgroup(struct cell_print *p)
{
	const struct cgroup_table *cgroups = model_of(p)->snapshot->cgroups;
	const struct endpoint *e = endpoint_of(p);
	struct text path = TEXT_NONE;

	if (cgroups && e->n_sockets)
		path = cgroups_path(cgroups, e->sockets[0]->cgroup_id);
	if (text_is_empty(path))
		port_cell_state(p, ROLE_UNKNOWN, SYMBOL_UNKNOWN, "");
	else
		port_cell_outside(p, path);
}
