/*
 * The files of the configuration: which there are, opened with the caller's rights before
 * the program splits, read where no right is held. What they say is config_read.h's.
 */
#ifndef TUI_CONFIG_FILES_H
#define TUI_CONFIG_FILES_H

#include "tui/config/config_read.h"

#define CONFIG_PATH_MAX 512
enum { CONFIG_FILES_MAX = 2 };

struct config_files {
	/* What later ones say counts. error: why a file that is there could not be opened.
	 */
	struct config_file {
		char path[CONFIG_PATH_MAX];
		int fd, error;
	} files[CONFIG_FILES_MAX];
	int n;
	/* Where the user's own is kept: a directory that there is (-1: it cannot be), those
	 * beneath it that may have to be made, the name. */
	int dir_fd;
	char below[CONFIG_PATH_MAX], name[CONFIG_PATH_MAX], path[CONFIG_PATH_MAX];
};

/*
 * named: --config FILE, which is the only one then; NULL: /etc/dport/dport.ini and the
 * user's own over it, of $XDG_CONFIG_HOME or $HOME/.config; root's own where root has
 * another's environment (sudo). A file that is not there is none. 0, or -errno: the named
 * one cannot be opened.
 */
int config_files_open(struct config_files *f, const char *named);
/* Appends what the file has from where it stands. 0, -EFBIG above CONFIG_TEXT_MAX, or
 * another -errno. */
int config_file_text(int fd, struct str *out);
/* Reads all and closes them. Results as config_read(); a file that cannot be read is
 * passed over, the named one is an error. */
int config_files_read(struct config_files *f, struct config *c,
		      char error[CONFIG_ERROR_MAX]);

#endif
