/* What saved rules of a cloud say of a client that nothing was heard of. They are of the
 * file's time and of whom the file says: beside what was seen they are never proof. */
#ifndef CORE_DIAGNOSIS_CHECK_CLOUD_H
#define CORE_DIAGNOSIS_CHECK_CLOUD_H

#include "core/diagnosis/checks.h"
#include "core/firewall/cloud/cloud.h"

/* False: no such file was given, or the walk has no client. */
bool cloud_look(const struct check_view *v, struct cloud_answer *out);
/* Appends what they say to a finding: the line that stops it, near misses, what they hang
 * on, how old the file is. 0 or -ENOMEM. */
int cloud_prove(const struct check_view *v, struct finding *f,
		const struct cloud_answer *a);
/* How to let this one client in there. 0 or -ENOMEM. */
int cloud_advise(const struct check_view *v, struct finding *f,
		 const struct cloud_answer *a);
/* "sg-1 \"web\": allows 443/tcp from 10.0.0.0/8"; "no line of the security groups allows
 * it". In the arena. */
const char *cloud_words(const struct check_view *v, const struct cloud_answer *a);

#endif
