/* The assignments of one section of a systemd unit file. systemd.syntax(7). Pure; knows no
 * setting. */
#ifndef CORE_SOCKETS_UNIT_FILE_H
#define CORE_SOCKETS_UNIT_FILE_H

#include "core/base/text.h"

struct unit_file {
	struct text rest;
	struct str line;     /* one line with its continuations joined */
	const char *section; /* the wanted one */
	bool is_inside;      /* it */
};

/* Both texts are borrowed until unit_file_close(). */
void unit_file_open(struct unit_file *f, struct text content, const char *section);
void unit_file_close(struct unit_file *f);
/*
 * The next assignment within the section, stripped of blanks, borrowed until the next call.
 * 1: there is one; 0: the end; -ENOMEM. Lines that are none are passed over, as systemd
 * does with a warning.
 */
int unit_file_next(struct unit_file *f, struct text *key, struct text *value);

#endif
