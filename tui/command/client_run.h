/* What `probe` and `diagnose` in the role of the client share: how a target is tried from
 * this host. Runs nothing. */
#ifndef TUI_CLIENT_RUN_H
#define TUI_CLIENT_RUN_H

#include "core/diagnosis/run.h"
#include "core/services/target.h"
#include "tui/cli.h"

/*
 * Makes a run of one in which this host is the client: all addresses of the target's name
 * (or the one that is written) are tried, and what is said fits the port. host must outlive
 * the run.
 */
void client_run_options(struct run_options *o, const struct cli *cli,
			const struct target *target, const struct target_port *port);
/* The target's name, as the resolver is asked for it beside the run; not of an address. */
void client_run_name(struct run_options *o, const struct target *target);

#endif
