/*
 * A packet as netfilter's LOG target and nft's log statement print it: "prefixIN=eth0 OUT=
 * MAC=.. SRC=10.0.0.9 DST=10.0.0.1 .. PROTO=TCP SPT=40000 DPT=443 ..".
 * net/netfilter/nf_log_syslog.c. Inside core/logs. Pure.
 */
#ifndef CORE_LOGS_PACKET_LINE_H
#define CORE_LOGS_PACKET_LINE_H

#include "core/base/addr.h"
#include "core/base/text.h"

struct packet_line {
	struct text prefix;
	struct addr saddr, daddr;
	uint16_t sport, dport; /* 0: not told */
	uint8_t proto;
};

/* message is the kernel's own: that is the caller's duty. False: it is no packet, or not
 * wholly told. */
bool packet_line_read(struct text message, struct packet_line *out);

#endif
