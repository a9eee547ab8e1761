/*
 * Frames from a live device. Opened with the rights that this takes; afterwards none are
 * needed, and its filter cannot be changed any more. packet(7), socket(7), pcap(3PCAP).
 */
#include "capture/source.h"

#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "capture/pcap_library.h"

#define TIMEOUT_MS        50
#define TAGGED_FILTER_MAX 8192

static int error_of_activate(int status)
{
	switch (status) {
	case PCAP_ERROR_PERM_DENIED:
	case PCAP_ERROR_PROMISC_PERM_DENIED:
		return -EPERM;
	case PCAP_ERROR_NO_SUCH_DEVICE:
		return -ENODEV;
	case PCAP_ERROR_IFACE_NOT_UP:
		return -ENETDOWN;
	default:
		return -EIO;
	}
}

static int activate(struct source_in *s, const struct live_options *o,
		    char error[SOURCE_ERROR_MAX])
{
	const struct pcap_library *l = s->library;
	int status;

	l->set_snaplen(s->handle, o->snaplen);
	l->set_promisc(s->handle, o->is_promiscuous);
	l->set_timeout(s->handle, TIMEOUT_MS);
	l->set_buffer_size(s->handle, o->buffer_bytes);
	l->set_tstamp_precision(s->handle, PCAP_TSTAMP_PRECISION_NANO);
	status = l->activate(s->handle);
	if (status >= 0)
		return 0;
	status = error_of_activate(status);
	if (status == -EPERM)
		snprintf(error, SOURCE_ERROR_MAX,
			 "capturing on '%s' needs CAP_NET_RAW (run as root)", o->device);
	else if (status == -ENODEV)
		snprintf(error, SOURCE_ERROR_MAX, "there is no interface '%s' here",
			 o->device);
	else if (status == -ENETDOWN)
		snprintf(error, SOURCE_ERROR_MAX, "the interface '%s' is down", o->device);
	else
		snprintf(error, SOURCE_ERROR_MAX, "capturing on '%s' failed: %s", o->device,
			 l->geterr(s->handle));
	return status;
}

/* The second cooked form tells the interface of every packet. */
static void prefer_cooked_v2(struct source_in *s)
{
	const struct pcap_library *l = s->library;
	int *types = NULL, n = l->list_datalinks(s->handle, &types);

	for (int i = 0; i < n; i++)
		if (types[i] == DLT_LINUX_SLL2)
			l->set_datalink(s->handle, DLT_LINUX_SLL2);
	if (n >= 0)
		l->free_datalinks(types);
}

/*
 * "vlan" shifts the offsets of all that follows it, so it stands last; only Ethernet has
 * it. pcap-filter(7).
 */
static int set_filter(struct source_in *s, const char *filter, char error[SOURCE_ERROR_MAX])
{
	char tagged[TAGGED_FILTER_MAX];
	int len;

	if (!filter)
		return 0;
	len = snprintf(tagged, sizeof(tagged), "(%s) or (vlan and (%s))", filter, filter);
	if (s->link_type == DLT_EN10MB && len > 0 && (size_t)len < sizeof(tagged) &&
	    !pcap_library_set_filter(s, tagged, error))
		return 0;
	return pcap_library_set_filter(s, filter, error);
}

/* From here on nobody who takes this process over can see more than the filter lets pass.
 */
static int lock_filter(struct source_in *s, char error[SOURCE_ERROR_MAX])
{
	int on = 1, code;

	if (!setsockopt(s->library->fileno(s->handle), SOL_SOCKET, SO_LOCK_FILTER, &on,
			sizeof(on)))
		return 0;
	code = -errno;
	snprintf(error, SOURCE_ERROR_MAX, "the filter cannot be locked: %s",
		 strerror(-code));
	return code;
}

static int set_up(struct source_in *s, const struct live_options *o,
		  char error[SOURCE_ERROR_MAX])
{
	int code = activate(s, o, error);

	if (code)
		return code;
	if (!strcmp(o->device, "any"))
		prefer_cooked_v2(s);
	s->device = if_nametoindex(o->device);
	s->link_type = s->library->datalink(s->handle);
	s->snaplen = s->library->snapshot(s->handle);
	if (!packet_knows_link(s->link_type)) {
		snprintf(error, SOURCE_ERROR_MAX,
			 "the frames of '%s' (link type %d) are not known here", o->device,
			 s->link_type);
		return -EOPNOTSUPP;
	}
	code = set_filter(s, o->filter, error);
	if (!code)
		code = lock_filter(s, error);
	if (!code && s->library->setnonblock(s->handle, 1, error))
		code = -EIO;
	if (!code)
		s->fd = s->library->get_selectable_fd(s->handle);
	return !code && s->fd < 0 ? -EIO : code;
}

static long read_batch(struct source_in *s, int max, char error[SOURCE_ERROR_MAX])
{
	int got = pcap_library_dispatch(s, max);

	if (got >= 0)
		return got;
	snprintf(error, SOURCE_ERROR_MAX, "%s", s->library->geterr(s->handle));
	return strstr(error, "disappeared") ? -ENODEV : -ENETDOWN;
}

static void read_drops(const struct source_in *s, struct capture_state *state)
{
	struct pcap_stat stats;

	if (s->library->stats(s->handle, &stats))
		return;
	state->n_kernel_drops = stats.ps_drop;
	state->n_device_drops = stats.ps_ifdrop;
}

static void close_handle(struct source_in *s)
{
	if (s->handle)
		s->library->close(s->handle);
}

static const struct source_ops live_ops = {read_batch, read_drops, close_handle};

int source_open_live(struct source_in **out, const struct live_options *o,
		     char error[SOURCE_ERROR_MAX])
{
	char libpcap_error[PCAP_ERRBUF_SIZE] = "";
	const struct pcap_library *l = pcap_library(error);
	struct source_in *s;
	int code;

	if (!l)
		return -ENOSYS;
	s = source_new(&live_ops);
	if (!s)
		return -ENOMEM;
	s->library = l;
	s->handle = l->create(o->device, libpcap_error);
	code = s->handle ? set_up(s, o, error) : -EIO;
	if (!s->handle)
		snprintf(error, SOURCE_ERROR_MAX, "capturing failed: %.200s",
			 libpcap_error);
	if (!code) {
		*out = s;
		return 0;
	}
	source_close(s);
	return code;
}
