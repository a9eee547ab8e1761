/*
 * Frames with what libpcap does not tell of them: the tag that the kernel took out, the
 * state of the checksum, both link addresses on all interfaces at once. A socket of
 * packet(7) beside the capture, with a filter of its own, locked. Decodes nothing.
 */
#ifndef CAPTURE_LINK_SOCKET_H
#define CAPTURE_LINK_SOCKET_H

#include "capture/child.h"
#include "capture/link_frame.h"
#include "capture/tracker_link.h"

struct link_socket;

/*
 * Opens it for the plan's ports and client, on its device or all of them; takes
 * CAP_NET_RAW. 0 or -errno.
 */
int link_socket_open(struct link_socket **out, const struct capture_plan *p);
void link_socket_close(struct link_socket *s);
/* To be watched for reading. */
int link_socket_fd(const struct link_socket *s);
/*
 * Up to `max` frames that are there now, each to take(). Returns how many; frames that the
 * kernel had to drop since the last call are added to *n_lost.
 */
unsigned link_socket_read(struct link_socket *s, unsigned max, uint32_t *n_lost,
			  void (*take)(void *arg, const struct link_frame_in *f),
			  void *arg);
/* The link addresses of this host's interfaces, into o. */
void link_socket_own(struct link_tracker_options *o);

#endif
