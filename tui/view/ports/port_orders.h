/* Orders of the rows of the screen Ports: <0, 0, >0 for two struct endpoint. */
#ifndef TUI_VIEW_PORT_ORDERS_H
#define TUI_VIEW_PORT_ORDERS_H

/* By number, then protocol. */
int port_compare_port(const void *a, const void *b);
/* By name; what has none comes last. */
int port_compare_service(const void *a, const void *b);
int port_compare_owner(const void *a, const void *b);
/* By number of established connections. */
int port_compare_connections(const void *a, const void *b);
/* By urgency: full, was full, then by what waits; datagrams below. */
int port_compare_queue(const void *a, const void *b);

#endif
