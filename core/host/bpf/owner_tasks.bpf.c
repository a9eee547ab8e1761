/*
 * Runs in the kernel, once for every task: looks through its table of descriptors for
 * wanted sockets and tells who holds them. A thread is looked at only where its table is
 * not its process' own. Reads nothing of what goes through a socket. `make bpf` makes the
 * header from it.
 *
 * Structures are given by the fields that are used; where these are in the running kernel
 * is found when the program is loaded (CO-RE): by a search through all the kernel's types,
 * unless one of the last 31 kinds of names was this one (kernel/bpf/btf.c, hash_cands()).
 * Of the names here no two are in each other's place; one more may double the time to load.
 */
#include <linux/bpf.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "core/host/bpf/owner_tasks.bpf.h"

/* As many blocks of slots as bpf_loop takes at once hold more than a process may have
 * descriptors (fs.nr_open, at most 2^30); what is told of more than this is not true. */
#define FDS_MAX (1 << 29)
#define SLOTS   64 /* of a table, read at once */
#define WALKED  __attribute__((preserve_access_index))

struct inode {
	unsigned long i_ino;
} WALKED;

struct path {
	void *mnt, *dentry;
} WALKED;

struct file {
	const void *f_op;
	struct inode *f_inode;
	struct path f_path;
} WALKED;

struct fdtable {
	unsigned int max_fds;
	struct file **fd;
} WALKED;

struct files_struct {
	struct fdtable *fdt;
} WALKED;

struct pid_namespace;

struct upid {
	int nr;
	struct pid_namespace *ns;
} WALKED;

struct pid {
	unsigned int level;
	struct upid numbers[1];
} WALKED;

struct mm_struct {
	struct file *exe_file;
} WALKED;

struct cred {
	struct {
		unsigned int val;
	} euid;
} WALKED;

struct task_struct {
	unsigned int __state;
	int exit_state;
	struct mm_struct *mm;
	int pid, tgid;
	struct task_struct *real_parent, *group_leader;
	struct pid *thread_pid;
	__u64 start_boottime;
	const struct cred *real_cred;
	char comm[TASK_COMM_BYTES];
	struct files_struct *files;
	void *cgroups;
} WALKED;

/* Before Linux 5.14. */
struct task_struct___old {
	long state;
} WALKED;

struct seq_file;

/* These two as they are: part of what iterators promise, and another place of a field would
 * be refused. Two names less to search for. */
struct bpf_iter_meta {
	struct seq_file *seq;
};

struct bpf_iter__task {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct task_walk_settings);
} settings SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024); /* as many as are wanted, when it is loaded */
	__type(key, __u32);
	__type(value, __u8);
} wanted SEC(".maps");

/* What is at hand of the table under its walk. */
struct task_hands {
	__u64 slots[SLOTS];
	__u32 first; /* of the slots */
	__u32 n_hits;
	struct task_hit hits[TASK_HITS_MAX];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct task_hands);
} hands SEC(".maps");

char program_licence[] SEC("license") = "Dual MIT/GPL";

/* One table under its walk. */
struct walk {
	struct task_hands *hands;
	struct file **fd;
	__u64 socket_operations;
	__u32 n_fds, is_broken;
};

/* Who is at his table. */
struct visit {
	struct seq_file *seq;
	struct task_struct *task;
	__u32 pid, tid, level;
};

/* A process' or thread's number where the reader lives; 0: not seen from there. */
static __u32 number_at(struct pid *pid, __u32 level)
{
	struct upid upid;

	if (!pid || BPF_CORE_READ(pid, level) < level)
		return 0;
	if (bpf_core_read(&upid, sizeof(upid), &pid->numbers[level & 31]))
		return 0;
	return upid.nr;
}

static __u32 process_at(struct task_struct *task, __u32 level)
{
	return number_at(BPF_CORE_READ(task, group_leader, thread_pid), level);
}

static __u32 state_of(struct task_struct *task)
{
	struct task_struct___old *old = (void *)task;
	__u32 state = BPF_CORE_READ(task, exit_state);

	if (bpf_core_field_exists(task->__state))
		return state | BPF_CORE_READ(task, __state);
	return state | (__u32)BPF_CORE_READ(old, state);
}

static void tell_holder(struct visit *w, __u32 n_hits)
{
	struct task_struct *task = w->task;
	struct task_struct *leader = BPF_CORE_READ(task, group_leader);
	struct file *exe = BPF_CORE_READ(leader, mm, exe_file);
	struct task_holder h = {
		.kind = TASK_RECORD_HOLDER, .pid = w->pid, .tid = w->tid, .n_hits = n_hits};

	h.parent = process_at(BPF_CORE_READ(leader, real_parent), w->level);
	h.euid = BPF_CORE_READ(leader, real_cred, euid.val);
	h.state = state_of(leader);
	h.start_ns = BPF_CORE_READ(leader, start_boottime);
	h.exe_mount = exe ? (__u64)BPF_CORE_READ(exe, f_path.mnt) : 0;
	h.exe_entry = exe ? (__u64)BPF_CORE_READ(exe, f_path.dentry) : 0;
	h.groups = (__u64)BPF_CORE_READ(leader, cgroups);
	bpf_core_read(h.comm, sizeof(h.comm), &leader->comm);
	bpf_seq_write(w->seq, &h, sizeof(h));
}

