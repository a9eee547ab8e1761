/* The inside of `dport capture`, shared by capture.c, capture_live.c and capture_show.c
 * only.
 */
#ifndef TUI_CAPTURE_IMPL_H
#define TUI_CAPTURE_IMPL_H

#include "core/network/links.h"
#include "core/report/capture.h"
#include "core/services/target.h"
#include "core/wire/attempts.h"
#include "tui/command/capture.h"

struct capture_view {
	const struct cli *cli;
	struct channel *channel;
	int signal_fd;
	struct target target; /* n_ports 0: none was named */
	struct attempts attempts;
	struct vec ports; /* struct port_count */
	uint64_t n_ports_gone;
	struct link_table *links; /* NULL: names of interfaces are not known */
	struct capture_words words;
	bool is_stream; /* attempts are written as they are decided */
	bool is_file;
	struct str out;
	int code; /* an exit code that ends it; 0 */
};

/* capture_show.c */
void capture_view_init(struct capture_view *v);
void capture_view_release(struct capture_view *v);
/* Records of one part: kept, and written where they are decided. 0 or an exit code. */
int capture_take(struct capture_view *v, const void *bytes, size_t len);
/* What is undecided, totals and losses; or the document. 0 or an exit code. */
int capture_finish(struct capture_view *v);

/* capture_live.c */
/* Asks and listens until the answer's end. 0 or an exit code. */
int capture_live(struct capture_view *v);
/* The bytes of /etc/services as this host or the recording tells them: *out, or empty. */
void capture_read_services(struct capture_view *v, struct str *out);

#endif
