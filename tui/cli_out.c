/* The document to standard output, so that a signal is heard meanwhile; the document of a
 * list. Prints nothing of its own but why it failed. */
#include "tui/cli.h"

#include <errno.h>
#include <langinfo.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "core/report/list.h"

#define REGULAR_PIECE (1 << 20) /* between two looks for a signal */

/* Until the output takes a piece. False: a signal to end came first. */
static bool wait_for_room(int signal_fd)
{
	struct pollfd polls[2] = {{STDOUT_FILENO, POLLOUT, 0}, {signal_fd, POLLIN, 0}};

	while (poll(polls, 2, -1) < 0 && errno == EINTR)
		;
	return !polls[1].revents;
}

/*
 * As much as the output takes now, without waiting (pwritev2(2)); else, once it takes
 * anything, a piece of which a pipe that polls writable takes a whole one: so a reader who
 * has stopped reading does not keep Ctrl-C from working. A regular file waits for nobody.
 * Bytes written, -errno, or -EINTR as soon as a signal to end has come.
 */
static ssize_t write_some(const char *bytes, size_t len, bool is_regular, int signal_fd)
{
	struct iovec all = {(void *)bytes, len};
	ssize_t n = is_regular ? -1 : pwritev2(STDOUT_FILENO, &all, 1, -1, RWF_NOWAIT);
	size_t most = is_regular ? REGULAR_PIECE : PIPE_BUF;

	if (n > 0)
		return n;
	if (!wait_for_room(signal_fd))
		return -EINTR;
	do
		n = write(STDOUT_FILENO, bytes, len < most ? len : most);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}

static bool is_regular_file(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
}

int cli_write_out(const struct str *out, int signal_fd)
{
	bool is_regular = is_regular_file(STDOUT_FILENO);
	size_t done = 0;

	while (done < out->len) {
		ssize_t n = write_some(out->data + done, out->len - done, is_regular,
				       signal_fd);

		if (n == -EINTR)
			return EXIT_INTERRUPTED;
		if (n == -EAGAIN)
			continue;
		if (n < 0) {
			if (n != -EPIPE)
				fprintf(stderr,
					"dport: the output could not be written: %s.\n",
					strerror((int)-n));
			return EXIT_OUTPUT;
		}
		done += (size_t)n;
	}
	return 0;
}

static bool is_unicode(void)
{
	return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

static unsigned terminal_columns(void)
{
	struct winsize size;

	if (!isatty(STDOUT_FILENO) || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size))
		return 0;
	return size.ws_col;
}

int cli_code_for_view(const struct snapshot *s)
{
	int code = EXIT_UNKNOWN;

	if (strcmp(snapshot_view_word(s), "none") != 0)
		return 0;
	for (size_t i = 0; i < s->n_notes; i++) {
		const struct source_note *note = &s->notes[i];

		if (note->error == EPERM || note->error == EACCES)
			return EXIT_RIGHTS;
		if ((note->error == ENOENT || note->error == EINVAL) &&
		    !text_is_empty(note->space))
			code = EXIT_USAGE;
	}
	return code;
}

int cli_print_list(const struct cli *cli, const struct snapshot *s, int signal_fd)
{
	struct list_options o = {
		.filter = cli->filter,
		.text_mode = cli->is_ascii || !is_unicode() ? TEXT_ASCII : TEXT_UTF8,
		.is_redacted = cli->is_redacted,
		.family = cli->family,
		.columns = terminal_columns(),
	};
	struct str out = {0}, missing = {0};
	int error = 0, code;

	switch (cli->format) {
	case FORMAT_TEXT:
		error = list_text(&out, s, &o);
		list_missing_text(&missing, s);
		break;
	case FORMAT_JSON:
		error = list_json(&out, s, &o);
		break;
	case FORMAT_CSV:
		error = list_csv(&out, s, &o);
		break;
	case FORMAT_MARKDOWN:
		error = list_markdown(&out, s, &o);
		break;
	case FORMAT_JSONL:
		error = -EINVAL;
		break;
	}
	code = error ? EXIT_INTERNAL : cli_write_out(&out, signal_fd);
	fputs(str_text(&missing), stderr);
	str_release(&out);
	str_release(&missing);
	return code ? code : cli_code_for_view(s);
}
