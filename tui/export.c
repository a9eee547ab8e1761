/* Exports: the name and the content of the file. */
#include "tui/export.h"

#include <ctype.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/base/time.h"
#include "core/report/diagnose.h"
#include "core/report/events.h"
#include "core/report/list.h"
#include "tui/view.h"
#include "tui/view/wire_columns.h"

static const char path_prefix[] = "dport-path-";

/* The diagnosis is what is shown. */
static bool is_guide(const struct model *m)
{
	return m->guide.is_open && m->guide.result;
}

static void name_diagnosis(const struct model *m, char out[EXPORT_NAME_MAX])
{
	const struct diagnosis *d = m->guide.result;
	char moment[TIME_TEXT_MAX];

	snprintf(out, EXPORT_NAME_MAX, "dport-%u-%s-%s.md", d->target.port,
		 d->target.proto == IPPROTO_UDP ? "udp" : "tcp",
		 time_compact(d->time_ns ? d->time_ns : m->wall_ns, moment));
}

/* The attempts are what is shown. */
static bool is_wire(const struct model *m)
{
	return model_view(m) == &view_attempts;
}

static bool is_events(const struct model *m)
{
	return model_view(m) == &view_events;
}

/* The way of a packet is what is shown. */
static void name_path(const struct model *m, char out[EXPORT_NAME_MAX])
{
	const struct path_ask *ask = &m->path.ask;
	char moment[TIME_TEXT_MAX];

	snprintf(out, EXPORT_NAME_MAX, "%s%u-%s-%s.md", path_prefix, ask->server_port,
		 ask->proto == IPPROTO_UDP ? "udp" : "tcp",
		 time_compact(m->wall_ns, moment));
}

static bool ends_in(const char *name, const char *end)
{
	size_t len = strlen(name), end_len = strlen(end);

	return len > end_len && !strcmp(name + len - end_len, end);
}

const char *export_host(struct text host, char out[EXPORT_HOST_MAX])
{
	strcpy(out, "host");
	for (size_t i = 0; i < host.len && i + 1 < EXPORT_HOST_MAX; i++) {
		char c = host.bytes[i];

		out[i] = isascii(c) && (isalnum(c) || c == '.' || c == '-') ? c : '_';
		out[i + 1] = '\0';
	}
	return out;
}

static struct text host_of(const struct model *m)
{
	return m->snapshot && m->snapshot->host ? m->snapshot->host->hostname : TEXT_NONE;
}

void export_name(const struct model *m, char out[EXPORT_NAME_MAX])
{
	char name[EXPORT_HOST_MAX];
	char moment[TIME_TEXT_MAX];

	if (model_view(m) == &view_path) {
		name_path(m, out);
		return;
	}
	if (is_guide(m) && !is_wire(m) && !is_events(m)) {
		name_diagnosis(m, out);
		return;
	}
	export_host(host_of(m), name);
	time_compact(m->wall_ns, moment);
	if (is_events(m))
		snprintf(out, EXPORT_NAME_MAX, "dport-%s-%s-events.jsonl", name, moment);
	else if (is_wire(m))
		snprintf(out, EXPORT_NAME_MAX, "dport-%s-%s-attempts.json", name, moment);
	else
		snprintf(out, EXPORT_NAME_MAX, "dport-%s-ports-%s.json", name, moment);
}

static int write_all(int fd, const char *bytes, size_t len)
{
	while (len) {
		ssize_t n = write(fd, bytes, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		bytes += n;
		len -= (size_t)n;
	}
	return 0;
}

static int write_rows(const struct model *m, struct str *out)
{
	struct list_options options = {.filter = m->filter,
				       .text_mode = model_text_mode(m)};

	return m->snapshot ? list_json(out, m->snapshot, &options) : -ENODATA;
}

static int write_attempts(const struct model *m, struct str *out)
{
	struct capture_words words = wire_capture_words(m);
	struct capture_document d = {.source = "any", .attempts = wire_attempts(&m->wire)};

	return capture_json(out, &d, &words);
}

static int write_events(const struct model *m, struct str *out)
{
	return events_jsonl(out, m->events.log, host_of(m), m->wall_ns);
}

static int write_path(const struct model *m, struct str *out)
{
	return m->path.page ? path_markdown(out, m->path.page, model_text_mode(m))
			    : -ENODATA;
}

static int write_diagnosis(const struct model *m, struct str *out)
{
	const struct guide *g = &m->guide;

	return is_guide(m) ? diagnose_markdown(out, g->result) : -ENODATA;
}

int export_write(const struct model *m, const char *name, int fd)
{
	struct str document = {0};
	int r;

	if (!strncmp(name, path_prefix, strlen(path_prefix)))
		r = write_path(m, &document);
	else if (ends_in(name, ".md"))
		r = write_diagnosis(m, &document);
	else if (ends_in(name, "-events.jsonl"))
		r = write_events(m, &document);
	else if (ends_in(name, "-attempts.json"))
		r = write_attempts(m, &document);
	else
		r = write_rows(m, &document);

	if (!r)
		r = write_all(fd, str_text(&document), document.len);
	str_release(&document);
	return r;
}

static void say_failed(struct model *m, const char *name, int error)
{
	model_say(m, ROLE_WARN, "%s was not written: %s", name, strerror(error));
}

int export_ask(struct model *m, struct channel *c, char name[EXPORT_NAME_MAX])
{
	int r;

	export_name(m, name);
	r = channel_export(c, name);
	if (r && r != -EPIPE)
		say_failed(m, name, -r);
	return r == -EPIPE ? r : 0;
}

void export_finish(struct model *m, struct channel *c, const char *name)
{
	int fd = channel_take_export(c);
	int r = fd < 0 ? fd : export_write(m, name, fd);

	if (fd >= 0 && close(fd) && !r)
		r = -errno;
	if (r)
		say_failed(m, name, -r);
	else
		model_say(m, ROLE_NOTICE, "written: %s", name);
}
