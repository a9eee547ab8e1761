/* The words of outcomes, and what the kept packets of an attempt say together. Decides no
 * outcome. */
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

enum syn_schedule attempt_schedule(const struct attempt *a)
{
	int64_t at_ns[3], before_ns, after_ns;
	unsigned n = 0;

	for (unsigned i = 0; i < a->n_events && n < 3; i++)
		if (a->events[i].kind == PACKET_SYN && !a->events[i].is_from_server)
			at_ns[n++] = a->events[i].at_ns;
	if (n < 3)
		return SCHEDULE_UNKNOWN;
	before_ns = at_ns[1] - at_ns[0];
	after_ns = at_ns[2] - at_ns[1];
	if (before_ns <= 0 || after_ns <= 0)
		return SCHEDULE_UNKNOWN;
	return after_ns / 3 >= before_ns / 2 ? SCHEDULE_DOUBLING : SCHEDULE_LINEAR;
}

const char *syn_schedule_word(enum syn_schedule s)
{
	switch (s) {
	case SCHEDULE_UNKNOWN:
		break;
	case SCHEDULE_DOUBLING:
		return "doubling";
	case SCHEDULE_LINEAR:
		return "linear";
	}
	return NULL;
}
