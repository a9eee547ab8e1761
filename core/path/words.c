/* The words of places, outcomes and verdicts. */
#include "core/path/path.h"

static const char *const places[N_PLACES] = {
#define X(name, word) [PLACE_##name] = word,
	PLACES(X)
#undef X
};

const char *place_word(enum place_kind p)
{
	return places[p];
}

const char *path_outcome_word(enum path_outcome o)
{
	switch (o) {
	case HOP_PASSES:
		return "passes";
	case HOP_TRANSLATED:
		return "translated";
	case HOP_DROPPED:
		return "dropped";
	case HOP_REJECTED:
		return "rejected";
	case HOP_UNSURE:
		return "unsure";
	case HOP_NOT_WALKED:
		break;
	}
	return "not walked";
}

const char *path_verdict_word(enum path_verdict v)
{
	switch (v) {
	case PATH_ACCEPT:
		return "accept";
	case PATH_DROP:
		return "drop";
	case PATH_REJECT:
		return "reject";
	case PATH_UNSURE:
		break;
	}
	return "unsure";
}
