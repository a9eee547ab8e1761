/*
 * The names of an enumeration in the running kernel, as it describes its own types
 * (/sys/kernel/btf/vmlinux): numbers may mean something else in another kernel.
 */
#ifndef CORE_HOST_BPF_BTF_NAMES_H
#define CORE_HOST_BPF_BTF_NAMES_H

#include <stddef.h>
#include <stdint.h>

struct btf_name {
	int64_t number;
	char word[48]; /* cut if it is longer */
};

struct btf_names {
	struct btf_name *rows;
	size_t n;
};

/*
 * Finds one enumeration in bytes in the format of BTF (Documentation/bpf/btf.rst); what all
 * of its words begin with is left out. Damage is -EBADMSG, none of that name -ENOENT,
 * -ENOMEM. The rows are the caller's to free.
 */
int btf_names_find(const void *bytes, size_t len, const char *name, const char *prefix,
		   struct btf_names *out);
/* The same of the running kernel. -errno of the reading. */
int btf_names_read(const char *name, const char *prefix, struct btf_names *out);
void btf_names_release(struct btf_names *n);
/* NULL: no such number. */
const char *btf_names_word(const struct btf_names *n, int64_t number);

#endif
