/*
 * The text of a dport.ini(5) -> configuration. inih reads the lines; what they may say is
 * config.h's. Opens no file.
 */
#ifndef TUI_CONFIG_READ_H
#define TUI_CONFIG_READ_H

#include "tui/config/config.h"

#define CONFIG_TEXT_MAX (64 * 1024)

/*
 * Takes all values of one file over those that c has. file: its name as shown text, kept.
 * 0, -ENOMEM, or -EINVAL with one sentence, "FILE:LINE: ...", about the first wrong line:
 * then c is half filled and only fit for config_release().
 */
int config_read(struct config *c, const char *file, struct text text,
		char error[CONFIG_ERROR_MAX]);
/* After the last file: what only all of them tell. Likewise. */
int config_finish(struct config *c, char error[CONFIG_ERROR_MAX]);

#endif
