/*
 * The virtual services of IPVS and the real servers behind each: the lines of
 * /proc/net/ip_vs, ip_vs_info_seq_show() of net/netfilter/ipvs/ip_vs_ctl.c. Pure.
 */
#ifndef CORE_NAT_IPVS_H
#define CORE_NAT_IPVS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/addr.h"
#include "core/base/text.h"
#include "core/base/tri.h"

struct ipvs_service {
	/* One of a mark has neither address nor protocol, and its family is not told. */
	bool is_of_mark;
	uint32_t mark;
	uint8_t proto; /* IPPROTO_TCP, UDP, SCTP; 0: another */
	struct addr address;
	uint16_t port;      /* 0: every port (persistent ones only) */
	bool is_persistent; /* clients stay with the server that they had */
	uint32_t n_servers;
	uint32_t n_weighted; /* that get new connections: weight above 0 */
	struct addr server;  /* the first weighted one; none: there is none */
	uint16_t server_port;
	bool is_damaged; /* a line of it could not be read: it may have more servers */
};

/* Cuts the next service with its servers off *rest; false: there is none. */
bool ipvs_next(struct text *rest, struct ipvs_service *out);

struct ipvs_ask {
	uint8_t proto;
	struct addr address;
	uint16_t port;
	uint32_t mark;
	bool is_mark_known;
};

/*
 * The service that takes such a packet. is_whole: no line of the text is lacking. TRI_YES
 * with *out; TRI_NO; TRI_UNSURE: one of a mark may, or what was not read.
 */
enum tri ipvs_find(struct text text, bool is_whole, const struct ipvs_ask *ask,
		   struct ipvs_service *out);

#endif
