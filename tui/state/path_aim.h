/* Which packet the screen Path opens with: of the row that is selected in Ports, of the
 * diagnosis that is shown. Pure; walks nothing. */
#ifndef TUI_PATH_AIM_H
#define TUI_PATH_AIM_H

#include "tui/model.h"
#include "tui/state/path_shown.h"

/* A diagnosis is open: its packet, else that of the row. False: nothing is selected, or its
 * address is not known. */
bool path_aim_at_shown(const struct model *m, struct path_aim *out);
/* The namespace in the picture; NULL: it has none of that name. */
const struct space *path_aim_space(const struct snapshot *s, const struct path_aim *aim);

#endif
