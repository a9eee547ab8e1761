/* The same words of a diagnosis in each document that has them. Judges nothing. */
#include "core/report/found_json.h"

json_t *found_gaps_json(struct document *doc, const struct diagnosis *d)
{
	json_t *all = json_array();

	for (size_t i = 0; i < d->n_gaps; i++) {
		json_t *o = json_object();

		document_put(doc, o, "source", document_words(d->gaps[i].source));
		document_put(doc, o, "reason", document_name(d->gaps[i].reason));
		document_put(doc, o, "grant", document_name(d->gaps[i].grant));
		document_add(doc, all, o);
	}
	return all;
}

json_t *found_next_json(struct document *doc, const struct finding *f)
{
	json_t *all = json_array();

	for (size_t i = 0; f && i < f->n_next; i++) {
		json_t *o = json_object();

		document_put(doc, o, "text", document_name(f->next[i].text));
		document_put(doc, o, "command", document_name(f->next[i].command));
		document_put(doc, o, "undo", document_name(f->next[i].undo));
		document_put(doc, o, "risk", document_name(f->next[i].risk));
		document_add(doc, all, o);
	}
	return all;
}
