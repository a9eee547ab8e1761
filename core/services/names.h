/*
 * Names of ports (/etc/services) and users (/etc/passwd) from the files' bytes.
 * services(5), passwd(5). No NSS. Pure.
 */
#ifndef CORE_SERVICES_NAMES_H
#define CORE_SERVICES_NAMES_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/table.h"

struct port_name {
	uint16_t port;
	bool is_udp;
	struct text name;
};

struct port_name_table {
	struct table head;
	struct port_name *rows; /* sorted by (port, is_udp); the file's first entry wins */
	size_t n;
	/* Behind them rows[n .. n + n_aliases): aliases and the names of later entries, in
	 * the file's order. */
	size_t n_aliases;
};

/* Damaged lines are passed over. NULL: no memory. */
struct port_name_table *port_names_parse(struct text services_file);
struct text port_names_find(const struct port_name_table *t, uint16_t port, bool is_udp);
/* The port of a name or one of its aliases; 0: none. Aliases are kept as rows of their own
 * behind the names. */
uint16_t port_names_port(const struct port_name_table *t, struct text name, bool is_udp);

struct user_name {
	uint32_t uid;
	struct text name;
};

struct user_table {
	struct table head;
	struct user_name *rows; /* sorted by uid, first entry wins */
	size_t n;
};

struct user_table *users_parse(struct text passwd_file);
struct text users_find(const struct user_table *t, uint32_t uid);

#endif
