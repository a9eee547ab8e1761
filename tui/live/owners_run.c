/* One question about a few processes. Looks for no owners: the snapshot has them. */
#include "tui/live/owners_run.h"

#include <errno.h>
#include <string.h>

#include "core/base/time.h"
#include "tui/view.h"

#define PAUSE_NS (60 * NS_PER_S) /* descriptors open, and what a program calls itself */

void owners_run_init(struct owners_run *r, struct model *m, struct channel *c,
		     const struct netns_ref *space)
{
	*r = (struct owners_run){.model = m, .channel = c, .space = space};
	inquiry_init(&r->inquiry, space);
}

void owners_run_release(struct owners_run *r)
{
	if (r->model)
		inquiry_release(&r->inquiry);
	*r = (struct owners_run){0};
}

/* The first so many; pid_list has no room for more. */
static void list_owners(const struct endpoint *e, struct pid_list *out)
{
	*out = (struct pid_list){0};
	for (size_t i = 0; i < e->n_owners && out->n < REQUEST_PIDS_MAX; i++)
		out->pids[out->n++] = (uint32_t)e->owners[i]->pid;
}

/* What is to be asked about now; false: nothing. */
static bool is_wanted(const struct owners_run *r, struct pid_list *owners)
{
	const struct model *m = r->model;
	const struct endpoint *e;

	if (!m || !m->details.id || m->is_frozen || model_view(m) != &view_details)
		return false;
	e = details_endpoint(m);
	if (!e || !e->n_owners)
		return false;
	list_owners(e, owners);
	return true;
}

static bool are_others(const struct owners_run *r, const struct pid_list *owners)
{
	return r->id != r->model->details.id || memcmp(&r->asked, owners, sizeof(*owners));
}

static void ask(struct owners_run *r, const struct pid_list *owners, int64_t now_ns)
{
	struct question q = {.kind = QUESTION_PROCESSES, .processes = *owners};

	r->id = r->model->details.id;
	r->asked = *owners;
	r->ask_at_ns = now_ns + PAUSE_NS;
	inquiry_release(&r->inquiry);
	inquiry_init(&r->inquiry, r->space);
	r->is_asking = !inquiry_ask(&r->inquiry, &q);
}

/* True: there is an answer to what is shown. */
static bool take(struct owners_run *r)
{
	const struct response *answer =
		responses_of(&r->inquiry.responses, QUESTION_PROCESSES, 0);
	int error = answer->error;

	r->is_asking = false;
	if (r->model->details.id != r->id)
		return false;
	if (!error && answer->state != RESPONSE_WHOLE)
		error = ETIMEDOUT;
	details_take_owners(&r->model->details, table_ref(answer->table), error);
	return true;
}

bool owners_run_takes_blob(struct owners_run *r, const struct blob *b)
{
	return r->is_asking && inquiry_blob(&r->inquiry, b) != -ENOENT;
}

bool owners_run_turn(struct owners_run *r, int64_t now_ns)
{
	struct pid_list owners;

	if (!r->is_asking && is_wanted(r, &owners) &&
	    (now_ns >= r->ask_at_ns || are_others(r, &owners)))
		ask(r, &owners, now_ns);
	if (!r->is_asking)
		return false;
	inquiry_send(&r->inquiry, r->channel);
	return responses_are_in(&r->inquiry.responses) && take(r);
}

int64_t owners_run_due_ns(const struct owners_run *r)
{
	struct pid_list owners;

	if (r->is_asking || !is_wanted(r, &owners))
		return INT64_MAX;
	return are_others(r, &owners) ? 0 : r->ask_at_ns;
}
