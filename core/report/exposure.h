/* Who can reach each listener, as text and as JSON (dport.exposure/1). Pure. */
#ifndef CORE_REPORT_EXPOSURE_H
#define CORE_REPORT_EXPOSURE_H

#include "core/path/exposure.h"

struct exposure_page {
	const struct exposure *exposure;
	const struct path_world *world; /* that it was found in */
	int rules_error; /* why the rules could not be read; positive errno, 0: not known */
};

/* Both append a whole document; 0 or -ENOMEM. Names were shown in `mode`. */
int exposure_text(struct str *out, const struct exposure_page *p, enum text_mode mode);
int exposure_json(struct str *out, const struct exposure_page *p);

/* Why there is nothing but the bind scope, and what would help; NULL: the rules are known.
 * grant may become NULL. */
const char *exposure_gap(const struct exposure_page *p, const char **grant);

/* More networks than these are told by those that are left out, where those are fewer. */
enum { EXPOSURE_NETS_MAX = 4096 };

#endif
