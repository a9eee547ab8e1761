/* Lists of modules and symbols. proc(5). Knows no module by name. */
#include "core/host/kernel/kernel_modules.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

/* "nf_tables 311296 120 nft_ct, Live 0x0000000000000000" */
static bool is_loaded(const char *line, const char *name)
{
	size_t len = strlen(name);

	return !strncmp(line, name, len) && line[len] == ' ';
}

/* "kernel/net/netfilter/nf_tables.ko", also written with '-' */
static bool is_builtin(const char *line, const char *name)
{
	const char *start = strrchr(line, '/');
	size_t i;

	start = start ? start + 1 : line;
	for (i = 0; name[i]; i++)
		if (start[i] != name[i] && !(start[i] == '-' && name[i] == '_'))
			return false;
	return !strncmp(start + i, ".ko", 3);
}

/* "ffffffff81a0b0c0 t nf_tables_getgen"; a module's have "\t[nf_tables]" behind them. */
static bool is_symbol(const char *line, const char *symbol_start)
{
	const char *type = strchr(line, ' ');

	if (!type || !type[1] || type[2] != ' ' || strchr(line, '['))
		return false;
	return !strncmp(type + 3, symbol_start, strlen(symbol_start));
}

/* 1: a line says so; 0: none does; -errno: there is no such list. */
static int look_in(const char *path, const char *wanted,
		   bool (*says)(const char *line, const char *wanted))
{
	FILE *f = fopen(path, "re");
	char *line = NULL;
	size_t room = 0;
	int found = 0;

	if (!f)
		return -errno;
	while (!found && getline(&line, &room, f) > 0)
		found = says(line, wanted);
	if (!found && ferror(f))
		found = -EIO;
	free(line);
	fclose(f);
	return found;
}

static int look_in_builtin(const struct kernel_lists *lists, const char *name)
{
	char path[sizeof(struct utsname) + 64];
	struct utsname kernel;

	if (lists->builtin)
		return look_in(lists->builtin, name, is_builtin);
	if (uname(&kernel))
		return -errno;
	snprintf(path, sizeof(path), "/lib/modules/%s/modules.builtin", kernel.release);
	return look_in(path, name, is_builtin);
}

/* Names stand there for everybody; a file without any tells nothing. */
static int look_in_symbols(const struct kernel_lists *lists, const char *symbol_start)
{
	const char *path = lists->symbols ? lists->symbols : "/proc/kallsyms";
	int found = look_in(path, symbol_start, is_symbol);

	if (found == 0 && look_in(path, "", is_symbol) <= 0)
		return -ENODATA;
	return found;
}

int kernel_module_find(const struct kernel_lists *lists, const char *name,
		       const char *symbol_start)
{
	const char *loaded = lists->loaded ? lists->loaded : "/proc/modules";
	int found = look_in(loaded, name, is_loaded);

	if (found > 0)
		return 0;
	/* Without the first list the kernel loads no modules, or little of /proc is seen.
	 */
	if (found == 0)
		found = look_in_builtin(lists, name);
	if (found < 0)
		found = look_in_symbols(lists, symbol_start);
	if (found < 0)
		return -ENODATA;
	return found ? 0 : -ENOPKG;
}
