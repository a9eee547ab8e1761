/*
 * What a worker reads for a diagnosis: each function writes the items (or the kernel's
 * messages) of one answer. What the items are called stands in the header of their decoder.
 * All return 0, or -errno that becomes the answer's error; what could not be read of many
 * things is an item's error instead. They look at the network namespace that the worker is
 * in.
 */
#ifndef CORE_HOST_EVIDENCE_H
#define CORE_HOST_EVIDENCE_H

#include "core/host/tape/bundle_out.h"
#include "core/host/request.h"

/*
 * ruleset.c: the messages of nf_tables with those of hooks, then those of legacy tables
 * (core/base/xtables.h).
 * -ENOPKG: this kernel has no nf_tables loaded (nothing was asked of them, so nothing was
 * loaded; the legacy tables are told); -ENODATA: that cannot be told; -EPERM.
 * *status is set to BLOB_INTERRUPTED if they changed again and again while they were read.
 */
int ruleset_read(struct bundle_out *out, enum blob_status *status);
/*
 * set_member.c: of nf_tables the set's own message, then those of the elements that bear on
 * the key (or of all: key_len 0), then its catch-all; of an ipset the kernel's answer
 * (core/base/members.h). -ENOENT: there is no such set; -ENOPKG, -ENODATA, -EPERM as of
 * rules.
 */
int set_member_read(const struct member_ask *ask, struct bundle_out *out);
/*
 * ipsets.c: the heads of all ipsets of the namespace, as IPSET_CMD_LIST gives them, and the
 * members of lists of sets. Behind the rules. -ENOPKG: none loaded; -errno.
 */
int ipsets_read(struct bundle_out *out);
/*
 * hooks.c: the functions of the hooks of IPv4 and IPv6, each hook's messages and then what
 * became of it (core/base/hooks_told.h). With the rules. -ENOPKG: this kernel has no
 * nfnetlink_hook loaded (nothing was asked); -ENODATA: that cannot be told; -errno.
 */
int hooks_read(struct bundle_out *out);
/* Whether it can be asked: 0, -ENOPKG, -ENODATA, by lists that are short. */
int hooks_find(void);
/* route.c: one RTM_NEWROUTE message, or the kernel's error. */
int route_read(const struct route_ask *ask, struct bundle_out *out);
/*
 * conntrack.c: the messages of the entries that fit. -ENOPKG, -ENODATA, -EPERM as of rules.
 * *status is set to BLOB_TRUNCATED if there were more than 5,000, to BLOB_INTERRUPTED if
 * the kernel says that they changed under way.
 */
int conntrack_read(const struct conntrack_ask *ask, struct bundle_out *out,
		   enum blob_status *status);
/*
 * programs.c, on bpf_query: what stands in a packet's way besides rules, as the items of
 * core/network/programs.h. -errno of the interfaces; what else could not be read is an
 * item's error.
 */
int programs_read(struct bundle_out *out);
/*
 * ipsec.c: the messages of core/network/ipsec.h; no security association, so no key.
 * -ENOPKG: this kernel has none of it loaded (nothing was asked); -ENODATA: that cannot be
 * told; -EPERM.
 */
int ipsec_read(struct bundle_out *out);
/* virtual_addresses.c: of keepalived.conf, as lines of one item "keepalived" (its error
 * ENOENT: there is no such file). */
int virtual_addresses_read(const char *path, struct bundle_out *out);
/* bridges.c: the messages of core/network/bridge_tables.h */
int bridges_read(struct bundle_out *out);
/* process_states.c; a process that is gone is one item "PID/stat" with its error. */
int process_states_read(const struct pid_list *pids, struct bundle_out *out);
/* logs.c, log_files.c, journal.c */
int logs_read(const struct past_ask *ask, struct bundle_out *out);
/* unit_states.c: item "units"; -ENOPKG: systemd does not run here. */
int unit_states_read(struct bundle_out *out);
/* changes.c */
int changes_read(const struct past_ask *ask, struct bundle_out *out);
/* name_lookup.c: items "address"; ENOENT: no such name, EAGAIN: nobody answered. */
int name_lookup_read(const struct name_ask *ask, struct bundle_out *out);
/*
 * remote.c: the items that core/client/view.h names, of clients over the calling user's
 * ssh(1). Active, as probe.c.
 */
int remote_run(const struct remote_ask *ask, struct bundle_out *out);
/* joined.c: the same of files that the call named. */
int joined_read(struct bundle_out *out);
/*
 * probe.c: opens one connection and closes it in order. The only thing here that sends a
 * packet: whoever hands requests on must refuse it unless the user asked for it.
 */
int probe_run(const struct probe_ask *ask, struct bundle_out *out);
/*
 * reach.c: tries all addresses as clients do, speaks where it may, and sends packets of
 * many sizes where that was asked for; the items of core/network/reach.h. Likewise only
 * where the user asked for it.
 */
int reach_run(const struct reach_ask *ask, struct bundle_out *out);

#endif
