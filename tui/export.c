/* Exports: the name and the content of the file. The broker creates it. */
#include "tui/export.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "core/base/time.h"
#include "core/report/list.h"

enum { HOST_MAX = 64 };

void export_name(const struct model *m, char out[EXPORT_NAME_MAX])
{
	struct text host =
		m->snapshot && m->snapshot->host ? m->snapshot->host->hostname : TEXT_NONE;
	char name[HOST_MAX + 1] = "host";
	char moment[TIME_TEXT_MAX];

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

int export_write(const struct model *m, int fd)
{
	struct list_options options = {.filter = m->filter,
				       .text_mode = model_text_mode(m)};
	struct str document = {0};
	int r;

	if (!m->snapshot)
		return -ENODATA;
	r = list_json(&document, m->snapshot, &options);
	if (!r)
		r = write_all(fd, str_text(&document), document.len);
	str_release(&document);
	return r;
}