/*
 * Sockets, and they alone, have the operations of sockets (net/socket.c, sock_from_file()):
 * a file of the disk may have a socket's number, and needs no second look.
 */
static long look_at(__u32 slot, struct walk *w)
{
	struct file *file;
	__u32 inode, n = w->hands->n_hits;

	if (slot >= SLOTS)
		return 1;
	file = (void *)w->hands->slots[slot];
	if (!file || (__u64)BPF_CORE_READ(file, f_op) != w->socket_operations)
		return 0;
	inode = (__u32)BPF_CORE_READ(file, f_inode, i_ino);
	if (!bpf_map_lookup_elem(&wanted, &inode))
		return 0;
	if (n < TASK_HITS_MAX)
		w->hands->hits[n] = (struct task_hit){w->hands->first + slot, inode};
	w->hands->n_hits = n + 1;
	return 0;
}

/* Tables have as many entries as the words of a map of bits have bits: 64, or more. */
static long look_at_slots(__u32 block, struct walk *w)
{
	__u32 first = block * SLOTS;

	w->hands->first = first;
	if (first + SLOTS > w->n_fds ||
	    bpf_probe_read_kernel(w->hands->slots, sizeof(w->hands->slots),
				  w->fd + first)) {
		w->is_broken = 1;
		return 1;
	}
	bpf_loop(SLOTS, look_at, w, 0);
	return 0;
}

static void tell(struct visit *v, __u32 kind)
{
	struct task_record r = {.kind = kind, .pid = v->pid};

	bpf_seq_write(v->seq, &r, sizeof(r));
}

static void tell_hits(struct visit *v, struct task_hands *at_hand, __u32 n_hits)
{
	if (!n_hits || n_hits > TASK_HITS_MAX)
		return;
	tell_holder(v, n_hits);
	bpf_seq_write(v->seq, at_hand->hits, n_hits * sizeof(struct task_hit));
}

static void walk_table(struct visit *v, struct files_struct *files, __u64 socket_operations)
{
	struct fdtable *table = BPF_CORE_READ(files, fdt);
	struct walk w = {.socket_operations = socket_operations};
	__u32 key = 0;

	w.hands = bpf_map_lookup_elem(&hands, &key);
	if (!w.hands)
		return;
	w.hands->n_hits = 0;
	w.fd = BPF_CORE_READ(table, fd);
	w.n_fds = BPF_CORE_READ(table, max_fds);
	if (w.n_fds > FDS_MAX ||
	    bpf_loop((w.n_fds + SLOTS - 1) / SLOTS, look_at_slots, &w, 0) < 0 ||
	    w.is_broken || w.hands->n_hits > TASK_HITS_MAX)
		tell(v, TASK_RECORD_BROKEN);
	else
		tell_hits(v, w.hands, w.hands->n_hits);
}

static void look_at_task(struct visit *w, struct task_struct *task, __u64 socket_operations)
{
	struct task_struct *leader = BPF_CORE_READ(task, group_leader);
	struct files_struct *files = BPF_CORE_READ(task, files);

	if (BPF_CORE_READ(task, pid) == BPF_CORE_READ(task, tgid)) {
		tell(w, TASK_RECORD_SEEN);
	} else {
		if (files == BPF_CORE_READ(leader, files))
			return;
		w->tid = number_at(BPF_CORE_READ(task, thread_pid), w->level);
	}
	if (files)
		walk_table(w, files, socket_operations);
}

/* Those of the reader's own socket; 0: there is none. Found once. */
static __u64 operations_of_sockets(struct task_walk_settings *s, struct task_struct *reader)
{
	struct fdtable *table;
	struct file **fds, *file = 0;

	if (s->socket_operations)
		return s->socket_operations;
	table = BPF_CORE_READ(reader, files, fdt);
	fds = BPF_CORE_READ(table, fd);
	if (s->socket_fd < BPF_CORE_READ(table, max_fds))
		bpf_probe_read_kernel(&file, sizeof(file), fds + s->socket_fd);
	if (file)
		s->socket_operations = (__u64)BPF_CORE_READ(file, f_op);
	return s->socket_operations;
}

/* What CO-RE reads must not be a member of a structure of ours: hence the variables. */
SEC("iter/task")
int walk_task(struct bpf_iter__task *context)
{
	struct task_struct *reader = (void *)bpf_get_current_task_btf();
	struct task_struct *task = context->task;
	struct visit w = {.seq = context->meta->seq, .task = task};
	struct task_walk_settings *s;
	__u64 socket_operations;
	__u32 key = 0;

	s = bpf_map_lookup_elem(&settings, &key);
	if (!task || !s || !s->n_shards)
		return 0;
	socket_operations = operations_of_sockets(s, reader);
	if (!socket_operations)
		return 0;
	w.level = BPF_CORE_READ(reader, thread_pid, level);
	w.pid = process_at(task, w.level);
	if (w.pid && w.pid % s->n_shards == s->shard)
		look_at_task(&w, task, socket_operations);
	return 0;
}
