/* A published port in words. Pure. */
#ifndef CORE_REPORT_PUBLISHED_H
#define CORE_REPORT_PUBLISHED_H

#include "core/path/published.h"

/* "172.17.0.2:80 in web", "172.17.0.2:80 in docker:3f2a77c01b9e", "port 3129 here",
 * "10.0.0.5:3129 here", "[fd00::2]:80"; 0 or -ENOMEM. */
int published_target_text(struct str *out, const struct published_row *row,
			  enum text_mode mode);
/* Its target is told by the container. */
bool published_goes_by_container(const struct published_row *row);
/*
 * Who manages the rules of what comes in for this host itself ("ufw", ...), where the row's
 * packets are passed on and never meet these; NULL: they meet them, or nobody known.
 */
const char *published_unseen_by(const struct ruleset *rules,
				const struct published_row *row);

#endif
