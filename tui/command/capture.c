/* dport capture: its words, and a file read in this process, which has no right to lose. */
#include "tui/command/capture.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "capture/child.h"
#include "tui/command/capture_impl.h"

/* ---- words ---- */

static int refuse(const char *sentence)
{
	fprintf(stderr, "dport: %s (dport -h shows what is taken)\n", sentence);
	return EXIT_USAGE;
}

static bool has_words_of_capture(const struct cli *c)
{
	return c->capture_device || c->capture_read || c->capture_write || c->is_summary ||
	       c->is_promiscuous || c->with_payload || c->format == FORMAT_JSONL;
}

int capture_check_words(const struct cli *c)
{
	if (c->command != COMMAND_CAPTURE)
		return has_words_of_capture(c)
			       ? refuse("-i, -r, -w, --summary, --promiscuous, --payload "
					"and --format jsonl go with capture only")
			       : CLI_GO_ON;
	if (c->n_words > 1)
		return refuse("capture takes one TARGET");
	if (c->capture_read && (c->capture_device || c->capture_write || c->is_promiscuous))
		return refuse("-r reads a file: -i, -w and --promiscuous go with a live "
			      "capture");
	if (c->capture_read && (c->replay || c->record))
		return refuse("-r reads a file: --replay and --record do not go with it");
	if (c->capture_read && c->record_s)
		return refuse("-r reads a file to its end: --for does not go with it");
	if (c->with_payload && !c->capture_write)
		return refuse("--payload goes with -w");
	if (c->replay && c->capture_write)
		return refuse("-w does not go with --replay: packets are not recorded");
	if (c->is_summary && c->format == FORMAT_JSONL)
		return refuse("--summary is one document: --format text or json");
	if (c->capture_device && (!*c->capture_device || strlen(c->capture_device) >= 16))
		return refuse("-i takes the name of an interface, at most 15 characters");
	if (c->refresh.spaces == SPACES_ALL)
		return refuse("capture looks into one namespace: --netns NAME or PID");
	return CLI_GO_ON;
}

/* ---- the target ---- */

static int parse_with_services(struct capture_view *v, const char *word,
			       char error[TARGET_ERROR_MAX])
{
	struct port_name_table *names;
	struct str file = {0};
	int code;

	capture_read_services(v, &file);
	names = port_names_parse((struct text){file.data, file.len});
	code = target_parse(&v->target, word, names, error);
	if (names)
		table_unref(names);
	str_release(&file);
	return code;
}

/* 0 or an exit code. */
static int find_target(struct capture_view *v)
{
	const char *word = v->cli->n_words ? v->cli->words[0] : NULL;
	char error[TARGET_ERROR_MAX];

	if (!word)
		return 0;
	if (target_parse(&v->target, word, NULL, error) &&
	    parse_with_services(v, word, error)) {
		fprintf(stderr, "dport: %s\n", error);
		return v->code ? v->code : EXIT_USAGE;
	}
	if (v->target.host[0] && !v->target.address.family)
		fprintf(stderr,
			"dport: the name '%s' is not looked up: every server at that port "
			"is "
			"shown.\n",
			v->target.host);
	return 0;
}

/* ---- a file ---- */

struct file_reader {
	struct capture_view *view;
	int fd; /* shares its place with what reads */
	off_t size;
	bool shows_progress, has_shown;
	int code;
};

static int take_part(void *arg, const void *bytes, size_t len)
{
	struct file_reader *r = arg;
	off_t at = r->shows_progress ? lseek(r->fd, 0, SEEK_CUR) : -1;

	r->code = capture_take(r->view, bytes, len);
	if (at >= 0 && r->size > 0) {
		fprintf(stderr, "\rreading ... %3d %%", (int)(at * 100 / r->size));
		r->has_shown = true;
	}
	return r->code ? -EPIPE : 0;
}

static struct capture_plan plan_of_file(const struct capture_view *v)
{
	const struct target *t = &v->target;
	struct capture_plan p = {
		.kind = v->cli->is_summary ? CAPTURE_DASHBOARD : CAPTURE_FLOW,
		.proto = t->n_ports ? t->ports[0].proto : 0,
		.n_ports = (uint8_t)t->n_ports,
		.server = t->address,
	};

	for (size_t i = 0; i < t->n_ports; i++) {
		p.ports[i] = t->ports[i].port;
		if (t->ports[i].proto != p.proto)
			p.proto = 0;
	}
	return p;
}

static int read_file(struct capture_view *v)
{
	struct capture_plan plan = plan_of_file(v);
	struct file_reader r = {.view = v, .fd = dup(v->cli->capture_fd)};
	struct record_sink sink = {take_part, &r};
	struct capture_child *child = NULL;
	char error[256] = "";
	struct stat st;
	int code;

	if (r.fd >= 0 && !fstat(r.fd, &st) && S_ISREG(st.st_mode))
		r.size = st.st_size;
	r.shows_progress = r.size && isatty(STDERR_FILENO);
	code = capture_child_open_file_take(&child, &plan, v->cli->capture_fd, error,
					    sizeof(error));
	if (code) {
		v->attempts.error = -code;
		snprintf(v->attempts.problem, sizeof(v->attempts.problem), "%.199s", error);
	} else {
		capture_child_run(child, v->signal_fd, &sink);
		capture_child_free(child);
	}
	if (r.has_shown)
		fprintf(stderr, "\r%*s\r", 40, "");
	if (r.fd >= 0)
		close(r.fd);
	return r.code;
}

/* ---- the end ---- */

static int code_of_problem(const struct capture_view *v)
{
	switch (v->attempts.error) {
	case 0:
	case EFBIG:
		return 0;
	case EPERM:
	case EACCES:
		return EXIT_RIGHTS;
	case EBADMSG:
		return EXIT_DAMAGED;
	case ENODEV:
	case ENOENT:
	case EINVAL:
		return v->attempts.is_ready ? EXIT_UNKNOWN : EXIT_USAGE;
	case ENOSPC:
	case EDQUOT:
	case EIO:
		return EXIT_OUTPUT;
	default:
		return EXIT_UNKNOWN;
	}
}

static void say_problem(const struct capture_view *v)
{
	const struct attempts *a = &v->attempts;

	if (a->error)
		fprintf(stderr, "dport: %s%s%s.\n", v->is_file ? v->cli->capture_read : "",
			v->is_file ? ": " : "", a->problem);
}

int capture_run(const struct cli *c, struct channel *channel, int signal_fd)
{
	struct capture_view v = {.cli = c,
				 .channel = channel,
				 .signal_fd = signal_fd,
				 .is_file = c->capture_read != NULL};
	int code;

	capture_view_init(&v);
	code = find_target(&v);
	if (!code)
		code = v.is_file ? read_file(&v) : capture_live(&v);
	/* Of a capture that never began there is nothing to show. */
	if (!code && v.attempts.is_ready)
		code = capture_finish(&v);
	if (!code || code == EXIT_INTERNAL)
		say_problem(&v);
	if (!code)
		code = code_of_problem(&v);
	capture_view_release(&v);
	return code;
}
