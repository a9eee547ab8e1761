/* bpf(2) for what is loaded from a light skeleton. Knows no program. */
#include "core/host/bpf/light.h"

#include <errno.h>
#include <linux/bpf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static int ask(int command, union bpf_attr *a)
{
	long got = syscall(SYS_bpf, command, a, sizeof(*a));

	return got < 0 ? -errno : (int)got;
}

static uint64_t address_of(const void *at)
{
	return (uint64_t)(uintptr_t)at;
}

int bpf_light_set(int map_fd, const void *value)
{
	uint32_t key = 0;
	union bpf_attr a = {.map_fd = (uint32_t)map_fd};

	a.key = address_of(&key);
	a.value = address_of(value);
	return ask(BPF_MAP_UPDATE_ELEM, &a);
}

/* The array from which the loader reads what it loads. A descriptor or -errno. */
static int make_data(const struct bpf_light_code *code)
{
	union bpf_attr a = {.map_type = BPF_MAP_TYPE_ARRAY,
			    .key_size = sizeof(uint32_t),
			    .value_size = (uint32_t)code->n_data,
			    .max_entries = 1,
			    .map_name = "__loader.map"};
	int fd = ask(BPF_MAP_CREATE, &a);
	int error = fd < 0 ? fd : bpf_light_set(fd, code->data);

	if (error >= 0)
		return fd;
	if (fd >= 0)
		close(fd);
	return error;
}

static int make_loader(const struct bpf_light_code *code, int data_fd)
{
	static const char licence[] = "Dual BSD/GPL";
	union bpf_attr a = {
		.prog_type = BPF_PROG_TYPE_SYSCALL,
		.insn_cnt = (uint32_t)(code->n_instructions / sizeof(struct bpf_insn)),
		.prog_flags = BPF_F_SLEEPABLE,
		.prog_name = "__loader.prog"};

	a.insns = address_of(code->instructions);
	a.license = address_of(licence);
	a.fd_array = address_of(&data_fd);
	return ask(BPF_PROG_LOAD, &a);
}

static int run_loader(int program_fd, struct bpf_light_head *state)
{
	union bpf_attr a = {.test = {.prog_fd = (uint32_t)program_fd,
				     .ctx_size_in = state->size,
				     .ctx_in = address_of(state)}};
	int error = ask(BPF_PROG_TEST_RUN, &a);

	return error < 0 ? error : (int32_t)a.test.retval < 0 ? (int32_t)a.test.retval : 0;
}

int bpf_light_load(const struct bpf_light_code *code, struct bpf_light_head *state)
{
	int data_fd, program_fd, error;

	/* The instructions are checked in as they are for these. */
	if (__BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__)
		return -EOPNOTSUPP;
	data_fd = make_data(code);
	if (data_fd < 0)
		return data_fd;
	program_fd = make_loader(code, data_fd);
	error = program_fd < 0 ? program_fd : run_loader(program_fd, state);
	if (program_fd >= 0)
		close(program_fd);
	close(data_fd);
	return error;
}

static int change_keys(int command, int map_fd, const uint32_t *keys, const uint8_t *values,
		       uint32_t n)
{
	union bpf_attr a = {.batch = {.map_fd = (uint32_t)map_fd,
				      .keys = address_of(keys),
				      .values = address_of(values),
				      .count = n}};

	return n ? ask(command, &a) : 0;
}

int bpf_light_add_keys(int map_fd, const uint32_t *keys, uint32_t n)
{
	uint8_t *values = calloc(n + 1, 1);
	int error = values ? change_keys(BPF_MAP_UPDATE_BATCH, map_fd, keys, values, n)
			   : -ENOMEM;

	free(values);
	return error;
}

int bpf_light_remove_keys(int map_fd, const uint32_t *keys, uint32_t n)
{
	return change_keys(BPF_MAP_DELETE_BATCH, map_fd, keys, NULL, n);
}

int bpf_light_run(int program_fd, uint32_t *result)
{
	union bpf_attr a = {.test = {.prog_fd = (uint32_t)program_fd}};
	int error = ask(BPF_PROG_TEST_RUN, &a);

	if (error < 0)
		return error;
	*result = a.test.retval;
	return 0;
}

int bpf_light_take(int map_fd, bool is_first, uint32_t *position, void *keys, void *values,
		   uint32_t *n)
{
	union bpf_attr a = {.batch = {.map_fd = (uint32_t)map_fd, .count = *n}};
	int error;

	a.batch.in_batch = is_first ? 0 : address_of(position);
	a.batch.out_batch = address_of(position);
	a.batch.keys = address_of(keys);
	a.batch.values = address_of(values);
	error = ask(BPF_MAP_LOOKUP_AND_DELETE_BATCH, &a);
	if (error < 0 && error != -ENOENT)
		return error;
	*n = a.batch.count;
	return error < 0 ? 0 : 1;
}

int bpf_light_attach_walk(int program_fd)
{
	union bpf_attr a = {.link_create = {.prog_fd = (uint32_t)program_fd,
					    .attach_type = BPF_TRACE_ITER}};

	return ask(BPF_LINK_CREATE, &a);
}

int bpf_light_open_walk(int link_fd)
{
	union bpf_attr a = {.iter_create = {.link_fd = (uint32_t)link_fd}};

	return ask(BPF_ITER_CREATE, &a);
}

int bpf_light_attach_tracepoint(int program_fd, const char *name)
{
	union bpf_attr a = {.raw_tracepoint = {.prog_fd = (uint32_t)program_fd}};

	a.raw_tracepoint.name = address_of(name);
	return ask(BPF_RAW_TRACEPOINT_OPEN, &a);
}
