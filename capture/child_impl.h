/*
 * The inside of the capture child, shared by child.c (opening, reading, the clock) and
 * child_tell.c (what is told, and how much of it).
 */
#ifndef CAPTURE_CHILD_IMPL_H
#define CAPTURE_CHILD_IMPL_H

#include "capture/child.h"
#include "capture/ports.h"
#include "capture/source.h"
#include "capture/tracker.h"

enum {
	CHILD_PART_BYTES = 60000,
	CHILD_TOLD_MAX = 256,    /* records in a tick, of each tracker */
	CHILD_TOLD_LAST = 65536, /* when a live capture ends */
	/* The same of others than the client that is named: his reader keeps 20,000. */
	CHILD_TOLD_OTHERS = 2048,
	/* Beginnings at other ports: kept, told in a tick, told at the end. None is missed.
	 */
	CHILD_AROUND = 4096,
	CHILD_TOLD_AROUND = 64,
	CHILD_TOLD_AROUND_LAST = 1024
};

/* Attempts that are told one by one, as far as there is room for them in a tick. */
struct telling {
	struct capture_child *child;
	size_t n_left; /* records that may still be told in this tick */
};

struct capture_child {
	struct capture_plan plan;
	struct source_in *source;
	/* Of all; of the client, if the plan names one: a flood of others takes neither
	 * its memory nor its records. */
	struct tracker *tracker;
	struct tracker *others;    /* NULL: no client is named */
	struct tracker *around;    /* attempts at other ports; NULL: not of a flow */
	struct child_links *links; /* child_links.c; NULL: none */
	bool lacks_links;          /* they are wanted, and that is not told yet */
	struct telling first, rest, beyond;
	struct ports *ports; /* NULL: of a flow */
	const struct record_sink *sink;
	int sink_error;
	bool is_file, has_told_save, is_ending;
	uint64_t n_not_told;
	size_t len;
	uint8_t part[CHILD_PART_BYTES];
};

/* ---- child_links.c */

/* Of a flow, live; where it cannot be opened there is none. */
void child_open_links(struct capture_child *c);
void child_close_links(struct capture_child *c);
/* To be watched for reading; -1: none, or no more of it in this tick. */
int child_links_fd(const struct capture_child *c);
void child_links_begin_tick(struct capture_child *c);
/* Takes what is there. */
void child_read_links(struct capture_child *c);
/* What is new; with_counts also what has changed. */
void child_tell_links(struct capture_child *c, bool with_counts);

/* ---- child_tell.c */

/* arg: a struct capture_child. */
void child_tell_link(void *arg, const struct link_sight *s);

/* Is the port one of the plan's? */
bool child_is_planned_port(const struct capture_plan *p, uint16_t port);
/* struct tracker_options.wants and .tell; arg: a struct telling. */
bool child_wants_attempt(void *arg, uint16_t server_port, bool is_decided);
void child_take_attempt(void *arg, const struct attempt *told);
/* A tick begins. */
void child_begin_tick(struct capture_child *c);
/* What comes now is the last. */
void child_begin_end(struct capture_child *c);
void child_tell_state(struct capture_child *c, int64_t wall_ns);
void child_tell_problem(struct capture_child *c, int error, const char *sentence);
/* Of all ports, which begin anew. */
void child_tell_ports(struct capture_child *c, int64_t wall_ns);
/* To the reader; c->sink_error if he is gone. */
void child_flush(struct capture_child *c);

#endif
