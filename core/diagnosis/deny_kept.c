/* What firewalld keeps of a zone beside what of it runs: a rule that is gone with the next
 * reload, or comes with it. Judges nothing. */
#include <string.h>

#include "core/diagnosis/check_deny.h"
#include "core/diagnosis/check_help.h"
#include "core/services/zones.h"

enum tri deny_kept_opens(const struct evidence *e, struct text zone, struct text *path)
{
	const struct change_table *t = e->changes;
	const struct kept_file *file = NULL;

	if (t && !text_is_empty(zone))
		file = zone_files_find(t->files, t->n_files, zone);
	if (!file)
		return TRI_UNSURE;
	*path = file->path;
	return zone_file_opens(file, t->files, t->n_files, e->target.proto, e->target.port);
}

/* The zone whose own chain stops the request; none: another manager's, or no zone's. */
static struct text stopping_zone(const struct check_view *v, const struct path_leg *leg)
{
	const struct fw_chain *chain = deny_chain(v, leg);
	const char *manager = deny_manager(v, leg);

	if (leg != &v->walk->path.request || v->walk->path.is_translated || !chain ||
	    !manager || strcmp(manager, "firewalld") != 0)
		return TEXT_NONE;
	return deny_zone(chain->name);
}

int deny_tell_kept(const struct check_view *v, struct finding *f,
		   const struct path_leg *leg)
{
	struct text zone = stopping_zone(v, leg), path;
	const char *name, *file;
	int error;

	if (text_is_empty(zone) || deny_kept_opens(v->e, zone, &path) != TRI_YES)
		return 0;
	name = view_word(v, zone);
	file = view_word(v, path);
	error = finding_prove(
		f, v->arena, "firewalld", true,
		view_text(v, "firewall-cmd --permanent --zone=%s --list-all", name),
		"zone %s as it is kept (%s) lets %s in, as it runs it does "
		"not: firewalld has not taken that up",
		name, file, view_port(v));
	if (error)
		return error;
	return finding_advise(f, v->arena, "firewall-cmd --reload", NULL,
			      "what was set without --permanent is lost (firewall-cmd "
			      "--list-all-zones shows it); connections stay",
			      "have firewalld take up what is kept");
}
