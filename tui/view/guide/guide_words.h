/* The words of the Guide: steps and their states, the headline, what is waited for. Draws
 * nothing. All texts are shown texts in the screen's alphabet. */
#ifndef TUI_VIEW_GUIDE_WORDS_H
#define TUI_VIEW_GUIDE_WORDS_H

#include "tui/model.h"

/* "firewall+route" */
const char *guide_step_name(enum step_id s);
/* The question that it answers, in plain words. */
const char *guide_step_question(const struct model *m, enum step_id s);
/* Appends symbol and word of a step's state, "✔ arrives"; returns its role. */
enum role guide_step_state(const struct model *m, enum step_id s, struct str *out);
/* Appends what the step says; while it is waited for, what for and how long. */
void guide_step_words(const struct model *m, enum step_id s, struct str *out);
/* Appends "✖ FIREWALL DROPS IT · proven"; returns its role. */
enum role guide_headline(const struct model *m, struct str *out);
/* Appends "443/tcp from 198.51.100.7 to 10.0.0.5 (this host is the server)". */
void guide_target(const struct model *m, struct str *out);
/* Appends "before: ... -> now: ..."; false: there was no run before. */
bool guide_before_now(const struct model *m, struct str *out, enum role *role);

/* The cause, or the leading suspicion; NULL: none. */
const struct finding *guide_cause(const struct guide *g);
/* Texts of a judgement are plain ASCII already; whatever else is in one is shown as what it
 * is. */
void guide_put(const struct model *m, struct str *out, struct text t);

#endif
