/*
 * What changed on the host lately. From the bundle of REQUEST_CHANGES:
 * "mtime:/etc/nftables.conf" (nanoseconds in digits),
 * "pid:812:mtime:/etc/nginx/nginx.conf", "dpkg" and "rpm" (the tail of the package log,
 * dpkg.log and dnf.rpm.log, whole in one item; its first line may be cut),
 * "file:/etc/firewalld/zones/public.xml" (the file as it stands). Pure.
 */
#ifndef CORE_LOGS_CHANGES_H
#define CORE_LOGS_CHANGES_H

#include <stdint.h>

#include "core/base/bundle.h"
#include "core/base/kept_file.h"
#include "core/base/table.h"

struct change_row {
	int64_t wall_ns;
	struct text what;   /* "/etc/nftables.conf written", "nginx 1.0 -> 1.1 upgraded" */
	struct text source; /* "mtime", "/var/log/dpkg.log" */
	int32_t pid;        /* whose configuration; 0: the host's */
};

struct change_table {
	struct table head;
	struct change_row *rows; /* newest first */
	size_t n;
	struct kept_file *files; /* in the order of their paths */
	size_t n_files;
};

struct change_decoder;
/* utc_offset_s: for dpkg.log, whose lines tell no zone. */
struct change_decoder *changes_new(int32_t utc_offset_s);
void changes_free(struct change_decoder *d);
/* One part. 0, -EBADMSG (what can be read of it is kept), -ENOMEM. */
int changes_decode(struct change_decoder *d, const void *bytes, size_t len);
struct change_table *changes_finish(struct change_decoder *d);

#endif
