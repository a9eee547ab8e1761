/* A directory with log files of a test's own, and what is read of them. */
#ifndef TESTS_UNIT_LOG_PLACE_H
#define TESTS_UNIT_LOG_PLACE_H

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <sys/stat.h>

#include "core/host/read/logs.h"
#include "tests/unit/evidence_ear.h"

static char dir[200];

static inline const char *in_dir(const char *name)
{
	static char path[512];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return path;
}

static inline void put(const char *name, const char *text)
{
	FILE *f = fopen(in_dir(name), "we");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static inline int remove_one(const char *path, const struct stat *st, int type,
			     struct FTW *walk)
{
	(void)st;
	(void)type;
	(void)walk;
	return remove(path);
}

static inline int make_place(void **state)
{
	const char *tmp = getenv("TMPDIR");

	(void)state;
	snprintf(dir, sizeof(dir), "%s/logs-XXXXXX", tmp ? tmp : "/tmp");
	return mkdtemp(dir) ? 0 : -1;
}

static inline int remove_place(void **state)
{
	(void)state;
	free(heard.bytes);
	heard.bytes = NULL;
	return nftw(dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* ---- Files ---- */

static inline int read_files(const void *ask, struct bundle_out *out,
			     enum blob_status *status)
{
	(void)status;
	return log_files_read(ask, dir, out);
}

static inline struct bundle_item file_item(const char *name)
{
	char full[512];

	snprintf(full, sizeof(full), "file:%s/%s", dir, name);
	return heard_item(full);
}

static inline bool has_file(const char *name)
{
	char full[512];
	struct bundle_item item;

	snprintf(full, sizeof(full), "file:%s/%s", dir, name);
	return heard_nth(full, 0, &item);
}

#endif
