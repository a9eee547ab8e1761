/* The table of faults as words. */
#include "core/diagnosis/faults.h"

struct words {
	const char *id, *headline, *meaning;
};

static const struct words faults[N_FAULTS] = {[FAULT_NONE] = {"", "", ""},
#define X(name, id, step, headline, meaning) [FAULT_##name] = {id, headline, meaning},
					      FAULTS(X)
#undef X
};

const char *fault_id(enum fault f)
{
	return faults[f].id;
}

const char *fault_headline(enum fault f)
{
	return faults[f].headline;
}

const char *fault_meaning(enum fault f)
{
	return faults[f].meaning;
}
