/*
 * Reads a recording, which is hostile input: it is taken apart, checked and put in order
 * once, when it is opened. Does not write recordings (record.c), does not know what blobs
 * mean, extracts nothing.
 */
#include "core/host/tape/record.h"

#include <errno.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/arena.h"
#include "core/base/str.h"
#include "core/base/vec.h"
#include "core/host/tape/answers.h"
#include "core/host/tape/member.h"
#include "core/host/tape/moments.h"
#include "core/host/tape/tar.h"

#define ERROR_MAX     256
#define FILE_MAX      ((size_t)(2 * RECORD_MAX_BYTES))
#define META_NAME     "meta.json"
#define META_SIZE_MAX 65536

#define IS_LITTLE   (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__)
#define HOST_ORDER  (IS_LITTLE ? "little" : "big")
#define OTHER_ORDER (IS_LITTLE ? "big" : "little")

struct recording {
	struct str file;    /* the bytes, if they are not borrowed */
	struct arena texts; /* of the parts */
	struct answers set;
	struct vec moments; /* struct tape_moment */
	int64_t start_ns;
	char damage[ERROR_MAX]; /* "": none */
};

__attribute__((format(printf, 2, 3))) static int refuse(char error[ERROR_MAX],
							const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(error, ERROR_MAX, format, args);
	va_end(args);
	return -EBADMSG;
}

static int refuse_at(char error[ERROR_MAX], size_t at, const char *what)
{
	return refuse(error, "damaged at byte %zu: %s", at, what);
}

static int refuse_memory(char error[ERROR_MAX])
{
	return refuse(error, "there is not enough memory to read the recording");
}

static bool is_regular(const struct tar_member *m)
{
	return m->type == '0' || m->type == '\0';
}

/* The version first: what a newer one means by the rest is not known here. */
static int check_meta(const json_t *meta, char error[ERROR_MAX])
{
	const json_t *version = json_object_get(meta, "version");
	const char *order = json_string_value(json_object_get(meta, "byte_order"));

	if (!json_is_integer(version) || json_integer_value(version) < 1)
		return refuse(error, "no recording: its " META_NAME " names no version");
	if (json_integer_value(version) > RECORD_VERSION)
		return refuse(error,
			      "made by a newer dport (version %" JSON_INTEGER_FORMAT
			      ", this one reads %d)",
			      json_integer_value(version), RECORD_VERSION);
	if (order && !strcmp(order, OTHER_ORDER))
		return refuse(error,
			      "made on a %s-endian host, this %s-endian one cannot read it",
			      OTHER_ORDER, HOST_ORDER);
	if (!order || strcmp(order, HOST_ORDER))
		return refuse(error, "no recording: its " META_NAME " names no byte order");
	return 0;
}

static int read_meta(struct tar_reader *tar, char error[ERROR_MAX])
{
	struct tar_member m = {0};
	json_t *meta;
	int err;

	if (tar->len == 0)
		return refuse(error, "no recording: the file is empty");
	switch (tar_next(tar, &m)) {
	case TAR_MEMBER:
		break;
	case TAR_END:
		return refuse(error, "no recording: the archive is empty");
	case TAR_CUT:
		return refuse(error, "no recording: it ends before its " META_NAME " does");
	case TAR_DAMAGED:
		return refuse(error, "no recording: at its first byte, %s", tar->damage);
	}
	if (!is_regular(&m) || strcmp(m.name, META_NAME))
		return refuse(error, "no recording: its first member is not " META_NAME);
	if (m.size > META_SIZE_MAX)
		return refuse(error,
			      "no recording: its " META_NAME " is larger than 64 KiB");
	meta = json_loadb((const char *)m.data, m.size, JSON_REJECT_DUPLICATES, NULL);
	if (!json_is_object(meta))
		err = refuse(error, "no recording: its " META_NAME " is no JSON object");
	else
		err = check_meta(meta, error);
	json_decref(meta);
	return err;
}

