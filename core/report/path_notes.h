/* What stands below a place of a packet's way: the rule that decided there, who made it,
 * what nearly let the packet pass; and what left a leg unsure. Words only, one line each.
 */
#ifndef CORE_REPORT_PATH_NOTES_H
#define CORE_REPORT_PATH_NOTES_H

#include "core/report/path_page.h"

/* Appends a line for each, ended by '\n'; nothing for a place where no rule decided. */
void path_put_notes(struct str *out, const struct path_page *p, const struct path_leg *leg,
		    const struct path_hop *h);
/* Appends the words of leg->unsure[i]. */
void path_put_unsure(struct str *out, const struct path_page *p, const struct path_leg *leg,
		     size_t i);
/* The namespace by its name, shown. */
void path_put_space(struct str *out, const struct path_page *p);
/* What the caller may add to have it decided; nothing where that would not help. */
void path_put_hint(struct str *out, const struct path_page *p);

#endif
