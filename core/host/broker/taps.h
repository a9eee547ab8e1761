/*
 * The taps: processes that each answer one capture or trace request as a stream of parts,
 * until it is cancelled. What they write is relayed and not looked into; how to capture is
 * the caller's (struct tap_ops), as this room knows no packets; how to trace is trace.c's,
 * how to watch what is dropped is bpf/drops.c's.
 */
#ifndef CORE_HOST_TAPS_H
#define CORE_HOST_TAPS_H

#include <sys/stat.h>
#include <sys/types.h>

#include "core/host/blob_sink.h"
#include "core/host/broker/mailbox.h"
#include "core/host/request.h"

#define N_TAPS        6
#define TAP_ERROR_MAX 256
#define TAP_PART_MAX  60000 /* bytes that put() takes at once */

/* How a tap captures or traces; all of it runs in the tap's process only. open == NULL: not
 * at all.
 */
struct tap_ops {
	/* With all rights. save_fd (taken; -1: none) is for the packets. 0, or -errno with
	 * a sentence. */
	int (*open)(void **handle, const struct request *r, int save_fd, const void *arg,
		    char *error, size_t room);
	/* Without any right, until stop_fd is readable: tells what it sees by put(), which
	 * waits for the reader. 0 or -errno, which ends the answer. */
	int (*run)(void *handle, int stop_fd,
		   int (*put)(void *put_arg, const void *bytes, size_t len), void *put_arg);
	void (*close)(void *handle);
	/* The answer's bytes for a capture that could not begin: into out (TAP_PART_MAX),
	 * returns their number. */
	size_t (*problem)(void *out, int error, const char *sentence);
	const void *arg; /* of open */
};

/* One process and the socket to it. */
struct tap {
	pid_t pid; /* 0: reaped, or none */
	struct mailbox box;
	uint32_t seq; /* of its request; 0: free */
	uint32_t next_part;
	uint64_t netns;
	bool is_ending; /* it was told to end */
	enum request_kind kind;
	int64_t kill_ns;                 /* then; INT64_MAX: not */
	char file[REQUEST_SAVE_MAX + 1]; /* made for its packets; "": none */
	struct stat made;                /* that file, as it was made */
};

struct taps {
	struct tap taps[N_TAPS];
	struct tap_ops ops; /* of captures */
	int save_fd;        /* for the first one; -1: none, or given */
	int dir_fd;         /* where files were made; borrowed */
	struct blob_sink sink;
};

/* Takes save_fd (0, -1: none). */
void taps_init(struct taps *t, const struct tap_ops *ops, int save_fd,
	       const struct blob_sink *sink);
/* Tells all to end; what they still say is nobody's. */
void taps_stop(struct taps *t);
/* The same, waits a moment for their end (a file of packets is to be whole), then kills. */
void taps_release(struct taps *t);

/* Forks one. 0; -ENOSYS: nothing is captured here; -EBUSY: as many run as may; -errno. */
int taps_request(struct taps *t, uint32_t seq, const struct request *r);
/* The same for a capture with a file of its own (taken in any case), made in that directory
 * under the name that the request has. Where nothing was written to it, it is removed. */
int taps_request_saving(struct taps *t, uint32_t seq, const struct request *r, int save_fd,
			int dir_fd);
/* It ends what it does and tells the rest. False: no tap answers this request. */
bool taps_cancel(struct taps *t, uint32_t seq, int64_t now_ns);
/* The descriptor of tap i, -1: none. Call taps_read() when it is readable. */
int taps_fd(const struct taps *t, unsigned i);
void taps_read(struct taps *t, unsigned i);
/* Kills what does not end in time. */
void taps_tick(struct taps *t, int64_t now_ns);
int64_t taps_due_ns(const struct taps *t);
void taps_forgive(struct taps *t, int64_t ns);
/* A child of ours ended. True if it was a tap. */
bool taps_reaped(struct taps *t, pid_t pid);

/* kernel/trace.c, bpf/drops.c */
extern const struct tap_ops trace_ops, drops_ops;

/* tap_child.c: the tap's process. Never returns. */
struct tap_start {
	int socket, save_fd;
	uint32_t seq;
	const struct request *request;
	const struct tap_ops *ops;
};
void tap_main(const struct tap_start *start) __attribute__((noreturn));

#endif
