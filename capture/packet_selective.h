/* What an ACK says of segments behind a hole (RFC 2018). Of one packet; knows no flow. */
#ifndef CAPTURE_PACKET_SELECTIVE_H
#define CAPTURE_PACKET_SELECTIVE_H

#include "capture/packet.h"

/*
 * Bytes of the largest block behind what it acknowledges; 0: there is none. A block before
 * it tells of bytes that came twice (RFC 2883) and does not count. Reads options anew: not
 * for every packet.
 */
uint32_t packet_selective_bytes(const struct packet *p);

#endif
