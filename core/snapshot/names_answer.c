/* The resolver's answer, and that of every source, out of a bundle. */
#include "core/snapshot/names_answer.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/base/pieces.h"
#include "core/network/fields.h"

struct names_answer *names_answer_new(void)
{
	return table_new(sizeof(struct names_answer), NULL);
}

static int parse(struct addr *out, struct text t)
{
	char text[ADDR_TEXT_MAX];

	if (t.len >= sizeof(text))
		return -EBADMSG;
	snprintf(text, sizeof(text), "%.*s", (int)t.len, t.len ? t.bytes : "");
	return addr_parse(out, text) ? -EBADMSG : 0;
}

static int take_address(struct names_answer *t, const struct bundle_item *item)
{
	if (item->error) {
		t->error = item->error;
		return 0;
	}
	if (t->n == NAMES_ANSWER_MAX)
		return 0;
	if (parse(&t->addresses[t->n], item->data))
		return -EBADMSG;
	t->n++;
	return 0;
}

static int take_hosts(struct names_answer *t, const struct bundle_item *item)
{
	if (item->error || t->n_hosts == NAMES_HOSTS_MAX)
		return 0;
	if (parse(&t->hosts[t->n_hosts], item->data))
		return -EBADMSG;
	t->n_hosts++;
	return 0;
}

/* "SERVER/A/1234/NAME" */
static int take_reply(struct names_answer *t, struct text name,
		      const struct bundle_item *item)
{
	struct names_reply *r = &t->replies[t->n_replies];
	struct text server, type, took;
	uint64_t us;

	if (t->n_replies == NAMES_REPLIES_MAX)
		return 0;
	*r = (struct names_reply){.error = item->error};
	if (!piece_next(&name, '/', &server) || !piece_next(&name, '/', &type) ||
	    !piece_next(&name, '/', &took) || parse(&r->server, server) ||
	    !fields_number(took, 10, &us) || us > UINT32_MAX || !name.len ||
	    name.len >= sizeof(r->name))
		return -EBADMSG;
	r->is_aaaa = text_equals_str(type, "AAAA");
	r->took_ns = (int64_t)us * 1000;
	memcpy(r->name, name.bytes, name.len);
	if (!r->error && dns_reply_decode(&r->reply, item->data.bytes, item->data.len))
		r->error = EBADMSG;
	t->n_replies++;
	return 0;
}

static int take(void *context, const struct bundle_item *item)
{
	struct names_answer *t = context;
	struct text rest = item->name, what;
	uint64_t n;

	if (text_equals_str(item->name, "address"))
		return take_address(t, item);
	if (text_equals_str(item->name, "hosts"))
		return take_hosts(t, item);
	if (text_equals_str(item->name, "took") && fields_number(item->data, 10, &n) &&
	    n <= INT64_MAX)
		t->took_ns = (int64_t)n;
	if (piece_next(&rest, '/', &what) && text_equals_str(what, "dns"))
		return take_reply(t, rest, item);
	return 0;
}

int names_answer_decode(struct names_answer *t, const void *bytes, size_t len)
{
	return bundle_each(bytes, len, take, t);
}

bool names_answer_has_dns(const struct names_answer *t, const struct addr *a)
{
	for (size_t i = 0; i < t->n_replies; i++)
		for (size_t k = 0; k < t->replies[i].reply.n; k++)
			if (addr_equals(&t->replies[i].reply.addresses[k], a))
				return true;
	return false;
}
