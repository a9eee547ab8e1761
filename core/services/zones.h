/*
 * What firewalld's own files say that a zone lets in. firewalld.zone(5),
 * firewalld.service(5). Only a port that is opened for everybody in the zone counts; what
 * only some may use (rich rules), or what is not read here, leaves the answer open. Pure.
 */
#ifndef CORE_SERVICES_ZONES_H
#define CORE_SERVICES_ZONES_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/kept_file.h"
#include "core/base/tri.h"

/* "public" of ".../zones/public.xml"; none: it is no zone's. */
struct text zone_file_name(const struct kept_file *f);
/* The zone of this name; NULL: there is none that could be read. */
const struct kept_file *zone_files_find(const struct kept_file *files, size_t n,
					struct text zone);
/*
 * Does this zone let TCP (IPPROTO_TCP) or UDP to the port in? Services of the zone are
 * looked up among the files (/etc/firewalld/services/NAME.xml), then among those that come
 * with firewalld and are known here. UNSURE: something in it is not known.
 */
enum tri zone_file_opens(const struct kept_file *zone, const struct kept_file *files,
			 size_t n, uint8_t proto, uint16_t port);

#endif
