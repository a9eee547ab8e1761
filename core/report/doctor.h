/*
 * What this process can and cannot see here, and the exact grant that would help: text and
 * JSON (dport.doctor/1).
 */
#ifndef CORE_REPORT_DOCTOR_H
#define CORE_REPORT_DOCTOR_H

#include "core/snapshot/refresh.h"

/* What only the caller knows. */
struct doctor_surroundings {
	const char *term;    /* TERM; NULL: none */
	const char *charset; /* nl_langinfo(CODESET) */
	bool is_terminal;
	const char *replay; /* a recording's name; NULL: live */
};

/* Each appends a whole document. 0 or -ENOMEM. The text is ASCII unless charset is UTF-8.
 */
int doctor_text(struct str *out, const struct snapshot *s,
		const struct source_state *sources, size_t n_sources,
		const struct doctor_surroundings *around);
int doctor_json(struct str *out, const struct snapshot *s,
		const struct source_state *sources, size_t n_sources,
		const struct doctor_surroundings *around);

#endif
