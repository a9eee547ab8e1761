/*
 * What `dport path` shows: one packet's way, what it was walked with, and the way on in the
 * namespace that the packet reached behind a device of this host. As text
 * (path_text), as Markdown (path_markdown) and as JSON (dport.path/1, path_document). Pure.
 */
#ifndef CORE_REPORT_PATH_PAGE_H
#define CORE_REPORT_PATH_PAGE_H

#include "core/diagnosis/evidence.h"

struct path_page {
	struct evidence evidence; /* snapshot, space, tables and responses: the walk's */
	struct path path;
	/* The namespace of this host that it reaches, with evidence and way of its own;
	 * NULL: none is known. Its verdicts are part of this page's. */
	const struct path_page *inner;
};

/* Of the whole way there, inner part included; a port that nobody serves is reached:
 * PATH_ACCEPT. */
enum path_verdict path_page_verdict(const struct path_page *p);
/* The leg that ended it, or left it unsure: request or reply, of the page or of its inner
 * one; with the page that it belongs to. Of an open way: the innermost request. */
const struct path_leg *path_page_decider(const struct path_page *p,
					 const struct path_page **of);
/* What a script wants to know. */
enum path_state { PATH_IS_OPEN, PATH_IS_CLOSED, PATH_IS_NOT_KNOWN };
enum path_state path_page_state(const struct path_page *p);
/* The innermost page: who takes the packet. */
const struct path_page *path_page_end(const struct path_page *p);

/* Both append; 0 or -ENOMEM. Text: the verdict first, then a line per place, 80 columns
 * wide but for single words that are longer. */
int path_text(struct str *out, const struct path_page *p, enum text_mode mode);
/* The same for a ticket: it stands alone (host, time), and no text from outside can become
 * markup, a link or a mention. Appends; 0 or -ENOMEM. */
int path_markdown(struct str *out, const struct path_page *p, enum text_mode mode);
/* pages[0] is the document; the others (further ports or families of one target) stand
 * under "others". */
int path_document(struct str *out, const struct path_page *const *pages, size_t n);

#endif
