/* The words of outcomes. Decides none. */
#include "core/wire/attempt.h"

#include <netinet/in.h>
#include <stddef.h>

static const struct {
	const char *word, *state;
} outcomes[N_OUTCOMES] = {
#define X(name, word, state) [OUTCOME_##name] = {word, state},
	OUTCOMES(X)
#undef X
};

const char *outcome_word(enum outcome o)
{
	return (unsigned)o < N_OUTCOMES ? outcomes[o].word : "unknown";
}

const char *outcome_state(enum outcome o, uint8_t proto, bool is_port_unreachable)
{
	if ((unsigned)o >= N_OUTCOMES)
		return "unknown";
	if (o == OUTCOME_ICMP && proto == IPPROTO_UDP && is_port_unreachable)
		return "closed";
	if (o == OUTCOME_SILENT && proto == IPPROTO_UDP)
		return "unknown";
	return outcomes[o].state;
}

bool attempt_is_port_unreachable(const struct attempt *a)
{
	if (a->icmp_from.family == AF_INET)
		return a->icmp_type == 3 && a->icmp_code == 3;
	return a->icmp_from.family == AF_INET6 && a->icmp_type == 1 && a->icmp_code == 4;
}
