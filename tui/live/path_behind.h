/* Where a packet that leaves by a cable (veth) goes on: another namespace of this host.
 * Pure.
 */
#ifndef TUI_PATH_BEHIND_H
#define TUI_PATH_BEHIND_H

#include "core/report/path_page.h"

/* The only namespace of the picture that has the packet's target at the other end of a
 * cable; NULL: none, several, or it does not leave. *in_ifindex: where it comes in there.
 */
const struct space *path_space_behind(const struct path_page *page, uint32_t *in_ifindex);
/* It leaves by a cable, or by a bridge that has one: its other end may be in a namespace
 * that the picture has not. */
bool path_leaves_by_cable(const struct path_page *page);
/* The packet as it comes in there. */
struct path_ask path_ask_behind(const struct path *p, uint32_t in_ifindex);

#endif
