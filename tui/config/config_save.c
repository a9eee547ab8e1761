/* The way of the configuration to its file. What changes in it: config_keep.c. */
#include "tui/config/config_save.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "tui/config/config_files.h"
#include "tui/config/config_keep.h"

static void say_failed(struct model *m, int error)
{
	model_say(m, ROLE_WARN, "%s was not written: %s", m->around.keeps_in,
		  strerror(error));
}

static int write_all(int fd, const struct str *text)
{
	size_t done = 0;

	if (ftruncate(fd, 0))
		return -errno;
	while (done < text->len) {
		ssize_t n =
			pwrite(fd, str_text(text) + done, text->len - done, (off_t)done);

		if (n < 0 && errno != EINTR)
			return -errno;
		done += n > 0 ? (size_t)n : 0;
	}
	return fsync(fd) ? -errno : 0;
}

/* What cannot be read at the next start does not take the place of what can. */
static int check(const struct str *text, char error[CONFIG_ERROR_MAX])
{
	struct config c;
	int r;

	config_init(&c);
	r = config_read(&c, "it", text_of_str(text), error);
	config_release(&c);
	return r;
}

static int rewrite(struct model *m, int fd)
{
	struct str old = {0}, new = {0};
	char error[CONFIG_ERROR_MAX] = "";
	int r = config_file_text(fd, &old);

	if (!r)
		r = config_keep(m, text_of_str(&old), &new);
	if (!r)
		r = check(&new, error);
	if (!r)
		r = write_all(fd, &new);
	if (error[0])
		model_say(m, ROLE_WARN, "%s stays as it is, %s", m->around.keeps_in, error);
	else if (r)
		say_failed(m, -r);
	str_release(&old);
	str_release(&new);
	return r;
}

int config_save_ask(struct model *m, struct channel *c)
{
	int r = channel_settings_open(c);

	if (r && r != -EPIPE)
		say_failed(m, -r);
	return r == -EPIPE ? r : 0;
}

int config_save_go_on(struct model *m, struct channel *c)
{
	int fd = channel_take_settings(c);
	int r;

	if (fd == CHANNEL_SETTINGS_KEPT) {
		model_say(m, ROLE_NOTICE, "kept in %s", m->around.keeps_in);
		return 0;
	}
	if (fd < 0) {
		say_failed(m, -fd);
		return 0;
	}
	r = rewrite(m, fd);
	close(fd);
	r = channel_settings_close(c, r == 0);
	return r == -EPIPE ? r : 0;
}
