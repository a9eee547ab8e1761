/* Rows that are taken, and their values with or without stand-ins. Knows no form. */
#include "core/report/list_common.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/base/time.h"

void list_begin(struct list_pass *p, const struct snapshot *s, const struct list_options *o)
{
	p->s = s;
	p->o = o;
	redactor_init(&p->redactor);
}

int list_end(struct list_pass *p)
{
	bool failed = p->redactor.failed;

	redactor_release(&p->redactor);
	return failed ? -ENOMEM : 0;
}

/* Can a client of this family reach the socket, as far as its binding goes? */
static bool socket_serves(const struct socket_row *row, int family)
{
	if (row->family == family)
		return family == AF_INET || !addr_is_v4_mapped(&row->local);
	if (family != AF_INET || row->v6only == TRI_YES)
		return false;
	return addr_is_any(&row->local) || addr_is_v4_mapped(&row->local);
}

static bool is_taken(const struct list_pass *p, const struct endpoint *e)
{
	if (p->o->filter && !filter_takes(p->o->filter, e))
		return false;
	if (!p->o->family)
		return true;
	for (size_t i = 0; i < e->n_sockets; i++) {
		if (socket_serves(e->sockets[i], p->o->family))
			return true;
	}
	return false;
}

const struct endpoint *list_next(const struct list_pass *p, size_t *at)
{
	while (*at < p->s->n_endpoints) {
		const struct endpoint *e = &p->s->endpoints[(*at)++];

		if (is_taken(p, e))
			return e;
	}
	return NULL;
}

struct text list_host(struct list_pass *p)
{
	struct text name = p->s->host ? p->s->host->hostname : TEXT_NONE;

	return p->o->is_redacted ? redact_name(&p->redactor, REDACT_HOST, name) : name;
}

struct text list_address(struct list_pass *p, const struct addr *a, char room[LIST_ROOM])
{
	struct text stand_in = TEXT_NONE;

	if (p->o->is_redacted)
		stand_in = redact_addr(&p->redactor, a);
	return stand_in.bytes ? stand_in : text_of(addr_format(a, room));
}

struct text list_user(struct list_pass *p, struct text user)
{
	return p->o->is_redacted ? redact_name(&p->redactor, REDACT_USER, user) : user;
}

struct text list_user_of(struct list_pass *p, uint32_t uid)
{
	if (!p->s->users || uid == UINT32_MAX)
		return TEXT_NONE;
	return list_user(p, users_find(p->s->users, uid));
}

struct text list_container(struct list_pass *p, struct text container)
{
	return p->o->is_redacted ? redact_container(&p->redactor, container) : container;
}

struct text list_path(struct list_pass *p, struct text path, struct text container)
{
	return p->o->is_redacted ? redact_path(&p->redactor, path, container) : path;
}

/* Puts the stand-in where the address stands in `words`; without it, alone. */
static void listens_on_redacted(struct str *out, struct list_pass *p,
				const struct endpoint *e, struct str *words)
{
	struct text stand_in = redact_addr(&p->redactor, &e->address);
	char text[ADDR_TEXT_MAX];
	const char *all = str_text(words), *at;

	addr_format(&e->address, text);
	at = strstr(all, text);
	if (!stand_in.bytes) {
		str_append(out, words->data, words->len);
		return;
	}
	if (at)
		str_append(out, all, (size_t)(at - all));
	str_append(out, stand_in.bytes, stand_in.len);
	if (at)
		str_puts(out, at + strlen(text));
}

int list_listens_on(struct str *out, struct list_pass *p, const struct endpoint *e)
{
	struct str words = {0};
	int error = endpoint_listens_on(&words, e);

	if (p->o->is_redacted)
		listens_on_redacted(out, p, e, &words);
	else
		str_append(out, words.data, words.len);
	str_release(&words);
	return error || out->failed ? -ENOMEM : 0;
}

struct text list_device(const struct endpoint *e, uint32_t ifindex, char room[LIST_ROOM])
{
	const struct link_row *link = NULL;

	if (!ifindex)
		return TEXT_NONE;
	if (ifindex == e->ifindex && !text_is_empty(e->device))
		return e->device;
	if (e->space->links)
		link = links_find(e->space->links, ifindex);
	if (link && !text_is_empty(link->name))
		return link->name;
	snprintf(room, LIST_ROOM, "if%" PRIu32, ifindex);
	return text_of(room);
}

