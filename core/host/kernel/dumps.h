/*
 * The dumps that the broker does itself, one after another, with their deadlines and second
 * tries. A sock_diag dump for which the kernel would load a module is not asked for: its
 * answer is ENOPKG. One of which only counts are wanted may be counted instead
 * (count_dump.h).
 */
#ifndef CORE_HOST_DUMPS_H
#define CORE_HOST_DUMPS_H

#include "core/base/vec.h"
#include "core/host/blob_sink.h"
#include "core/host/kernel/count_dump.h"
#include "core/host/kernel/diag_modules.h"
#include "core/host/kernel/netlink.h"

struct dumps {
	struct netlink netlink;
	struct diag_modules modules;
	struct count_dump count;
	struct blob_sink sink;
	struct dump current;
	uint8_t *current_ports; /* of its request; NULL: none */
	bool is_busy, is_counting;
	int64_t retry_ns, deadline_ns; /* of the current one; INT64_MAX: no retry is due */
	struct vec waiting;            /* struct waiting_dump, from `first` on */
	size_t first;
};

int dumps_init(struct dumps *d, const struct blob_sink *sink); /* 0 or -ENOMEM */
void dumps_release(struct dumps *d);
/* 0, -ENOBUFS (too many wait), -ENOMEM. Errors of the dump itself come as its answer. */
int dumps_request(struct dumps *d, uint32_t seq, const struct request *r, int64_t now_ns);
/* To be watched for reading, -1: nothing is awaited. */
int dumps_fd(const struct dumps *d);
/* When it is readable: reads one datagram and sends it on. */
void dumps_step(struct dumps *d, int64_t now_ns);
void dumps_tick(struct dumps *d, int64_t now_ns);
/* We did not listen for so long: it does not count against the kernel. */
void dumps_forgive(struct dumps *d, int64_t ns);
int64_t dumps_due_ns(const struct dumps *d);

#endif
