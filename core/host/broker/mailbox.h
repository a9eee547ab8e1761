/* One end of a packet socket with a queue of what it did not take yet. Never blocks. */
#ifndef CORE_HOST_MAILBOX_H
#define CORE_HOST_MAILBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

struct letter;

struct mailbox {
	int fd; /* SOCK_SEQPACKET, non-blocking; owned */
	struct letter *first, *last;
	size_t n_queued;
	uint8_t *packet; /* MESSAGE_MAX bytes: the packet received last */
	size_t packet_len;
	int passed_fd; /* a descriptor that came with it, -1: none */
};

/* Before it is opened and after its release. */
#define MAILBOX_CLOSED ((struct mailbox){.fd = -1, .passed_fd = -1})

/* Takes fd. 0 or -ENOMEM. */
int mailbox_init_take(struct mailbox *m, int fd);
void mailbox_release(struct mailbox *m);

/*
 * Sends one packet of n_iov pieces, or queues a copy if the socket is full. A passed_fd of
 * at least 0 rides along and is closed here in any case. 0, -EPIPE (the other end is gone),
 * -ENOMEM, -errno.
 */
int mailbox_send(struct mailbox *m, const struct iovec *iov, int n_iov, int passed_fd);
/* Sends from the queue while the socket takes it. 0, -EPIPE, -errno. */
int mailbox_flush(struct mailbox *m);

/* 1: a packet is in packet[0..packet_len) and perhaps a descriptor in passed_fd (the
 * caller's if he sets it to -1, else closed at the next receive); 0: none now; -EPIPE: the
 * other end is gone; -errno. A packet too long for us counts as -EBADMSG. */
int mailbox_receive(struct mailbox *m);

/* A connected non-blocking, close-on-exec pair. 0 or -errno. */
int mailbox_pair(int fds[2]);

#endif
