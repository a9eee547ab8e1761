/* JSON documents with one sticky failure. Knows no one schema. */
#include "core/report/document.h"

#include <errno.h>

void document_init(struct document *d)
{
	d->root = json_object();
	d->failed = !d->root;
}

void document_put(struct document *d, json_t *object, const char *key, json_t *value)
{
	if (json_object_set_new(object, key, value))
		d->failed = true;
}

void document_add(struct document *d, json_t *array, json_t *value)
{
	if (json_array_append_new(array, value))
		d->failed = true;
}

int document_finish(struct document *d, struct str *out)
{
	size_t before = out->len;
	int error = -ENOMEM;

	if (!d->failed)
		error = json_write(out, d->root, true);
	if (error)
		str_truncate(out, before);
	json_decref(d->root);
	d->root = NULL;
	return error;
}

json_t *document_name(struct text t)
{
	return json_of_text(text_is_empty(t) ? TEXT_NONE : t);
}

json_t *document_words(const char *words)
{
	return words ? json_of_text(text_of(words)) : json_null();
}

json_t *document_address(const struct addr *a)
{
	char text[ADDR_TEXT_MAX];

	return a->family ? json_string(addr_format(a, text)) : json_null();
}

json_t *document_missing(struct document *d, const struct snapshot *s)
{
	json_t *all = json_array();

	for (size_t i = 0; i < s->n_missing; i++) {
		json_t *o = json_object();

		document_put(d, o, "source", document_words(s->missing[i].source));
		document_put(d, o, "reason", document_words(s->missing[i].reason));
		document_put(d, o, "grant", document_words(s->missing[i].grant));
		document_add(d, all, o);
	}
	return all;
}
