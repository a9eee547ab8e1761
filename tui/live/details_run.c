/* One question after the other, about one port. Counts nothing itself. */
#include "tui/live/details_run.h"

#include <errno.h>

#include "core/base/time.h"
#include "tui/live/diagnose.h"
#include "tui/view.h"

#define PAUSE_NS     (5 * NS_PER_S)
#define PAUSE_MAX_NS (60 * NS_PER_S) /* what will not be otherwise soon */

void details_run_init(struct details_run *r, struct model *m, struct channel *c,
		      const struct netns_ref *space)
{
	*r = (struct details_run){.model = m, .channel = c, .space = space};
	inquiry_init(&r->inquiry, space);
	owners_run_init(&r->owners, m, c, space);
}

void details_run_release(struct details_run *r)
{
	if (r->model)
		inquiry_release(&r->inquiry);
	owners_run_release(&r->owners);
	*r = (struct details_run){0};
}

static bool is_wanted(const struct details_run *r)
{
	const struct model *m = r->model;

	return m && m->details.id && m->details.peers_state != PEERS_NOT_TCP &&
	       !m->is_frozen && model_view(m) == &view_details;
}

/* Those of other namespaces than the one that is looked at are not asked for. */
static bool is_elsewhere(const struct details_run *r, const struct endpoint *e)
{
	return e->space != diagnose_space(r->model->snapshot, r->space);
}

/* True: it was found out without asking. */
static bool ask(struct details_run *r, int64_t now_ns)
{
	struct details_shown *d = &r->model->details;
	const struct endpoint *e = details_endpoint(r->model);
	struct question q = {.kind = QUESTION_PEERS, .port = d->port};

	r->id = d->id;
	r->ask_at_ns = now_ns + PAUSE_NS;
	if (e && is_elsewhere(r, e)) {
		r->ask_at_ns = now_ns + PAUSE_MAX_NS;
		details_take_peers(d, NULL, ENOTSUP);
		return true;
	}
	inquiry_release(&r->inquiry);
	inquiry_init(&r->inquiry, r->space);
	r->is_asking = e && !inquiry_ask(&r->inquiry, &q);
	return false;
}

/* True: there is an answer to what is shown. */
static bool take(struct details_run *r)
{
	const struct response *answer =
		responses_of(&r->inquiry.responses, QUESTION_PEERS, 0);
	struct details_shown *d = &r->model->details;
	int error = answer->error;

	r->is_asking = false;
	if (d->id != r->id || d->peers_state == PEERS_NOT_TCP)
		return false;
	if (!error && answer->state != RESPONSE_WHOLE)
		error = EAGAIN;
	details_take_peers(d, table_ref(answer->table), error);
	if (!answer->table)
		r->ask_at_ns += PAUSE_MAX_NS - PAUSE_NS;
	return true;
}

bool details_run_takes_blob(struct details_run *r, const struct blob *b)
{
	if (owners_run_takes_blob(&r->owners, b))
		return true;
	return r->is_asking && inquiry_blob(&r->inquiry, b) != -ENOENT;
}

bool details_run_turn(struct details_run *r, int64_t now_ns)
{
	bool is_due = r->model && (now_ns >= r->ask_at_ns || r->id != r->model->details.id);
	bool has_news = owners_run_turn(&r->owners, now_ns);

	if (!r->is_asking && is_wanted(r) && is_due)
		has_news |= ask(r, now_ns);
	if (!r->is_asking)
		return has_news;
	inquiry_send(&r->inquiry, r->channel);
	return (responses_are_in(&r->inquiry.responses) && take(r)) || has_news;
}

int64_t details_run_due_ns(const struct details_run *r)
{
	int64_t owners_ns = owners_run_due_ns(&r->owners), peers_ns = r->ask_at_ns;

	if (r->is_asking || !is_wanted(r))
		return owners_ns;
	if (r->id != r->model->details.id)
		return 0;
	return owners_ns < peers_ns ? owners_ns : peers_ns;
}
