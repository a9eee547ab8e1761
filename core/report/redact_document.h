/* A whole document with stand-ins for what must not leave the house. */
#ifndef CORE_REPORT_REDACT_DOCUMENT_H
#define CORE_REPORT_REDACT_DOCUMENT_H

#include "core/base/str.h"
#include "core/diagnosis/evidence.h"
#include "core/report/redact.h"

/*
 * Appends the document (text, Markdown or JSON) with each address of IPv4 and IPv6 but
 * loopback and any, the host's name and the target's, the names of people's accounts and
 * /home/USER, and ids of containers replaced by the redactor's stand-ins: the same name by
 * the same word everywhere. Words that only look like a name (an account "web" in "web
 * server") go as well: too much rather than too little. 0 or -ENOMEM.
 */
int redact_document(struct str *out, struct text document, const struct evidence *e,
		    const char *target_name, struct redactor *r);

#endif
