/* Reads the file of --cloud-rules. What it says: core/firewall/cloud. */
#include "tui/command/cloud_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/time.h"

static int refuse(const struct cli *c, const char *why)
{
	fprintf(stderr, "dport: the cloud rules '%s' cannot be used: %s.\n", c->cloud_rules,
		why);
	return EXIT_DAMAGED;
}

/* One byte more than is taken: the parser says that it is too long. 0 or -errno. */
static int read_whole(int fd, char *bytes, size_t *len)
{
	*len = 0;
	while (*len <= CLOUD_BYTES_MAX) {
		ssize_t n = read(fd, bytes + *len, CLOUD_BYTES_MAX + 1 - *len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (!n)
			return 0;
		*len += (size_t)n;
	}
	return 0;
}

static int64_t written_ns(int fd)
{
	struct stat st;

	if (fstat(fd, &st) || !S_ISREG(st.st_mode))
		return 0;
	return (int64_t)st.st_mtim.tv_sec * NS_PER_S + st.st_mtim.tv_nsec;
}

static struct text shown_name(struct cloud_rules *c, const char *path)
{
	const char *slash = strrchr(path, '/');
	struct str s = {0};
	struct text t;

	text_show(&s, text_of(slash ? slash + 1 : path), TEXT_ASCII);
	t = arena_text(&c->head.arena, text_of_str(&s));
	str_release(&s);
	return t;
}

int cloud_file_read(const struct cli *c, struct cloud_rules **out)
{
	char error[CLOUD_ERROR_MAX], *bytes;
	struct cloud_rules *rules;
	size_t len;
	int failed;

	*out = NULL;
	if (c->cloud_fd < 0)
		return 0;
	bytes = malloc(CLOUD_BYTES_MAX + 1);
	if (!bytes)
		return EXIT_INTERNAL;
	failed = read_whole(c->cloud_fd, bytes, &len);
	rules = failed ? NULL : cloud_parse(bytes, len, error);
	free(bytes);
	if (failed)
		return refuse(c, strerror(-failed));
	if (!rules)
		return refuse(c, error);
	rules->written_ns = written_ns(c->cloud_fd);
	rules->name = shown_name(rules, c->cloud_rules);
	*out = rules;
	return 0;
}

/* ---- of one packet ---- */

static const char *verdict_words(const struct cloud_answer *a)
{
	switch (a->verdict) {
	case CLOUD_OPEN:
		return "let it in";
	case CLOUD_STOPPED:
		return a->is_reply ? "stop its answer" : "stop it before this host";
	case CLOUD_UNSURE:
		break;
	}
	return "do not say whether it comes in";
}

static struct text line_of(const struct cloud_rules *rules, const struct cloud_answer *a)
{
	const struct ruleset *r = &rules->rules;
	uint32_t rule = a->verdict == CLOUD_UNSURE && a->n_unsure ? a->unsure[0] : a->rule;

	if (rule < r->n_rules)
		return r->rules[rule].comment;
	if (a->hangs_on_acl)
		return text_of("its ACLs disagree");
	return a->verdict == CLOUD_STOPPED ? text_of("no line allows it") : TEXT_NONE;
}

void cloud_file_say(const struct cloud_rules *rules, const struct path_ask *ask)
{
	char when[TIME_TEXT_MAX] = "a time that is not known";
	struct cloud_answer a;
	struct text line;

	if (!rules || !ask->client.family || ask->client.family != ask->server.family ||
	    cloud_ask(rules, ask->proto, &ask->client, ask->client_port, &ask->server,
		      ask->server_port, &a))
		return;
	if (rules->written_ns)
		time_rfc3339(rules->written_ns, when);
	line = line_of(rules, &a);
	fprintf(stderr, "dport: the cloud rules of %.*s, written %s, %s%s%.*s.\n",
		(int)rules->name.len, rules->name.bytes, when, verdict_words(&a),
		line.len ? ": " : "", (int)line.len, line.len ? line.bytes : "");
}
