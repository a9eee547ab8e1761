/*
 * The cells of the screen Ports: one function per column appends its text for a row and
 * sets the role (tui/terminal/table.h). Rows are struct endpoint, the context a struct
 * model. port_cells_more.c has those of columns that are shown when they are asked for.
 */
#ifndef TUI_VIEW_PORT_CELLS_H
#define TUI_VIEW_PORT_CELLS_H

#include "tui/terminal/table.h"

/* A state: its symbol, its word ("": none), its colour. "There is none". Text from outside.
 */
void port_cell_state(struct cell_print *p, enum role role, enum symbol s, const char *word);
void port_cell_none(struct cell_print *p);
void port_cell_outside(struct cell_print *p, struct text t);

void port_print_port(struct cell_print *p);
void port_print_service(struct cell_print *p);
void port_print_listens_on(struct cell_print *p);
void port_print_owner(struct cell_print *p);
void port_print_rate(struct cell_print *p);
void port_print_answer(struct cell_print *p);
void port_print_queue(struct cell_print *p);
void port_print_connections(struct cell_print *p);
void port_print_netns(struct cell_print *p);
void port_print_user(struct cell_print *p);
void port_print_unit(struct cell_print *p);
void port_print_up(struct cell_print *p);
void port_print_drops(struct cell_print *p);
void port_print_reach(struct cell_print *p);
void port_print_pid(struct cell_print *p);
void port_print_container(struct cell_print *p);
void port_print_limit(struct cell_print *p);
void port_print_peak(struct cell_print *p);
void port_print_device(struct cell_print *p);
void port_print_sockets(struct cell_print *p);
void port_print_exe(struct cell_print *p);
void port_print_cgroup(struct cell_print *p);

#endif
