/*
 * The sysctls that decide about packets, of one network namespace, and what is loaded. From
 * the bundle FILES_SETTINGS: items named as the paths beneath /proc:
 * "sys/net/ipv4/ip_forward", "sys/net/ipv4/conf/eth0/rp_filter", "net/ip_tables_names",
 * "net/ip6_tables_names", "modules", and files that other rooms read. Pure.
 */
#ifndef CORE_NETWORK_SETTINGS_H
#define CORE_NETWORK_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/bundle.h"
#include "core/base/table.h"

struct setting_row {
	struct text name;  /* "net/ipv4/ip_forward": beneath sys/ that is left out */
	struct text value; /* without newline */
	int error;         /* positive errno: it could not be read */
};

/* Kept as they are: who reads the queues of netfilter, what IPVS serves, and the addresses
 * that keepalived moves between hosts. */
enum setting_file {
	SETTING_QUEUE_READERS,
	SETTING_VIRTUAL_SERVICES,
	SETTING_VIRTUAL_ADDRESSES,
	N_SETTING_FILES
};

struct setting_text {
	struct text text;
	int error;    /* positive errno: it could not be read (to its end) */
	bool is_told; /* the file was asked for */
};

struct setting_table {
	struct table head;
	struct setting_row *rows; /* sorted by name */
	size_t n;
	/* Words of net/ip_tables_names and ip6_tables_names; none: no legacy table exists.
	 */
	struct text legacy_v4, legacy_v6;
	int legacy_error; /* positive errno, also ENOENT where the kernel has no such file
			     (then there are none) */
	struct text modules; /* of /proc/modules; none: not modular or not read */
	struct setting_text files[N_SETTING_FILES];
};

struct setting_decoder;
struct setting_decoder *settings_new(void);
void settings_free(struct setting_decoder *d);
int settings_decode(struct setting_decoder *d, const void *bytes, size_t len);
struct setting_table *settings_finish(struct setting_decoder *d);

/* The (first) number of a setting; false: it was not told. */
bool settings_int(const struct setting_table *t, const char *name, int64_t *value);
/* One of several, from 0: the limit of net/ipv4/tcp_mem is its third. */
bool settings_int_at(const struct setting_table *t, const char *name, size_t at,
		     int64_t *value);
/* That of an interface, "net/ipv4/conf/DEVICE/KEY" or ipv6. */
bool settings_device_int(const struct setting_table *t, int family, struct text device,
			 const char *key, int64_t *value);
/* True: legacy tables exist in this namespace for this family (their rules are not in
 * nf_tables). Whether they were read the ruleset says. */
bool settings_has_legacy(const struct setting_table *t, int family);
/* The text of such a file; without the file, as where the kernel has no such part, it is
 * empty. False: it is not known. *is_whole: nothing of it is lacking. */
bool settings_file(const struct setting_table *t, enum setting_file file, struct text *text,
		   bool *is_whole);

#endif
