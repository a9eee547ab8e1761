/*
 * What the loop of the console and the one of --plain share: the state, and its parts that
 * are carried on alike. Nobody else includes it.
 */
#ifndef TUI_APP_IMPL_H
#define TUI_APP_IMPL_H

#include "tui/app.h"
#include "tui/export.h"
#include "tui/live/live.h"
#include "tui/live/tape_run.h"
#include "tui/loop.h"
#include "tui/stage.h"

enum { RUNNING = -1 };

struct app {
	struct channel *channel;
	const struct app_options *options;
	struct refresh *refresh;
	struct console console;
	struct stage stage; /* without a display: --plain */
	struct live live;
	const char *target; /* for the Guide, as typed; NULL: none (any more) */
	struct loop loop;
	int code;      /* RUNNING, or the exit code */
	bool has_news; /* a snapshot is worth taking */
	bool is_channel_gone;
	int64_t snapshot_at_ns;
	int64_t gather_until_ns; /* answers are not read before */
	int64_t until_ns; /* when --plain goes on without what it waits for; 0: never */
	char export_name[EXPORT_NAME_MAX];
};

/* Without a display there is no stage. 0, or the exit code after a sentence. */
int app_open(struct app *a, bool has_display);
void app_close(struct app *a);
/* What is due by now. */
void app_turn(struct app *a);
/* Waits for events or what is due next, and takes what came. */
void app_wait(struct app *a);
void app_take_snapshot(struct app *a);
/* What the console asks for (enum effect). */
void app_carry_out(struct app *a, unsigned effects);

#endif
