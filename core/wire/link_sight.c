/* When two sights of frames are one that is counted. */
#include "core/wire/link_sight.h"

#include <string.h>

bool link_sight_is_same(const struct link_sight *a, const struct link_sight *b)
{
	return a->kind == b->kind && a->proto == b->proto && a->device == b->device &&
	       a->is_outgoing == b->is_outgoing &&
	       a->is_to_other_mac == b->is_to_other_mac && a->has_macs == b->has_macs &&
	       a->has_tag == b->has_tag && a->vlan == b->vlan &&
	       a->server_port == b->server_port && addr_equals(&a->client, &b->client) &&
	       addr_equals(&a->server, &b->server) && addr_equals(&a->from, &b->from) &&
	       !memcmp(a->source_mac, b->source_mac, sizeof(a->source_mac)) &&
	       !memcmp(a->target_mac, b->target_mac, sizeof(a->target_mac));
}
