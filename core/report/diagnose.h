/* A diagnosis as text (at most 12 lines), JSON (dport.diagnosis/1) and Markdown. Each
 * appends to out; 0 or -ENOMEM. The evidence is the one that was judged. */
#ifndef CORE_REPORT_DIAGNOSE_H
#define CORE_REPORT_DIAGNOSE_H

#include "core/diagnosis/diagnosis.h"

int diagnose_text(struct str *out, const struct diagnosis *d, enum text_mode mode);
/* others: judgements of further ports of the same target, told in short under "others". */
int diagnose_json(struct str *out, const struct diagnosis *d, const struct evidence *e,
		  const struct diagnosis *const *others, size_t n_others);
int diagnose_markdown(struct str *out, const struct diagnosis *d);

/* Words that text, Markdown and the console share. */
/* "443/tcp", "443/tcp from 198.51.100.7", with " to 10.0.0.5" where one is named. */
void diagnose_target_words(struct str *out, const struct aim *t);
/* "FIREWALL DROPS IT", "OPEN", "NOT KNOWN". */
const char *diagnose_headline(const struct diagnosis *d);
/* "14:31:40 +01 (13:31:40 UTC)"; "13:31:40 UTC" where the local clock shows the same. */
void diagnose_time_words(struct str *out, int64_t wall_ns);
/* "nothing else stops it here", "then: server.not-listening: ..."; nothing where not known.
 */
void diagnose_if_fixed_words(struct str *out, const struct diagnosis *d);

#endif
