/* Any bytes as the small files of the host and of a namespace. */
#include <assert.h>

#include "core/snapshot/facts.h"
#include "tests/fuzz/parts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct parts p = parts_of(data, size);
	struct facts_decoder *d = facts_new();
	struct host_facts *host;
	struct net_facts *net;
	const uint8_t *bytes;
	size_t len;

	while (parts_next(&p, &bytes, &len))
		facts_decode(d, bytes, len);
	host = facts_finish_host(d);
	net = facts_finish_net(d);
	assert(host->clk_tck > 0);
	assert(host->boot_wall_ns >= 0);
	assert(host->services_error >= 0 && host->passwd_error >= 0);
	table_unref(host);
	table_unref(net);
	facts_free(d);
	return 0;
}
