/* The names of ICMP errors and the marks of outcomes. RFC 792, 1122, 1812, 4443. */
#include <netinet/in.h>
#include <stddef.h>
#include <sys/socket.h>

#include "core/report/capture.h"

/* Type 3 */
static const char *const unreachable[] = {
	"network unreachable",
	"host unreachable",
	"protocol unreachable",
	"port unreachable",
	"fragmentation needed",
	"source route failed",
	"network unknown",
	"host unknown",
	"source host isolated",
	"network prohibited",
	"host prohibited",
	"network unreachable for this type of service",
	"host unreachable for this type of service",
	"administratively prohibited",
	"host precedence violation",
	"precedence cutoff in effect",
};

/* Type 1 */
static const char *const unreachable6[] = {
	"no route",
	"administratively prohibited",
	"beyond scope of source address",
	"address unreachable",
	"port unreachable",
	"source address failed policy",
	"route rejects it",
	"error in source routing header",
};

#define N_OF(rows) (sizeof(rows) / sizeof((rows)[0]))

static const char *words4(uint8_t type, uint8_t code)
{
	if (type == 3)
		return code < N_OF(unreachable) ? unreachable[code] : "unreachable";
	if (type == 4)
		return "source quench";
	if (type == 5)
		return "redirect";
	if (type == 11)
		return code == 0 ? "time exceeded" : "reassembly time exceeded";
	return type == 12 ? "parameter problem" : NULL;
}

static const char *words6(uint8_t type, uint8_t code)
{
	if (type == 1)
		return code < N_OF(unreachable6) ? unreachable6[code] : "unreachable";
	if (type == 2)
		return "packet too big";
	if (type == 3)
		return code == 0 ? "time exceeded" : "reassembly time exceeded";
	return type == 4 ? "parameter problem" : NULL;
}

const char *capture_icmp_words(uint8_t family, uint8_t type, uint8_t code)
{
	return family == AF_INET6 ? words6(type, code) : words4(type, code);
}

const char *capture_outcome_words(const struct attempt *a)
{
	if (a->proto == IPPROTO_UDP && a->outcome == OUTCOME_SILENT)
		return "open or filtered";
	return outcome_word((enum outcome)a->outcome);
}

const char *capture_mark(enum outcome o, enum text_mode mode)
{
	static const char *const marks[N_OUTCOMES][2] = {
		[OUTCOME_OPEN] = {"?", "?"},      [OUTCOME_ANSWERED] = {"✔", "+"},
		[OUTCOME_HALF_OPEN] = {"~", "~"}, [OUTCOME_REFUSED] = {"✖", "x"},
		[OUTCOME_ICMP] = {"✖", "x"},      [OUTCOME_RESET_LATER] = {"~", "~"},
		[OUTCOME_SILENT] = {"–", "-"},
	};

	return (unsigned)o < N_OUTCOMES ? marks[o][mode == TEXT_ASCII] : "?";
}
