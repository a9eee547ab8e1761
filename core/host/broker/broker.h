/*
 * The parent: holds the rights, serves typed requests, supervises its child and the
 * terminal. It parses nothing that comes from outside but netlink framing.
 */
#ifndef CORE_HOST_BROKER_H
#define CORE_HOST_BROKER_H

#include <stdbool.h>

#include "core/host/broker/settings.h"
#include "core/host/broker/taps.h"
#include "core/host/broker/worker.h"

struct broker_options {
	bool serves;        /* false with --replay: terminal and exports only */
	bool allows_probe;  /* a connection of our own may be opened */
	bool allows_remote; /* clients may be asked over ssh */
	bool allows_change; /* a table that marks packets may be added while we run */
	bool has_terminal;  /* save and restore it */
	unsigned n_workers; /* that share an owner scan: 1 or 2; 0: by the size of the host
			     */
	enum owners_way owners_way;
	bool without_owners; /* nobody will ask for them: no process waits for that */
	bool looks_once;     /* each thing is asked once: what has served goes at once */
	/* Dumps that the child asks for first of all (channel_expect()): begun without
	 * waiting for it. */
	const struct request *first;
	unsigned n_first;
	int export_dir_fd;              /* -1: no exports */
	struct settings_place settings; /* the configuration that may be written */
	struct tap_ops taps;            /* how packets are captured; zero: not at all */
	int save_fd; /* taken: the file for the packets of the first capture; 0, -1: none */
};

/*
 * Forks. The child drops every right (rights_drop()), then runs child(socket, arg) and
 * exits with what it returns; the parent serves until the child ends and returns the exit
 * code for main: the child's, 130 if a signal asked for the end before it listened to
 * signals, or 70 with one sentence on standard error if it was killed. Signals, rights and
 * job control: core/host/README.
 */
int broker_run(const struct broker_options *o, int (*child)(int socket, void *arg),
	       void *arg);

#endif
