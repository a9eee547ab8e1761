/*
 * The link socket: opened with the rights that this takes, its filter set and locked before
 * anything is read. What frames mean is link_frame.c. packet(7), socket(7).
 */
#include "capture/link_socket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "capture/link_filter.h"
#include "core/base/time.h"

enum { BUFFER_BYTES = 4 << 20, ETHER_ALL = 3 /* ETH_P_ALL */ };

/* What one frame brings beside its bytes. */
union ancillary {
	char bytes[CMSG_SPACE(sizeof(struct tpacket_auxdata)) +
		   CMSG_SPACE(sizeof(struct timespec))];
	struct cmsghdr align;
};

struct link_socket {
	int fd;
	uint8_t bytes[LINK_FILTER_BYTES];
};

static int set_filter(int fd, const struct capture_plan *p)
{
	struct sock_filter code[LINK_FILTER_MAX];
	struct sock_fprog program = {.len = (unsigned short)link_filter_make(code, p),
				     .filter = code};
	int on = 1;

	if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)) ||
	    setsockopt(fd, SOL_SOCKET, SO_LOCK_FILTER, &on, sizeof(on)))
		return -errno;
	return 0;
}

static int set_options(int fd)
{
	int on = 1, size = BUFFER_BYTES;

	/* More room is a wish: what does not fit is counted. */
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)))
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	if (setsockopt(fd, SOL_PACKET, PACKET_AUXDATA, &on, sizeof(on)) ||
	    setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on)))
		return -errno;
	return 0;
}

/* From here on frames come. */
static int listen_on(int fd, const struct capture_plan *p)
{
	bool is_any = !*p->device || !strcmp(p->device, "any");
	struct sockaddr_ll at = {.sll_family = AF_PACKET,
				 .sll_protocol = htons(ETHER_ALL),
				 .sll_ifindex =
					 is_any ? 0 : (int)if_nametoindex(p->device)};

	if (!is_any && !at.sll_ifindex)
		return -ENODEV;
	return bind(fd, (const struct sockaddr *)&at, sizeof(at)) ? -errno : 0;
}

int link_socket_open(struct link_socket **out, const struct capture_plan *p)
{
	struct link_socket *s = calloc(1, sizeof(*s));
	int error;

	if (!s)
		return -ENOMEM;
	s->fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	error = s->fd < 0 ? -errno : set_filter(s->fd, p);
	if (!error)
		error = set_options(s->fd);
	if (!error)
		error = listen_on(s->fd, p);
	if (!error) {
		*out = s;
		return 0;
	}
	link_socket_close(s);
	return error;
}

void link_socket_close(struct link_socket *s)
{
	if (!s)
		return;
	if (s->fd >= 0)
		close(s->fd);
	free(s);
}

int link_socket_fd(const struct link_socket *s)
{
	return s->fd;
}

static void take_auxdata(struct link_frame_in *f, const struct tpacket_auxdata *aux)
{
	f->has_tag = aux->tp_status & TP_STATUS_VLAN_VALID;
	f->tag = aux->tp_vlan_tci;
	f->is_vouched = aux->tp_status & (TP_STATUS_CSUMNOTREADY | TP_STATUS_CSUM_VALID);
	f->wire_len = aux->tp_len;
}

static void take_ancillary(struct link_frame_in *f, struct msghdr *m)
{
	struct tpacket_auxdata aux;
	struct timespec at;

	/* Without it nothing is known of the checksum. */
	f->is_vouched = true;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
		if (c->cmsg_level == SOL_PACKET && c->cmsg_type == PACKET_AUXDATA) {
			memcpy(&aux, CMSG_DATA(c), sizeof(aux));
			take_auxdata(f, &aux);
		} else if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SO_TIMESTAMPNS) {
			memcpy(&at, CMSG_DATA(c), sizeof(at));
			f->at_ns = (int64_t)at.tv_sec * NS_PER_S + at.tv_nsec;
		}
	}
}

/* False: none is there now. */
static bool read_frame(struct link_socket *s, struct link_frame_in *f)
{
	struct sockaddr_ll from = {0};
	union ancillary ancillary;
	struct iovec room = {s->bytes, sizeof(s->bytes)};
	struct msghdr m = {.msg_name = &from,
			   .msg_namelen = sizeof(from),
			   .msg_iov = &room,
			   .msg_iovlen = 1,
			   .msg_control = &ancillary,
			   .msg_controllen = sizeof(ancillary)};
	ssize_t got = recvmsg(s->fd, &m, MSG_DONTWAIT);

	if (got < 0)
		return false;
	*f = (struct link_frame_in){
		.bytes = s->bytes,
		.len = (uint32_t)got,
		.wire_len = (uint32_t)got,
		.device = (uint32_t)from.sll_ifindex,
		.hardware = from.sll_hatype,
		.is_outgoing = from.sll_pkttype == PACKET_OUTGOING,
		.is_to_other_mac = from.sll_pkttype == PACKET_OTHERHOST,
	};
	take_ancillary(f, &m);
	return true;
}

static void add_lost(const struct link_socket *s, uint32_t *n_lost)
{
	struct tpacket_stats stats = {0};
	socklen_t len = sizeof(stats);

	if (!getsockopt(s->fd, SOL_PACKET, PACKET_STATISTICS, &stats, &len))
		*n_lost += stats.tp_drops;
}

unsigned link_socket_read(struct link_socket *s, unsigned max, uint32_t *n_lost,
			  void (*take)(void *arg, const struct link_frame_in *f), void *arg)
{
	struct link_frame_in f;
	unsigned n = 0;

	while (n < max && read_frame(s, &f)) {
		take(arg, &f);
		n++;
	}
	add_lost(s, n_lost);
	return n;
}

void link_socket_own(struct link_tracker_options *o)
{
	struct ifaddrs *all = NULL;
	struct sockaddr_ll at;

	o->n_own_macs = 0;
	o->has_all_own = getifaddrs(&all) == 0;
	for (const struct ifaddrs *i = all; i; i = i->ifa_next) {
		if (!i->ifa_addr || i->ifa_addr->sa_family != AF_PACKET)
			continue;
		memcpy(&at, i->ifa_addr, sizeof(at));
		if (at.sll_hatype != ARPHRD_ETHER || at.sll_halen != 6)
			continue;
		if (o->n_own_macs == LINK_OWN_MAX)
			o->has_all_own = false;
		else
			memcpy(o->own_macs[o->n_own_macs++], at.sll_addr, 6);
	}
	freeifaddrs(all);
}
