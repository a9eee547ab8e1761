/* A way that is open only as long as firewalld runs as it does: the zone that lets the
 * packet in does not so as it is kept. Decides no verdict. */
#include <errno.h>
#include <string.h>

#include "core/diagnosis/check_deny.h"
#include "core/diagnosis/judge_impl.h"
#include "core/firewall/text/rule_text.h"

/* "filter_IN_public_allow": a rule of it that asks for the port has let the packet in; the
 * zone. None: another rule. */
static struct text zone_of_step(const struct judging *j, const struct path_meeting *m,
				const struct fw_step *s)
{
	struct path_world world = evidence_world(j->e);
	const struct ruleset *r = j->e->rules;
	const struct fw_chain *chain;
	const char *manager;
	struct fw_tested t;

	if (s->kind != FW_STEP_ACCEPT || s->rule >= r->n_rules || s->chain >= r->n_chains)
		return TEXT_NONE;
	chain = &r->chains[s->chain];
	manager = rule_manager(r, &r->rules[s->rule]);
	if (!manager || strcmp(manager, "firewalld") != 0 ||
	    !text_contains_nocase(chain->name, text_of("_allow")))
		return TEXT_NONE;
	t = path_test_rule(&world, &m->packet, s->rule);
	return t.hit & 1U << FW_FIELD_PORT ? deny_zone(chain->name) : TEXT_NONE;
}

static struct text zone_of_meeting(const struct judging *j, const struct path_meeting *m)
{
	for (size_t i = 0; !m->is_reply && !m->is_doubted && i < m->steps.n; i++) {
		struct text zone = zone_of_step(j, m, vec_at(&m->steps, i));

		if (!text_is_empty(zone))
			return zone;
	}
	return TEXT_NONE;
}

static void tell(struct judging *j, struct text zone)
{
	struct check_view v = {.e = j->e, .walk = j->walk, .arena = j->arena};
	const char *name = view_word(&v, zone);
	struct text path;

	if (deny_kept_opens(j->e, zone, &path) != TRI_NO)
		return;
	judge_prove(j, STEP_FIREWALL, "firewalld", true,
		    "firewall-cmd --runtime-to-permanent",
		    "%s is open in zone %s only as firewalld runs: %s does not let it in, "
		    "and its next reload or start closes it; this keeps all that runs",
		    view_port(&v), name, view_word(&v, path));
}

void judge_zone(struct judging *j)
{
	struct path_world world = evidence_world(j->e);
	struct vec meetings = VEC_OF(struct path_meeting);
	struct text zone = TEXT_NONE;

	if (!j->walk || !j->walk->is_walked || !j->e->rules || !j->e->changes ||
	    !j->e->changes->n_files || j->walk->path.is_translated ||
	    j->walk->path.request.verdict != PATH_ACCEPT)
		return;
	if (path_meet(&world, &j->walk->path.ask, &meetings)) {
		j->error = -ENOMEM;
		return;
	}
	for (size_t i = 0; text_is_empty(zone) && i < meetings.n; i++)
		zone = zone_of_meeting(j, vec_at(&meetings, i));
	if (!text_is_empty(zone))
		tell(j, zone);
	path_meetings_release(&meetings);
}
