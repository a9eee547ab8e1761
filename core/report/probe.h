/*
 * What this host's own tries of a port gave, as text, Markdown and JSON (dport.probe/1).
 * Each appends to out; 0 or -ENOMEM. The evidence is the one that was judged. Judges
 * nothing.
 */
#ifndef CORE_REPORT_PROBE_H
#define CORE_REPORT_PROBE_H

#include "core/diagnosis/diagnosis.h"

int probe_text(struct str *out, const struct diagnosis *d, const struct evidence *e,
	       enum text_mode mode);
int probe_markdown(struct str *out, const struct diagnosis *d, const struct evidence *e);
int probe_json(struct str *out, const struct diagnosis *d, const struct evidence *e);

/* What they share. */
/* The route of the walk to this address: its hop; NULL: it was not walked. */
const struct path_hop *probe_route(const struct evidence *e, const struct addr *server);
/* The walk to it; NULL: there is none. */
const struct walk *probe_walk(const struct evidence *e, const struct addr *server);
/* The next hop's entry; *hop: its address, none where no route is known. NULL: none. */
const struct neighbour_row *probe_neighbour(const struct evidence *e,
					    const struct addr *server, struct addr *hop);

#endif
