/*
 * Whether the rules may be others than before, for much less than reading them: of
 * nf_tables its generation, of each table of iptables-legacy the numbers it begins with.
 */
#ifndef CORE_HOST_GENERATION_H
#define CORE_HOST_GENERATION_H

#include "core/host/tape/bundle_out.h"

/*
 * NFT_MSG_NEWGEN as the kernel says it, if nf_tables is there (nothing is loaded to ask
 * it); behind it xtables_read_heads(). 0; -ENOPKG: there is no nf_tables (the heads are
 * told); -ENODATA: whether it is there cannot be told; -EPERM; the first error of both.
 */
int generation_read(struct bundle_out *out);

#endif
