/* Tables of names, as `nft describe TYPE` lists them. */
#include "core/firewall/text/text_symbols.h"

#include <stddef.h>

#include "core/firewall/text/text_values.h"

struct symbol {
	const char *name; /* NULL: the last */
	uint64_t number;
};

static const struct symbol nfprotos[] = {{"ipv4", 2}, {"ipv6", 10}, {NULL, 0}};
static const struct symbol ether_types[] = {{"ip", 0x0800},     {"arp", 0x0806},
					    {"ip6", 0x86dd},    {"8021q", 0x8100},
					    {"8021ad", 0x88a8}, {NULL, 0}};
static const struct symbol arp_operations[] = {
	{"request", 1},   {"reply", 2},   {"rrequest", 3}, {"rreply", 4},
	{"inrequest", 8}, {"inreply", 9}, {"nak", 10},     {NULL, 0}};
static const struct symbol protos[] = {
	{"hopopt", 0},   {"icmp", 1},       {"igmp", 2},   {"ipencap", 4}, {"tcp", 6},
	{"udp", 17},     {"dccp", 33},      {"ipv6", 41},  {"gre", 47},    {"esp", 50},
	{"ah", 51},      {"ipv6-icmp", 58}, {"ospf", 89},  {"ipip", 94},   {"pim", 103},
	{"ipcomp", 108}, {"vrrp", 112},     {"l2tp", 115}, {"sctp", 132},  {"udplite", 136},
	{NULL, 0}};
static const struct symbol icmp_types[] = {
	{"echo-reply", 0},           {"destination-unreachable", 3},
	{"source-quench", 4},        {"redirect", 5},
	{"echo-request", 8},         {"router-advertisement", 9},
	{"router-solicitation", 10}, {"time-exceeded", 11},
	{"parameter-problem", 12},   {"timestamp-request", 13},
	{"timestamp-reply", 14},     {"info-request", 15},
	{"info-reply", 16},          {"address-mask-request", 17},
	{"address-mask-reply", 18},  {NULL, 0}};
static const struct symbol tcp_flags[] = {{"fin", 1},  {"syn", 2},   {"rst", 4},
					  {"psh", 8},  {"ack", 16},  {"urg", 32},
					  {"ecn", 64}, {"cwr", 128}, {NULL, 0}};
static const struct symbol arp_hardware[] = {
	{"ether", 1},      {"ppp", 512}, {"ipip", 768},  {"ipip6", 769},
	{"loopback", 772}, {"sit", 776}, {"ipgre", 778}, {NULL, 0}};
static const struct symbol ct_states[] = {{"invalid", 1},    {"established", 2},
					  {"related", 4},    {"new", 8},
					  {"untracked", 64}, {NULL, 0}};
static const struct symbol ct_directions[] = {{"original", 0}, {"reply", 1}, {NULL, 0}};
static const struct symbol ct_statuses[] = {
	{"expected", 1}, {"seen-reply", 2}, {"assured", 4}, {"confirmed", 8},
	{"snat", 16},    {"dnat", 32},      {"dying", 512}, {NULL, 0}};
static const struct symbol icmp6_types[] = {{"destination-unreachable", 1},
					    {"packet-too-big", 2},
					    {"time-exceeded", 3},
					    {"parameter-problem", 4},
					    {"echo-request", 128},
					    {"echo-reply", 129},
					    {"mld-listener-query", 130},
					    {"mld-listener-report", 131},
					    {"mld-listener-done", 132},
					    {"nd-router-solicit", 133},
					    {"nd-router-advert", 134},
					    {"nd-neighbor-solicit", 135},
					    {"nd-neighbor-advert", 136},
					    {"nd-redirect", 137},
					    {"router-renumbering", 138},
					    {"ind-neighbor-solicit", 141},
					    {"ind-neighbor-advert", 142},
					    {"mld2-listener-report", 143},
					    {NULL, 0}};
static const struct symbol packet_types[] = {
	{"host", 0}, {"broadcast", 1}, {"multicast", 2}, {"other", 3}, {NULL, 0}};
static const struct symbol icmp_codes[] = {
	{"net-unreachable", 0},  {"host-unreachable", 1},  {"prot-unreachable", 2},
	{"port-unreachable", 3}, {"frag-needed", 4},       {"net-prohibited", 9},
	{"host-prohibited", 10}, {"admin-prohibited", 13}, {NULL, 0}};
