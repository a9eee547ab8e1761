/* The inside of the broker, shared by broker.c, broker_child.c and broker_job.c only. */
#ifndef CORE_HOST_BROKER_IMPL_H
#define CORE_HOST_BROKER_IMPL_H

#include "core/host/broker/broker.h"
#include "core/host/kernel/dumps.h"
#include "core/host/broker/lanes.h"
#include "core/host/broker/taps.h"
#include "core/host/broker/terminal.h"

#define UI_QUEUE_MAX 16 /* packets the child has not taken: then we read no more for it */

struct broker {
	struct broker_options options;
	struct mailbox ui;
	pid_t child;
	int child_status;
	bool child_is_gone, ui_is_gone;
	bool was_damaged; /* the child sent what is no message */
	bool was_told;    /* to end, by a signal */
	bool has_stopped; /* serving: the dumps are released */
	bool is_late; /* we stopped without waiting for the child's answer, which is still
			 to come */
	int signal_fd;
	struct settings settings;
	struct terminal terminal;
	struct dumps dumps;
	struct lanes lanes;
	struct taps taps;
	int64_t kill_ns;    /* when the child is killed; INT64_MAX: not */
	int64_t suspend_ns; /* when we stop even if the child does not answer */
};

/* broker_child.c */
/* As a blob_sink. */
void broker_send_blob(void *broker, const struct blob *b);
void broker_send_notice(void *broker, const char *sentence);
/* One message; fd rides along and is closed (-1: none). */
void broker_send(struct broker *k, enum message_type type, const void *body, size_t len,
		 int fd);
/* Begins what the child will ask first of all. */
void broker_answer_first(struct broker *k, int64_t now_ns);
/* Serves what the child asks, while there is room for answers. */
void broker_read_child(struct broker *k, int64_t now_ns);
/* The last words of a child that is gone: only what they say of the terminal counts. */
void broker_read_last_words(struct broker *k);

/* broker_job.c */
int job_block_signals(struct broker *k); /* 0 or -errno */
/* In the child: signals as it finds them usual, but ^Z, which the broker takes. */
void job_unblock_signals(void);
void job_read_signals(struct broker *k, int64_t now_ns);
/* Stops the whole job as ^Z would, and returns when it goes on. by_force: the child does
 * not answer. */
void job_suspend(struct broker *k, bool by_force);
/* So long we did not listen: it counts against nobody. */
void job_forgive(struct broker *k, int64_t ns);
/* For main, from the child's end; restores the terminal and says a sentence if it ended
 * badly. */
int job_exit_code(struct broker *k);

#endif
