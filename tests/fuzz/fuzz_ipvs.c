/* Any bytes as the services of IPVS. */
#include <assert.h>

#include "core/nat/ipvs.h"
#include "tests/fuzz/parts.h"

enum { SERVICES_MAX = 64 };

static void check_found(struct text text, const struct ipvs_service *s)
{
	struct ipvs_ask ask = {.proto = s->proto,
			       .address = s->address,
			       .port = s->port,
			       .mark = s->mark,
			       .is_mark_known = true};
	struct ipvs_service found;
	enum tri t = ipvs_find(text, true, &ask, &found);

	assert(t != TRI_NO);
	if (t == TRI_YES)
		assert(!found.is_of_mark && found.proto == s->proto &&
		       addr_equals(&found.address, &s->address));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct text text = {(const char *)data, size}, rest = text;
	struct ipvs_service s;
	size_t n = 0;

	while (n++ < SERVICES_MAX && ipvs_next(&rest, &s)) {
		assert(s.n_weighted <= s.n_servers);
		assert(!s.n_weighted == !s.server.family);
		assert(s.is_of_mark || s.address.family);
		check_found(text, &s);
	}
	return 0;
}
