/*
 * The one thing that dport adds to a host: a table of nf_tables whose rules mark one
 * client's packets, so that the kernel tells which rules they meet. It has an owner
 * (NFT_TABLE_F_OWNER): the kernel removes it when the socket that made it is closed, by
 * whatever end. linux/netfilter/nf_tables.h; Linux 5.12.
 */
#ifndef CORE_HOST_TRACE_TABLE_H
#define CORE_HOST_TRACE_TABLE_H

#include <netlink/msg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/asks.h"

enum { TRACE_BATCH_MAX = 65536, TRACE_DEVICES_MAX = 16 };

/* Where there are chains besides those of IP: marked there too, before all others. */
struct trace_hooks {
	bool has_bridge; /* chains of the family bridge */
	struct trace_device {
		char name[16];
		uint32_t hook; /* NF_NETDEV_INGRESS, EGRESS */
	} devices[TRACE_DEVICES_MAX];
	size_t n_devices;
};

/* A transaction as it is sent. */
struct trace_batch {
	uint8_t bytes[TRACE_BATCH_MAX];
	size_t len;
	uint32_t n_messages; /* that the kernel acknowledges; numbered from 1 */
	int error;           /* sticky, negative */
	bool has_limit;
	char table[32]; /* "dport-prove-PID" */
};

/*
 * Table, chains and rules for these packets of the client, both ways: of TCP those with SYN
 * or RST, of UDP all; marked at prerouting and output before anything else, at most 100 a
 * second for each rule if has_limit: that a limit would load no module. 0 or -ENOMEM.
 */
int trace_table_build(struct trace_batch *b, const struct trace_ask *ask, uint32_t number,
		      bool has_limit, const struct trace_hooks *hooks);

#endif