static const struct symbol icmp6_codes[] = {{"no-route", 0},
					    {"admin-prohibited", 1},
					    {"addr-unreachable", 3},
					    {"port-unreachable", 4},
					    {"policy-fail", 5},
					    {"reject-route", 6},
					    {NULL, 0}};
static const struct symbol icmpx_codes[] = {{"no-route", 0},
					    {"port-unreachable", 1},
					    {"host-unreachable", 2},
					    {"admin-prohibited", 3},
					    {NULL, 0}};
static const struct symbol device_groups[] = {{"default", 0}, {NULL, 0}};
static const struct symbol dscps[] = {
	{"cs0", 0x00},  {"cs1", 0x08},  {"cs2", 0x10},  {"cs3", 0x18},   {"cs4", 0x20},
	{"cs5", 0x28},  {"cs6", 0x30},  {"cs7", 0x38},  {"lephb", 0x01}, {"af11", 0x0a},
	{"af12", 0x0c}, {"af13", 0x0e}, {"af21", 0x12}, {"af22", 0x14},  {"af23", 0x16},
	{"af31", 0x1a}, {"af32", 0x1c}, {"af33", 0x1e}, {"af41", 0x22},  {"af42", 0x24},
	{"af43", 0x26}, {"va", 0x2c},   {"ef", 0x2e},   {NULL, 0}};
static const struct symbol ecns[] = {
	{"not-ect", 0}, {"ect1", 1}, {"ect0", 2}, {"ce", 3}, {NULL, 0}};
static const struct symbol address_types[] = {
	{"unspec", 0},   {"unicast", 1},   {"local", 2},     {"broadcast", 3},
	{"anycast", 4},  {"multicast", 5}, {"blackhole", 6}, {"unreachable", 7},
	{"prohibit", 8}, {NULL, 0}};
static const struct symbol booleans[] = {{"missing", 0}, {"exists", 1}, {NULL, 0}};
static const struct symbol igmp_types[] = {
	{"membership-query", 0x11},     {"membership-report-v1", 0x12},
	{"membership-report-v2", 0x16}, {"membership-report-v3", 0x22},
	{"leave-group", 0x17},          {NULL, 0}};
static const struct symbol days[] = {{"Sunday", 0},    {"Monday", 1},   {"Tuesday", 2},
				     {"Wednesday", 3}, {"Thursday", 4}, {"Friday", 5},
				     {"Saturday", 6},  {NULL, 0}};

static const struct symbol *const symbols[N_TEXT_TYPES] = {
	[TEXT_TYPE_NFPROTO] = nfprotos,
	[TEXT_TYPE_ETHERTYPE] = ether_types,
	[TEXT_TYPE_ARPOP] = arp_operations,
	[TEXT_TYPE_PROTO] = protos,
	[TEXT_TYPE_ICMP_TYPE] = icmp_types,
	[TEXT_TYPE_TCP_FLAG] = tcp_flags,
	[TEXT_TYPE_ARPHRD] = arp_hardware,
	[TEXT_TYPE_CT_STATE] = ct_states,
	[TEXT_TYPE_CT_DIR] = ct_directions,
	[TEXT_TYPE_CT_STATUS] = ct_statuses,
	[TEXT_TYPE_ICMP6_TYPE] = icmp6_types,
	[TEXT_TYPE_PKTTYPE] = packet_types,
	[TEXT_TYPE_ICMP_CODE] = icmp_codes,
	[TEXT_TYPE_ICMP6_CODE] = icmp6_codes,
	[TEXT_TYPE_ICMPX_CODE] = icmpx_codes,
	[TEXT_TYPE_DEVGROUP] = device_groups,
	[TEXT_TYPE_DSCP] = dscps,
	[TEXT_TYPE_ECN] = ecns,
	[TEXT_TYPE_FIB_ADDR] = address_types,
	[TEXT_TYPE_BOOLEAN] = booleans,
	[TEXT_TYPE_IGMP_TYPE] = igmp_types,
	[TEXT_TYPE_TIME_DAY] = days,
};

const char *text_symbol(unsigned type, uint64_t number)
{
	const struct symbol *s = type < N_TEXT_TYPES ? symbols[type] : NULL;

	for (; s && s->name; s++) {
		if (s->number == number)
			return s->name;
	}
	return NULL;
}
