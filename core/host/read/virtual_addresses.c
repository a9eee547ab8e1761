/*
 * The virtual addresses of keepalived's configuration, one a line, as they stand in its
 * blocks virtual_ipaddress and virtual_ipaddress_excluded. keepalived.conf(5). Nothing else
 * of the file leaves: it may hold passwords. What it includes is not read.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/host/read/evidence.h"
#include "core/host/read/line_item.h"

enum { FILE_MAX = 256 << 10, LINE_ROOM = 512, ADDRESS_MAX = 49 /* with its length */ };

static const char address_letters[] = "0123456789abcdefABCDEF.:/";

struct reading {
	struct line_item item;
	bool is_named, is_inside; /* a block was named; it is open */
};

static bool is_address(const char *word)
{
	size_t len = strlen(word);

	return len <= ADDRESS_MAX && strspn(word, address_letters) == len &&
	       strpbrk(word, ".:");
}

/* is_first: of its line or block. True: the next one is first too. */
static bool take_word(struct reading *r, const char *word, bool is_first)
{
	if (!strcmp(word, "}")) {
		r->is_inside = r->is_named = false;
	} else if (!strcmp(word, "{")) {
		r->is_inside = r->is_named;
		return true;
	} else if (r->is_inside && is_first && is_address(word)) {
		line_item_add(&r->item, word, strlen(word));
		line_item_add(&r->item, "\n", 1);
	} else if (!r->is_inside) {
		r->is_named = !strcmp(word, "virtual_ipaddress") ||
			      !strcmp(word, "virtual_ipaddress_excluded");
	}
	return false;
}

static void take_line(struct reading *r, char *line)
{
	bool is_first = true;
	char *word, *rest;

	line[strcspn(line, "#!")] = '\0';
	for (word = strtok_r(line, " \t\r", &rest); word;
	     word = strtok_r(NULL, " \t\r", &rest))
		is_first = take_word(r, word, is_first);
}

static void take_lines(struct reading *r, FILE *f)
{
	char line[LINE_ROOM];
	size_t n_read = 0;

	while (n_read < FILE_MAX && fgets(line, sizeof(line), f)) {
		n_read += strlen(line) + 1;
		line[strcspn(line, "\n")] = '\0';
		take_line(r, line);
	}
}

/* A FIFO would keep the reader waiting. */
static FILE *open_file(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;
	FILE *f = NULL;

	if (fd < 0)
		return NULL;
	if (fstat(fd, &st) || !S_ISREG(st.st_mode))
		errno = EINVAL;
	else
		f = fdopen(fd, "r");
	if (!f)
		close(fd);
	return f;
}

int virtual_addresses_read(const char *path, struct bundle_out *out)
{
	struct reading r = {.is_named = false};
	FILE *f = open_file(path);
	int error = f ? 0 : errno;

	line_item_start(&r.item, out, "keepalived");
	if (f) {
		take_lines(&r, f);
		fclose(f);
	}
	return line_item_end(&r.item, error);
}
