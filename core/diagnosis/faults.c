/* The table of faults and steps as words. */
#include "core/diagnosis/faults.h"

struct row {
	enum step_id step;
	const char *id, *headline, *meaning;
};

/* clang-format off */
static const struct row faults[N_FAULTS] = {
	[FAULT_NONE] = {STEP_CLIENT, "", "", ""},
#define X(name, id, step, headline, meaning) \
	[FAULT_##name] = {STEP_##step, id, headline, meaning},
	FAULTS(X)
#undef X
};
/* clang-format on */

static const char *const step_words[N_STEPS] = {
	[STEP_CLIENT] = "client", [STEP_SERVER] = "server", [STEP_FIREWALL] = "firewall",
	[STEP_NAT] = "nat",       [STEP_LOGS] = "logs",
};

const char *step_word(enum step_id s)
{
	return step_words[s];
}

const char *fault_id(enum fault f)
{
	return faults[f].id;
}

enum step_id fault_step(enum fault f)
{
	return faults[f].step;
}

const char *fault_headline(enum fault f)
{
	return faults[f].headline;
}

const char *fault_meaning(enum fault f)
{
	return faults[f].meaning;
}