/* Parts of one answer stand together as a rule: then they share one copy. */
static const char *keep_text(struct recording *r, const struct vec *found, const char *text)
{
	const struct found *last = found->n ? vec_at(found, found->n - 1) : NULL;

	if (last && !strcmp(last->part.text, text))
		return last->part.text;
	return arena_copy(&r->texts, text, strlen(text));
}

/* 0 as well for a member that is not known here. -EBADMSG with a sentence, -ENOMEM. */
static int read_member(struct recording *r, struct vec *found, const struct tar_member *m,
		       char error[ERROR_MAX])
{
	struct found f = {.order = found->n, .at = m->at}, *new;
	const char *text, *wrong;
	int err;

	if (!is_regular(m))
		return 0;
	if (!strcmp(m->name, META_NAME))
		return refuse_at(error, m->at, "a second " META_NAME " stands there");
	err = member_read_name(m->name, &f.part.blob, &text);
	if (err == -ENOENT)
		return 0;
	if (err)
		return refuse_at(error, m->at, "the name of a part is malformed");
	wrong = member_read_data(m->data, m->size, &f.part.blob);
	if (wrong)
		return refuse_at(error, m->at + TAR_BLOCK, wrong);
	f.part.text = keep_text(r, found, text);
	new = f.part.text ? vec_push(found) : NULL;
	if (!new)
		return -ENOMEM;
	*new = f;
	return 0;
}

static void note_cut(struct recording *r, const struct tar_reader *tar, size_t n_found)
{
	if (tar->at < tar->len)
		snprintf(r->damage, sizeof(r->damage),
			 "the recording ends early, at byte %zu: "
			 "%zu of about %zu parts could be read",
			 tar->len, n_found, n_found + 1);
	else
		snprintf(r->damage, sizeof(r->damage),
			 "the recording ends early, at byte %zu: "
			 "%zu parts could be read, and whether more followed is not known",
			 tar->len, n_found);
}

/* What stands before the damage is taken; behind it nothing can be trusted. */
static int note_rest(struct recording *r, size_t n_found)
{
	size_t len = strlen(r->damage);

	snprintf(r->damage + len, sizeof(r->damage) - len,
		 "; the %zu parts before it could be read", n_found);
	return 0;
}

static int read_members(struct recording *r, struct tar_reader *tar, struct vec *found,
			char error[ERROR_MAX])
{
	struct tar_member m = {0};
	int err;

	for (;;) {
		switch (tar_next(tar, &m)) {
		case TAR_MEMBER:
			break;
		case TAR_END:
			return 0;
		case TAR_CUT:
			note_cut(r, tar, found->n);
			return 0;
		case TAR_DAMAGED:
			refuse_at(r->damage, tar->at, tar->damage);
			return note_rest(r, found->n);
		}
		err = read_member(r, found, &m, r->damage);
		if (err == -ENOMEM)
			return refuse_memory(error);
		if (err)
			return note_rest(r, found->n);
	}
}

static int arrange(struct recording *r, struct vec *found, char error[ERROR_MAX])
{
	const char *wrong = NULL;
	size_t at = 0;
	int err;

	if (found->n > 0)
		r->start_ns = ((const struct found *)vec_at(found, 0))->part.blob.wall_ns;
	err = answers_arrange(&r->set, found, &at, &wrong);
	if (!err)
		err = moments_find(&r->set, &r->moments);
	if (err == -ENOMEM)
		return refuse_memory(error);
	return err ? refuse_at(error, at, wrong) : 0;
}

struct recording *recording_from_bytes(const void *bytes, size_t len, char error[256])
{
	struct recording *r = calloc(1, sizeof(*r));
	struct tar_reader tar = {.bytes = bytes, .len = len};
	struct vec found = VEC_OF(struct found);
	int err;

