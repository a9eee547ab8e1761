/*
 * libpcap, loaded when it is first needed ("libpcap.so.0.8"), so that commands without
 * packets neither load nor need it. dlopen(3), pcap(3PCAP).
 */
#ifndef CAPTURE_PCAP_LIBRARY_H
#define CAPTURE_PCAP_LIBRARY_H

#include <pcap.h>
#include <stdint.h>

#include "capture/source_impl.h"

/* X(function of pcap.h, without its "pcap_") */
#define PCAP_FUNCTIONS(X)       \
	X(create)               \
	X(set_snaplen)          \
	X(set_promisc)          \
	X(set_timeout)          \
	X(set_buffer_size)      \
	X(set_tstamp_precision) \
	X(activate)             \
	X(list_datalinks)       \
	X(free_datalinks)       \
	X(set_datalink)         \
	X(datalink)             \
	X(snapshot)             \
	X(setnonblock)          \
	X(get_selectable_fd)    \
	X(fileno)               \
	X(compile)              \
	X(setfilter)            \
	X(freecode)             \
	X(dispatch)             \
	X(stats)                \
	X(geterr)               \
	X(close)                \
	X(fopen_offline_with_tstamp_precision)

struct pcap_library {
#define X(name) __typeof__(&pcap_##name) name;
	PCAP_FUNCTIONS(X)
#undef X
};

/* NULL with a sentence if it is not installed or too old. Loaded once and kept. */
const struct pcap_library *pcap_library(char error[SOURCE_ERROR_MAX]);

/*
 * Compiles the filter and sets it on s->handle. 0, -EINVAL (the sentence quotes libpcap)
 * or -errno.
 */
int pcap_library_set_filter(struct source_in *s, const char *filter,
			    char error[SOURCE_ERROR_MAX]);
/* Up to SOURCE_BATCH frames to source_frame(). As pcap_dispatch(3PCAP). */
int pcap_library_dispatch(struct source_in *s, int max);

#endif
