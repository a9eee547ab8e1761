/*
 * What came of a connection of our own. From the bundle of REQUEST_PROBE: an item "probe"
 * with words "result=connected|refused|timed-out|error errno=N took_ns=N sport=N
 * from=ADDR". Pure.
 */
#ifndef CORE_NETWORK_PROBE_H
#define CORE_NETWORK_PROBE_H

#include <stdint.h>

#include "core/base/addr.h"
#include "core/base/bundle.h"
#include "core/base/table.h"

struct probe_result {
	struct table head;
	enum probe_outcome {
		PROBE_CONNECTED,
		PROBE_REFUSED,
		PROBE_TIMED_OUT,
		PROBE_FAILED
	} outcome;
	int error; /* positive errno of connect(2) */
	int64_t took_ns;
	uint16_t source_port;
	struct addr source;
};

/* NULL: no memory, no such item, or none that tells a result. */
struct probe_result *probe_decode(const void *bytes, size_t len);

#endif
