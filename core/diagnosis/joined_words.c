/* A client's view in words. Every name in it went through text_show(). */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/base/time.h"
#include "core/diagnosis/joined.h"

static const char *kept(struct arena *a, struct str *s)
{
	const char *copy = s->failed ? NULL : arena_copy(a, str_text(s), s->len);

	str_release(s);
	return copy ? copy : "";
}

static void show(struct str *out, struct text t, size_t max)
{
	text_show(out, (struct text){t.bytes, t.len < max ? t.len : max}, TEXT_ASCII);
}

const char *joined_source(const struct client_view *v)
{
	return v->is_remote ? "client" : "client (file)";
}

const char *joined_name(struct arena *a, const struct client_view *v)
{
	struct str s = {0};

	if (!v->is_remote)
		str_puts(&s, "file ");
	show(&s, v->name, 100);
	return kept(a, &s);
}

static void put_target(struct str *s, const struct client_view *v,
		       const struct client_try *t)
{
	char text[ADDR_TEXT_MAX];

	if (t->target.family)
		str_printf(s, " %s", addr_format(&t->target, text));
	else if (v->host.len) {
		str_putc(s, ' ');
		show(s, v->host, 100);
	}
	if (t->port)
		str_printf(s, " port %u", t->port);
}

static void put_try(struct str *s, const struct client_view *v, const struct client_try *t)
{
	bool is_from = t->result == CLIENT_TIMED_OUT;
	char text[ADDR_TEXT_MAX];

	str_puts(s, client_result_words(t->result));
	if (t->target.family || v->host.len || t->port) {
		str_puts(s, is_from ? " from" : ", at");
		put_target(s, v, t);
	}
	if (t->source.family)
		str_printf(s, ", as %s", addr_format(&t->source, text));
	if (t->took_ms >= 0)
		str_printf(s, ", after %d.%d s", t->took_ms / 1000, t->took_ms / 100 % 10);
}

const char *joined_words(const struct evidence *e, struct arena *a,
			 const struct client_view *v)
{
	struct addr any = e->target.address;
	const struct client_try *t = joined_try(e, v, &any);
	struct str s = {0};

	if (!t)
		t = client_view_try(v);
	if (!v->is_remote)
		str_puts(&s, "file ");
	show(&s, v->name, 100);
	str_puts(&s, ": the client ");
	if (v->is_unresolved) {
		str_puts(&s, client_result_words(CLIENT_UNRESOLVED));
		str_putc(&s, ' ');
		show(&s, v->host, 100);
	} else if (t) {
		put_try(&s, v, t);
	} else {
		str_puts(&s, "says nothing of an attempt");
	}
	str_printf(&s, " (%s)", client_form_words(v->form));
	return kept(a, &s);
}

/* What went wrong before its test could be made. */
static const char *reason(const struct client_view *v)
{
	switch (v->error) {
	case 0:
		return v->form ? "it says nothing of an attempt"
			       : "its text is not understood";
	case ECONNABORTED:
		return "ssh could not log in there";
	case ENOENT:
		return v->is_remote ? "there is no ssh here, or no sh there"
				    : "there is no such file";
	case ENOMSG:
		return "its shell ended without an answer";
	case ETIMEDOUT:
		return "it did not answer in time";
	case EMSGSIZE:
		return "it says more than is read";
	default:
		return strerror(v->error);
	}
}

const char *joined_error_words(struct arena *a, const struct client_view *v)
{
	struct str s = {0};

	if (!v->is_remote)
		str_puts(&s, "file ");
	show(&s, v->name, 100);
	str_printf(&s, ": %s", reason(v));
	if (v->words.len) {
		str_puts(&s, ": ");
		show(&s, v->words, 200);
	}
	return kept(a, &s);
}
