/*
 * Whether a part of the kernel is there, as a module or built in, without asking it: asking
 * would load it. Loads nothing.
 */
#ifndef CORE_HOST_KERNEL_MODULES_H
#define CORE_HOST_KERNEL_MODULES_H

/* Where it is looked up; NULL is what the running kernel has. */
struct kernel_lists {
	const char *loaded;  /* /proc/modules; a kernel without modules has none */
	const char *builtin; /* modules.builtin of this release */
	const char *symbols; /* /proc/kallsyms, where there is no such file */
};

/*
 * name: as in /proc/modules; symbol_start: with what its functions' names begin. 0: it is
 * there; -ENOPKG: it is not; -ENODATA: it is not loaded, and whether it is built in is told
 * nowhere.
 */
int kernel_module_find(const struct kernel_lists *lists, const char *name,
		       const char *symbol_start);

#endif
