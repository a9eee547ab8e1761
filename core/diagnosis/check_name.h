/* What the name that was typed publishes. Shared by checks_*.c only. */
#ifndef CORE_DIAGNOSIS_CHECK_NAME_H
#define CORE_DIAGNOSIS_CHECK_NAME_H

#include "core/diagnosis/check_help.h"

/*
 * That the name has the walk's address among those that this host's resolver gives, which
 * is why clients come by its family; and the other family's, where that is here as well.
 * Nothing where no name was typed, or it has no such address. 0 or -ENOMEM.
 */
int name_prove_published(const struct check_view *v, struct finding *f);

#endif
