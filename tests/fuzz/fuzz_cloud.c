/* Saved rules of a cloud, as hostile as a file from anywhere can be: parsed, and asked. */
#include <netinet/in.h>
#include <stdlib.h>

#include "core/firewall/cloud/cloud.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void ask(const struct cloud_rules *c, const char *from, const char *to)
{
	struct addr client, server;
	struct cloud_answer a;

	if (addr_parse(&client, from) || addr_parse(&server, to))
		abort();
	if (cloud_ask(c, IPPROTO_TCP, &client, 0, &server, 443, &a))
		return;
	/* What is named is there. */
	if (a.rule != UINT32_MAX && a.rule >= c->rules.n_rules)
		abort();
	if (a.chain != UINT32_MAX && a.chain >= c->rules.n_chains)
		abort();
	for (size_t i = 0; i < a.n_near; i++)
		if (a.near[i].rule >= c->rules.n_rules)
			abort();
	for (size_t i = 0; i < a.n_unsure; i++)
		if (a.unsure[i] >= c->rules.n_rules)
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char error[CLOUD_ERROR_MAX] = "";
	struct cloud_rules *c = cloud_parse((const char *)data, size, error);

	if (!c) {
		if (!*error)
			abort();
		return 0;
	}
	ask(c, "198.51.100.7", "10.0.0.5");
	ask(c, "2001:db8::7", "2001:db8:1::5");
	table_unref(c);
	return 0;
}
