/* The resolver's answer out of a bundle. */
#include "core/snapshot/names_answer.h"

#include <errno.h>
#include <stdio.h>

struct names_answer *names_answer_new(void)
{
	return table_new(sizeof(struct names_answer), NULL);
}

static int take(void *context, const struct bundle_item *item)
{
	struct names_answer *t = context;
	char text[ADDR_TEXT_MAX];

	if (!text_equals_str(item->name, "address"))
		return 0;
	if (item->error) {
		t->error = item->error;
		return 0;
	}
	if (item->data.len >= sizeof(text))
		return -EBADMSG;
	snprintf(text, sizeof(text), "%.*s", (int)item->data.len, item->data.bytes);
	if (t->n == NAMES_ANSWER_MAX)
		return 0;
	if (addr_parse(&t->addresses[t->n], text))
		return -EBADMSG;
	t->n++;
	return 0;
}

int names_answer_decode(struct names_answer *t, const void *bytes, size_t len)
{
	return bundle_each(bytes, len, take, t);
}
