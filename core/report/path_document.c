/* dport.path/1: the pages of one target as a document. The way itself is path_json. */
#include <errno.h>

#include "core/report/path_json.h"
#include "core/report/path_page.h"

static json_t *page_json(struct document *doc, const struct path_page *p);

/* Of the namespace behind this one: what the whole way came to stands outside. */
static json_t *inner_json(struct document *doc, const struct path_page *p)
{
	json_t *o, *way;

	if (!p)
		return json_null();
	o = json_object();
	document_put(doc, o, "netns", document_name(p->evidence.space->name));
	way = page_json(doc, p);
	if (json_object_update(o, way))
		doc->failed = true;
	json_decref(way);
	return o;
}

static json_t *open_json(const struct path_page *p)
{
	switch (path_page_state(p)) {
	case PATH_IS_OPEN:
		return json_true();
	case PATH_IS_CLOSED:
		return json_false();
	case PATH_IS_NOT_KNOWN:
		break;
	}
	return json_null();
}

/* Here it passes and there it is decided: the verdict, and who gave it, are from there. */
static void take_from_inner(struct document *doc, json_t *o, json_t *inner,
			    const struct path_page *p)
{
	static const char *const taken[] = {"decided_by", "reject", "socket"};

	document_put(doc, o, "verdict",
		     json_string(path_verdict_word(path_page_verdict(p))));
	if (p->path.request.verdict != PATH_ACCEPT)
		return;
	for (size_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i++) {
		json_t *value = json_object_get(inner, taken[i]);

		if (!json_is_null(value))
			document_put(doc, o, taken[i], json_incref(value));
	}
}

static json_t *page_json(struct document *doc, const struct path_page *p)
{
	json_t *o = path_json(doc, &p->path, &p->evidence);
	json_t *inner = inner_json(doc, p->inner);

	if (p->inner)
		take_from_inner(doc, o, inner, p);
	document_put(doc, o, "inner", inner);
	document_put(doc, o, "open", open_json(p));
	return o;
}

int path_document(struct str *out, const struct path_page *const *pages, size_t n)
{
	json_t *others = json_array(), *way;
	struct document doc;

	document_init(&doc);
	document_put(&doc, doc.root, "schema", json_string("dport.path/1"));
	way = page_json(&doc, pages[0]);
	if (json_object_update(doc.root, way))
		doc.failed = true;
	json_decref(way);
	for (size_t i = 1; i < n; i++)
		document_add(&doc, others, page_json(&doc, pages[i]));
	document_put(&doc, doc.root, "others", others);
	return document_finish(&doc, out);
}