struct text list_netns(struct text name, uint64_t inode, char room[LIST_ROOM])
{
	if (!text_is_empty(name))
		return name;
	if (!inode)
		return TEXT_NONE;
	snprintf(room, LIST_ROOM, "net:[%" PRIu64 "]", inode);
	return text_of(room);
}

int64_t list_started_ns(const struct snapshot *s, const struct process_row *owner)
{
	const uint64_t a_century_s = UINT64_C(100) * 366 * 86400;
	uint64_t tick = s->host ? s->host->clk_tck : 0;
	uint64_t up_s, rest;

	if (!tick || !s->host->boot_wall_ns)
		return 0;
	up_s = owner->start_ticks / tick;
	rest = owner->start_ticks % tick;
	if (up_s > a_century_s)
		return 0;
	return s->host->boot_wall_ns + (int64_t)up_s * NS_PER_S +
	       (int64_t)(rest * (uint64_t)NS_PER_S / tick);
}

/* A word for the reason, so that a narrow cell is not blank. */
static const char *gap_word(const struct snapshot *s, const struct missing *m)
{
	static const char *const words[] = {
		[SOURCE_OK] = "unread",
		[SOURCE_ERROR] = "unread",
		[SOURCE_INTERRUPTED] = "changing",
		[SOURCE_TRUNCATED] = "too many",
		[SOURCE_TIMED_OUT] = "timed out",
		[SOURCE_DAMAGED] = "damaged",
		[SOURCE_NOT_RECORDED] = "not recorded",
	};
	const struct owner_table *owners = s->owners;
	int error = owners ? owners->unread_error : 0;

	for (size_t i = 0; i < s->n_notes; i++) {
		if (!strcmp(s->notes[i].source, "owners") &&
		    s->notes[i].status != SOURCE_ERROR)
			return words[s->notes[i].status];
	}
	if (s->host && s->host->has_no_proc)
		return "no /proc";
	if (m && m->wants_right && s->host && s->host->uid != 0)
		return "needs root";
	if (error == EACCES || error == EPERM || (m && m->wants_right))
		return "refused";
	if (owners && !owners->is_whole)
		return "not finished";
	return s->host && s->host->is_inner_proc == TRI_YES ? "outside" : "unread";
}

struct list_gap list_owners_gap(const struct snapshot *s, const struct endpoint *e)
{
	const struct missing *m = e->owners_missing;
	bool is_pending = e->owners_state == OWNERS_PENDING;

	if (list_owners_complete(e))
		return (struct list_gap){0};
	if (m && m->reason)
		return (struct list_gap){
			.word = is_pending ? "not looked for" : gap_word(s, m),
			.reason = m->reason,
			.grant = m->grant,
		};
	return (struct list_gap){
		.word = is_pending ? "not looked for" : gap_word(s, m),
		.reason = is_pending ? "owners have not been looked for"
				     : "not every process could be read",
	};
}

void list_cut(struct str *out, struct text t, size_t columns, enum text_mode mode)
{
	size_t at = 0, end = 0, used = 0;

	if (text_width(t) <= columns) {
		str_append(out, t.bytes, t.len);
		return;
	}
	while (at < t.len) {
		text_next_char(t, &at);
		used += text_width((struct text){t.bytes + end, at - end});
		if (used >= columns)
			break;
		end = at;
	}
	str_append(out, t.bytes, end);
	if (columns)
		str_puts(out, mode == TEXT_UTF8 ? "…" : "~");
}

int list_missing_text(struct str *out, const struct snapshot *s)
{
	for (size_t i = 0; i < s->n_missing; i++) {
		const struct missing *m = &s->missing[i];

		text_show(out, text_of(m->source), TEXT_ASCII);
		str_puts(out, ": ");
		text_show(out, text_of(m->reason), TEXT_ASCII);
		if (m->grant) {
			str_puts(out, " - ");
			text_show(out, text_of(m->grant), TEXT_ASCII);
		}
		str_putc(out, '\n');
	}
	return out->failed ? -ENOMEM : 0;
}
