/*
 * What stands in a packet's way besides rules: XDP programs, filters of tc, programs of
 * devices (TCX, netkit) and of control groups; and how many packets each was seen to drop.
 * Their code is not read: what one does is known only where a filter says it itself. tc(8),
 * bpf(2). Pure.
 */
#ifndef CORE_NETWORK_PROGRAMS_H
#define CORE_NETWORK_PROGRAMS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/addr.h"
#include "core/base/table.h"
#include "core/base/text.h"

/* In the order in which a packet meets them on its way in, then on its way out. */
enum program_place {
	PROGRAM_AT_XDP, /* before everything, the capture too */
	PROGRAM_AT_INGRESS,
	PROGRAM_AT_SOCKET, /* of its control group: what it gets */
	PROGRAM_AT_SEND,   /* of its control group: what it sends */
	PROGRAM_AT_EGRESS,
	PROGRAM_AT_QUEUE, /* filters of the device's queueing discipline */
	N_PROGRAM_PLACES
};

enum program_kind {
	PROGRAM_OF_XDP,
	PROGRAM_OF_TCX,
	PROGRAM_OF_NETKIT,
	PROGRAM_OF_TC, /* a filter */
	PROGRAM_OF_CGROUP
};

/* What becomes of a packet that it takes. */
enum program_effect {
	PROGRAM_MAY_DROP, /* or send it elsewhere: it is not known */
	PROGRAM_DROPS,
	PROGRAM_PASSES, /* and nothing behind it in this place is asked */
	PROGRAM_DOES_NOTHING
};

/* Which packets a filter takes. Not known: any of them may be one. */
struct program_match {
	bool is_known;  /* false: more is asked of the packet than stands here */
	uint16_t frame; /* ETH_P_ALL, ETH_P_IP, ... */
	uint8_t proto;  /* 0: any */
	bool has_source_port, has_target_port;
	uint16_t source_port[2], target_port[2]; /* first, last */
	struct addr source, target;              /* family 0: any */
	uint8_t source_len, target_len;
};

struct program_row {
	enum program_place place;
	enum program_kind kind;
	uint32_t ifindex; /* 0: of a control group */
	uint64_t cgroup;  /* its inode */
	uint32_t id;      /* of the BPF program; 0: none, or not told */
	uint32_t parent, chain, handle;
	uint16_t priority;
	uint32_t order; /* as they are asked in one place */
	enum program_effect effect;
	struct program_match match;
	bool has_drops;
	uint64_t drops; /* by its own actions */
	/* In words, of names made visible: "XDP program 12 (guard) on eth0", "tc filter
	 * flower of preference 10 on eth0 ingress", "program 9 (sd_fw_ingress) of the
	 * control group /system.slice/web.service". */
	const char *words;
	const char *device; /* its name, as it is; "" of a control group */
};

/* A queueing discipline that counts what its filters drop: the count of clsact is of both
 * of its hooks. */
struct qdisc_row {
	uint32_t ifindex, handle, parent;
	struct text kind;
	uint64_t drops;
	bool has_drops;
};

struct program_table {
	struct table head;
	struct program_row *rows; /* sorted by (ifindex, cgroup, place, order) */
	size_t n;
	struct qdisc_row *qdiscs; /* sorted by (ifindex, parent, handle) */
	size_t n_qdiscs;
	/* Positive errno why some could not be read; 0: all of them were. */
	int filters_error, hooks_error, groups_error;
};

struct program_decoder;
struct program_decoder *programs_new(void);
void programs_free(struct program_decoder *d);
/*
 * One part. Items: "link", "qdisc", "filter/IFINDEX/PARENT" (hex), each with one message of
 * rtnetlink(7); "tcx-ingress/IFINDEX" and the like, "cgroup/INODE/ingress", ".../egress"
 * with numbers of programs in their order; "cgroup/INODE" with its path; "program/NUMBER"
 * with its name. Others are passed over. 0, -EBADMSG (what can be read is kept), -ENOMEM.
 */
int programs_decode(struct program_decoder *d, const void *bytes, size_t len);
/* NULL: no memory. The decoder is empty again. */
struct program_table *programs_finish(struct program_decoder *d);

/* The first row of an interface in that place, and how many there are; NULL: none. */
const struct program_row *programs_on(const struct program_table *t, uint32_t ifindex,
				      enum program_place place, size_t *n);
/* The same of a control group. */
const struct program_row *programs_of_group(const struct program_table *t, uint64_t cgroup,
					    enum program_place place, size_t *n);
/*
 * How many packets were dropped in between by what the row belongs to: by its own actions
 * where they count, else by all filters of its queueing discipline (*is_shared). -1: not
 * told.
 */
int64_t programs_dropped(const struct program_table *before,
			 const struct program_table *after, const struct program_row *row,
			 bool *is_shared);

#endif
