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
#include "core/report/list.h"

enum { HOST_MAX = 64 };

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

void export_name(const struct model *m, char out[EXPORT_NAME_MAX])
{
	struct text host =
		m->snapshot && m->snapshot->host ? m->snapshot->host->hostname : TEXT_NONE;
	char name[HOST_MAX + 1] = "host";
	char moment[TIME_TEXT_MAX];

	if (is_guide(m)) {
		name_diagnosis(m, out);
		return;
	}
	for (size_t i = 0; i < host.len && i < HOST_MAX; i++) {
		char c = host.bytes[i];

		name[i] = isascii(c) && (isalnum(c) || c == '.' || c == '-') ? c : '_';
		name[i + 1] = '\0';
	}
	snprintf(out, EXPORT_NAME_MAX, "dport-%s-ports-%s.json", name,
		 time_compact(m->wall_ns, moment));
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

static int write_diagnosis(const struct model *m, struct str *out)
{
	const struct guide *g = &m->guide;

	return is_guide(m) ? diagnose_markdown(out, g->result) : -ENODATA;
}

int export_write(const struct model *m, const char *name, int fd)
{
	bool is_markdown = strlen(name) > 3 && !strcmp(name + strlen(name) - 3, ".md");
	struct str document = {0};
	int r = is_markdown ? write_diagnosis(m, &document) : write_rows(m, &document);

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
