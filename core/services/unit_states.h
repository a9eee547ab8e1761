/*
 * How the units of systemd are at one moment: those that are loaded, which a failed one and
 * one that is started again and again always is. From the bundle of REQUEST_UNITS: the item
 * "units", what systemctl show prints of them: "Name=value" lines, a blank line between two
 * units. Pure. org.freedesktop.systemd1(5).
 */
#ifndef CORE_SERVICES_UNIT_STATES_H
#define CORE_SERVICES_UNIT_STATES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/bundle.h"
#include "core/base/table.h"
#include "core/base/text.h"

enum { UNIT_PORTS_MAX = 8 };

struct unit_state {
	struct text id;          /* "nginx.service" */
	struct text active, sub; /* "failed" "failed"; "activating" "auto-restart" */
	struct text result;      /* "success", "exit-code", "oom-kill", "start-limit-hit" */
	uint32_t n_restarts;     /* 0: none, or not told */
	int32_t exit_status;     /* of its main process, or the signal; 0 */
	bool was_killed;         /* exit_status is a signal */
	int32_t main_pid;        /* 0: none */
	struct text triggers;    /* of a socket: what it starts; none */
	struct unit_port {       /* of a socket: what it listens on, if that are ports */
		uint16_t port;
		bool is_stream;
	} ports[UNIT_PORTS_MAX];
	size_t n_ports;
};

struct unit_state_table {
	struct table head;
	struct unit_state *rows; /* sorted by id */
	size_t n;
	int error; /* positive errno: why it is not all */
};

struct unit_state_decoder;
struct unit_state_decoder *unit_states_new(void);
void unit_states_free(struct unit_state_decoder *d);
/* One part. 0, -EBADMSG (what can be read of it is kept), -ENOMEM. */
int unit_states_decode(struct unit_state_decoder *d, const void *bytes, size_t len);
/* NULL: no memory. */
struct unit_state_table *unit_states_finish(struct unit_state_decoder *d);

/* NULL: it is not loaded. */
const struct unit_state *unit_states_find(const struct unit_state_table *t, struct text id);
/* The socket that declares this port; NULL: none is loaded. */
const struct unit_state *unit_states_at(const struct unit_state_table *t, uint16_t port,
					bool is_stream);
/* It does not run and systemd says that it should, or that it went wrong. */
bool unit_state_is_down(const struct unit_state *u);

#endif
