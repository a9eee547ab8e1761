/*
 * The user's configuration file, rewritten: a new file beside it that starts as its copy,
 * then takes its place. The broker opens and renames; what is written is the child's. Reads
 * no word of it.
 */
#ifndef CORE_HOST_SETTINGS_H
#define CORE_HOST_SETTINGS_H

#include <stdbool.h>

#define SETTINGS_NAME_MAX 128
#define SETTINGS_SIZE_MAX (64 * 1024)

/* Where it is, found before the fork. */
struct settings_place {
	int dir_fd;        /* of a directory; 0, -1: nothing can be kept */
	const char *below; /* directories beneath it that may have to be made, "dport" or
			      ".config/dport"; "": none */
	const char *name;  /* of the file in the last of them */
};

/* Zeroed memory: nothing is open. */
struct settings {
	bool is_open;
	int dir_fd; /* while it is open */
	char new_name[SETTINGS_NAME_MAX + 32];
};

/*
 * The new file (0600), what is in the old one in it, to be read and written from its start.
 * The descriptor is the caller's. -errno: EROFS if nothing can be kept, EFBIG for an old
 * one above SETTINGS_SIZE_MAX, ELOOP or ENOTDIR where a link or a file stands in the way.
 */
int settings_open(struct settings *s, const struct settings_place *place);
/* Puts it in place of the old one, or takes it away. 0 or -errno. */
int settings_close(struct settings *s, const struct settings_place *place, bool is_kept);

#endif