	if (!r) {
		refuse_memory(error);
		return NULL;
	}
	arena_init(&r->texts);
	answers_init(&r->set);
	r->moments = VEC_OF(struct tape_moment);
	err = read_meta(&tar, error);
	if (!err)
		err = read_members(r, &tar, &found, error);
	if (!err)
		err = arrange(r, &found, error);
	vec_release(&found);
	if (!err)
		return r;
	recording_free(r);
	return NULL;
}

static int refuse_size(char error[ERROR_MAX])
{
	return refuse(error, "no recording: the file is larger than %zu MiB",
		      FILE_MAX >> 20);
}

static int read_file(int fd, struct str *out, char error[ERROR_MAX])
{
	uint8_t chunk[65536];
	struct stat st;
	ssize_t n;

	if (!fstat(fd, &st) && S_ISREG(st.st_mode) && st.st_size > (off_t)FILE_MAX)
		return refuse_size(error);
	while ((n = read(fd, chunk, sizeof(chunk))) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return refuse(error, "the recording cannot be read: %s",
				      strerror(errno));
		if ((size_t)n > FILE_MAX - out->len)
			return refuse_size(error);
		if (str_append(out, chunk, (size_t)n))
			return refuse_memory(error);
	}
	return 0;
}

struct recording *recording_open(int fd, char error[256])
{
	struct recording *r = NULL;
	struct str file = {0};

	if (!read_file(fd, &file, error))
		r = recording_from_bytes(file.data, file.len, error);
	if (r)
		r->file = file;
	else
		str_release(&file);
	return r;
}

void recording_free(struct recording *r)
{
	if (!r)
		return;
	answers_release(&r->set);
	vec_release(&r->moments);
	arena_release(&r->texts);
	str_release(&r->file);
	free(r);
}

size_t recording_n_parts(const struct recording *r)
{
	return r->set.parts.n;
}

const struct recorded *recording_part(const struct recording *r, size_t i)
{
	return vec_at(&r->set.parts, i);
}

const char *recording_damage(const struct recording *r)
{
	return r->damage[0] ? r->damage : NULL;
}

/* Every namespace that is looked at has its files read, the list is asked for all only. */
const char *recording_netns(const struct recording *r)
{
	const char *files = "files/set=net", *key = ",netns=", *found = NULL;

	for (size_t i = 0; i < r->set.parts.n; i++) {
		const char *text = recording_part(r, i)->text;

		if (!strcmp(text, "namespaces/-"))
			return "all";
		if (strncmp(text, files, strlen(files)) != 0)
			continue;
		text += strlen(files);
		if (!*text)
			found = "";
		else if (!strncmp(text, key, strlen(key)))
			found = text + strlen(key);
	}
	/* A name that was too long for a recording cannot be asked for by it. */
	return found && !strncmp(found, "long:", strlen("long:")) ? NULL : found;
}

size_t recording_moments(const struct recording *r, const struct tape_moment **out)
{
	*out = r->moments.data;
	return r->moments.n;
}

unsigned recording_nth_at(const struct recording *r, const char *text, int64_t wall_ns)
{
	unsigned nth = moments_nth_from(&r->set, text, wall_ns);

	return nth ? nth - 1 : 0;
}

unsigned recording_nth_from(const struct recording *r, const char *text, int64_t wall_ns)
{
	unsigned nth = moments_nth_from(&r->set, text, wall_ns);
	size_t n = 0;

	answers_find(&r->set, text, nth, &n);
	return nth < n ? nth : 0;
}

int64_t recording_start_ns(const struct recording *r)
{
	return r->start_ns;
}

int recording_find(const struct recording *r, const char *text, unsigned nth, size_t *first,
		   size_t *end, bool *is_repeat)
{
	size_t n = 0;
	const struct answer *a = answers_find(&r->set, text, nth, &n);

	if (!a)
		return -ENOENT;
	*first = a->first;
	*end = a->end;
	*is_repeat = nth >= n;
	return 0;
}
