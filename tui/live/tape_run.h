/*
 * Writes a recording from within the console: all that is read from its begin on, with a
 * fresh look at everything; and takes a replay to the picture that the model is at.
 */
#ifndef TUI_TAPE_RUN_H
#define TUI_TAPE_RUN_H

#include "core/host/broker/channel.h"
#include "tui/model.h"

/* The pictures that a replay has. 0 or -ENOMEM: then there is no line of time. */
int tape_run_load(struct model *m, const struct channel *c);
/* Begins a recording, or ends the one that was begun so. A sentence says what became of it.
 * 0 or -EPIPE. */
int tape_run_toggle(struct model *m, struct channel *c);
/* Its file is there (CHANNEL_EXPORT, and tape.is_awaited): writes to it what is read from
 * now on. Returns effects, which have all of it read. */
unsigned tape_run_begin(struct model *m, struct channel *c);
/* Ends it, if one is written. */
void tape_run_end(struct model *m, struct channel *c);
/* A replay goes to where the model is; EFFECT_REFRESH has it read. */
void tape_run_stand(const struct model *m, struct channel *c);

#endif
