/* What the parts of exposures share. For tui/exposures*.c only. */
#ifndef TUI_EXPOSURES_IMPL_H
#define TUI_EXPOSURES_IMPL_H

#include "tui/live/exposures.h"

/* exposures_read.c: asks what is due, takes what is answered. */
void exposures_read(struct exposures *x, struct channel *c, int64_t now_ns);
/* The inquiry whose answers are used. */
struct inquiry *exposures_known(struct exposures *x);

/*
 * exposures_marks.c: asks whether the known rules are still those of the host, and takes
 * what is told. True: they are not.
 */
bool exposures_marks_differ(struct exposures *x, struct channel *c, int64_t now_ns);
/* When it is asked next without a turn before; INT64_MAX: it is not. */
int64_t exposures_marks_due_ns(const struct exposures *x);
/* The rules were read anew: what was told of those before, and what is still asked, says
 * nothing of them. */
void exposures_marks_forget(struct exposures *x);
/* These change without anybody telling: they are read again and again. */
bool exposures_changes_unseen(const struct ruleset *rules);
/* The rules that are known; NULL: none. */
const struct ruleset *exposures_rules(const struct exposures *x);

/* exposures_programs.c: asks what is due, takes what is answered: other programs make all
 * words stale. */
void exposures_programs_read(struct exposures *x, struct channel *c, int64_t now_ns);
bool exposures_programs_take_blob(struct exposures *x, const struct blob *b);
int64_t exposures_programs_due_ns(const struct exposures *x);
void exposures_programs_release(struct exposures *x);

/* exposures_published.c: looks for published ports, as far as they may be others. True:
 * other rows. */
bool exposures_publish(struct exposures *x, struct channel *c, int64_t now_ns,
		       int64_t wall_ns);
/* Fills the batch with their ports; false: none is to be found out. */
bool exposures_choose_published(struct exposures *x);
/* The words of the batch. True: one is another. */
bool exposures_tell_published(struct exposures *x, const struct model *m);
void exposures_give_up_published(struct exposures *x);
/* One part, also of that look. False: it may be somebody else's. */
bool exposures_feed_behind(struct exposures *x, const struct blob *b);
int64_t exposures_published_due_ns(const struct exposures *x);
void exposures_published_release(struct exposures *x);
/* exposures_inside.c: asks for the rules of namespaces that the search wanted, and for sets
 * of them that it lacked. True: for some that were not asked for before. */
bool exposures_inside_ask(struct exposures *x, int64_t now_ns);
/* Sends what waits. True: all is answered. */
bool exposures_inside_send(struct exposures *x, struct channel *c);
bool exposures_inside_takes_blob(struct exposures *x, const struct blob *b);
/* Fills x->worlds anew, of x->spaces; returns how many. */
size_t exposures_inside_worlds(struct exposures *x);
void exposures_inside_release(struct exposures *x);
/* What walks read, with this picture. */
struct path_world exposures_world(const struct exposures *x, const struct snapshot *s,
				  int64_t wall_ns);

/* exposures_details.c: has the sets found of the endpoint whose details are shown, also of
 * one behind a published port; keeps
 * them when a search ends (true: it had them), or that it was given up. */
void exposures_want_sets(struct exposures *x, const struct model *m);
bool exposures_keep_sets(struct exposures *x, const struct model *m);
void exposures_give_up_sets(struct exposures *x);
/* exposures_read.c: why the rules are not known; positive errno, 0: they are. */
int exposures_rules_error(const struct exposures *x);

/* exposures.c: a search under way is given up. */
void exposures_stop(struct exposures *x);

#endif
