/* Which unit file comes first, by its path. systemd.unit(5). Pure; opens nothing. */
#ifndef CORE_SOCKETS_UNIT_PATHS_H
#define CORE_SOCKETS_UNIT_PATHS_H

#include "core/base/text.h"

enum unit_path_kind { UNIT_PATH_OTHER, UNIT_PATH_UNIT, UNIT_PATH_DROPIN };

struct unit_path {
	enum unit_path_kind kind;
	struct text name; /* "ssh.socket"; of a drop-in whose it is: "ssh.socket", "socket"
			     for all */
	struct text file; /* of a drop-in: "x.conf" */
	unsigned rank;    /* of the directory; a lower one hides a higher one */
};

/*
 * Sorts a path without its first '/' into its kind: "DIRECTORY/X.socket",
 * "DIRECTORY/X.socket.d/F.conf", "DIRECTORY/socket.d/F.conf". A link
 * "Y.target.wants/X.socket" is a unit of the last rank: an instance may be seen there only.
 * Units of users' managers and anything else are UNIT_PATH_OTHER. Borrowed from path.
 */
struct unit_path unit_path_of(struct text path);

/*
 * How closely a drop-in's owner names a unit; 0: not at all, 1: it is of all sockets. For
 * "a-b@c.socket", from the closest: itself, "a-b@.socket", "a-.socket", "a-@c.socket",
 * "a-@.socket", "socket". An order that systemd keeps and its manual does not tell.
 */
size_t unit_path_closeness(struct text unit, struct text owner);

#endif
