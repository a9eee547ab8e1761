/* Lines of events. Decides nothing of them: core/snapshot/events.h does. */
#include "core/report/events.h"

#include <errno.h>

#include "core/base/time.h"
#include "core/report/document.h"

static json_t *process_json(struct document *d, const struct event_process *p)
{
	json_t *o;

	if (!p->pid)
		return json_null();
	o = json_object();
	document_put(d, o, "pid", json_integer(p->pid));
	document_put(d, o, "comm", json_of_text(text_of(p->comm)));
	return o;
}

static json_t *sentence_json(const struct event *e)
{
	struct str text = {0};
	json_t *o = NULL;

	if (!event_write(e, TEXT_UTF8, &text))
		o = json_string(str_text(&text));
	str_release(&text);
	return o;
}

/* Null where the event is of no listener. */
static void put_listener(struct document *d, json_t *o, const struct event *e)
{
	bool has = e->endpoint_id != 0;

	document_put(d, o, "proto",
		     has ? json_string(socket_proto_word(e->proto)) : json_null());
	document_put(d, o, "port", has ? json_integer(e->port) : json_null());
	document_put(d, o, "address", has ? document_address(&e->address) : json_null());
	document_put(d, o, "netns", json_of_text(text_of(e->space)));
	document_put(d, o, "was", process_json(d, &e->was));
	document_put(d, o, "now", process_json(d, &e->is));
}

static int put_line(struct document *d, struct str *out)
{
	int r = d->failed ? -ENOMEM : json_write(out, d->root, false);

	json_decref(d->root);
	return r;
}

static int put_event(struct str *out, const struct event *e)
{
	struct document d;

	document_init(&d);
	document_put(&d, d.root, "time", json_of_time(e->newest.wall_ns));
	document_put(&d, d.root, "since", json_of_time(e->first_ns));
	document_put(&d, d.root, "kind", json_string(event_kind_word(e->kind)));
	document_put(&d, d.root, "group",
		     json_string(event_group_word(event_kind_group(e->kind))));
	document_put(&d, d.root, "count", json_integer(e->n));
	put_listener(&d, d.root, e);
	document_put(&d, d.root, "text", sentence_json(e));
	return put_line(&d, out);
}

static int put_head(struct str *out, const struct events *v, struct text host,
		    int64_t wall_ns)
{
	struct document d;

	document_init(&d);
	document_put(&d, d.root, "schema", json_string("dport.events/1"));
	document_put(&d, d.root, "host", json_of_text(host));
	document_put(&d, d.root, "time", json_of_time(wall_ns));
	document_put(&d, d.root, "events", json_integer((json_int_t)events_n(v)));
	return put_line(&d, out);
}

int events_jsonl(struct str *out, const struct events *v, struct text host, int64_t wall_ns)
{
	size_t from = out->len;
	int r = put_head(out, v, host, wall_ns);

	for (size_t i = 0; i < events_n(v) && !r; i++)
		r = put_event(out, events_at(v, i));
	if (r)
		str_truncate(out, from);
	return r;
}

int event_line(struct str *out, const struct event *e, enum text_mode mode)
{
	char moment[TIME_TEXT_MAX];

	str_printf(out, "%s  %s  ", time_rfc3339(e->newest.wall_ns, moment),
		   event_kind_word(e->kind));
	return event_write(e, mode, out);
}
