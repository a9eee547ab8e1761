/*
 * Which policies of IPsec the client's packet and its answer meet on this host, and whether
 * what the kernel counted is of them. Shared by checks_ipsec.c and the run. Finds no fault.
 */
#ifndef CORE_DIAGNOSIS_CHECK_IPSEC_H
#define CORE_DIAGNOSIS_CHECK_IPSEC_H

#include "core/diagnosis/check_kernel.h"
#include "core/network/ipsec.h"

/* A counter of /proc/net/xfrm_stat, and what of a policy moves it. */
struct ipsec_told {
	const char *counter, *name, *what; /* as in struct kernel_told */
	bool has_effect;                   /* false: no kind of policy alone moves it */
	enum ipsec_effect effect;
	bool is_without_policy; /* for want of one */
};

/* A place on the way where policies are asked. */
struct ipsec_station {
	bool is_reply;
	enum ipsec_direction direction;
	struct ipsec_answer answer; /* UNSURE as well where no policies were read */
	bool was_used;              /* packets met the policy in the window */
};

enum { IPSEC_STATIONS_MAX = 4 };
/* In their order; the stations of a way that is not known are UNSURE. Returns how many. */
size_t ipsec_stations(const struct check_view *v, struct ipsec_station *out);

/* Of IN and FORWARD (is_out false) or OUT: the counter that moved most; NULL: none.
 * *is_known: they were told. */
const struct ipsec_told *ipsec_first_moved(const struct evidence *e, bool is_out,
					   bool *is_known);
/* Any of them moved in the window: then it is worth to read the policies. */
bool ipsec_has_stopped(const struct evidence *e);
/* The station stops packets in the way that this counter tells of. */
bool ipsec_is_of(const struct ipsec_station *s, const struct ipsec_told *told);

#endif
