/*
 * Loads a program for the kernel that was made at another time on another host: a "light
 * skeleton" (bpftool gen skeleton -L), whose own loader runs in the kernel and finds there
 * where its structures have their fields (Linux 5.17). Needs bpf(2) alone, no library.
 * Nothing is pinned: what is loaded and attached goes with its descriptors.
 */
#ifndef CORE_HOST_BPF_LIGHT_H
#define CORE_HOST_BPF_LIGHT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* As libbpf 1.x's loaders read and fill it: a head, the maps, the programs, nothing else.
 */
struct bpf_light_head {
	uint32_t size; /* of all of it */
	uint32_t flags, log_level, log_size;
	uint64_t log;
};

struct bpf_light_map {
	int32_t fd;
	uint32_t max_entries;   /* another one than its source says; 0: that */
	uint64_t initial_value; /* where it is; 0: none */
};

struct bpf_light_program {
	int32_t fd;
};

struct bpf_light_code {
	const char *data, *instructions;
	size_t n_data, n_instructions; /* bytes */
};

/*
 * Loads it; state begins with the head, its size set and the rest zero but for what the
 * caller wants otherwise. Its descriptors are the caller's then. 0 or -errno (EPERM: no
 * right; EOPNOTSUPP: not on this host).
 */
int bpf_light_load(const struct bpf_light_code *code, struct bpf_light_head *state);

/* Sets the value of key 0 of an array. 0 or -errno. */
int bpf_light_set(int map_fd, const void *value);
/* Adds n numbers to a hash of numbers whose values are single bytes; or removes them. 0 or
 * -errno. */
int bpf_light_add_keys(int map_fd, const uint32_t *keys, uint32_t n);
int bpf_light_remove_keys(int map_fd, const uint32_t *keys, uint32_t n);
/* Runs a program that is attached to nothing, once; *result is what it returns. -errno. */
int bpf_light_run(int program_fd, uint32_t *result);
/*
 * Takes up to *n keys and values out of a hash; *n becomes how many these were. The first
 * call of a look says so, the next ones go on at *position. 1: there may be more; 0: it is
 * empty now; or -errno.
 */
int bpf_light_take(int map_fd, bool is_first, uint32_t *position, void *keys, void *values,
		   uint32_t *n);
/* Attaches an iterator. A descriptor for bpf_light_read_walk(), or -errno. */
int bpf_light_attach_walk(int program_fd);
/* A descriptor whose reading is one walk, or -errno. */
int bpf_light_open_walk(int link_fd);
/* Attaches a program to a raw tracepoint while the returned descriptor is open. -errno;
 * -EINVAL: this kernel's has fewer arguments. */
int bpf_light_attach_tracepoint(int program_fd, const char *name);

#endif
