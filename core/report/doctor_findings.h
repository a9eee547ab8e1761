/*
 * What the doctor finds: how whole each source is and what this kernel and host offer.
 * Judges; does not print.
 */
#ifndef CORE_REPORT_DOCTOR_FINDINGS_H
#define CORE_REPORT_DOCTOR_FINDINGS_H

#include "core/base/tri.h"
#include "core/report/doctor.h"

enum doctor_state { DOCTOR_NO, DOCTOR_PARTLY, DOCTOR_YES, N_DOCTOR_STATES };

/* "no", "partly", "yes" */
const char *doctor_state_word(enum doctor_state state);

/* Not to be copied: reason may point into words. */
struct doctor_finding {
	const struct source_state *source;
	enum doctor_state state;
	const char *reason; /* NULL for yes */
	const char *grant;  /* NULL: none would help */
	char words[64];
};

void doctor_judge(struct doctor_finding *f, const struct snapshot *s,
		  const struct source_state *source);

/* Something that a host or a kernel may lack. */
struct doctor_feature {
	const char *name;
	unsigned major,
		minor; /* the first kernel that has it; 0: not a matter of its version */
	const char *gives;
	const char *without;
	const char *grant; /* NULL: none would help */
	/* By the first of these that is not NULL, else by the version. */
	const char *source; /* whose answer says it */
	enum tri (*look)(const struct host_facts *host);
};

#define N_DOCTOR_FEATURES 11
extern const struct doctor_feature doctor_features[N_DOCTOR_FEATURES];

/* Is it there? UNSURE where the host's facts are not known (host may be NULL), or the
 * source was not asked. */
enum tri doctor_has(const struct doctor_feature *feature, const struct host_facts *host,
		    const struct source_state *sources, size_t n_sources);

/* Every capability that a kernel knows, as root has them? */
bool doctor_has_all_caps(uint64_t caps);
/* "cap_net_raw"; appends. A bit that libcap has no name for as its number. 0 or -ENOMEM. */
int doctor_cap_name(struct str *out, int cap);

#endif
