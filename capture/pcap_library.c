/* Finding libpcap's functions, and the few lines that live devices and files share. */
#include "capture/pcap_library.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

static const char library_name[] = "libpcap.so.0.8";

static const char *const function_names[] = {
#define X(name) "pcap_" #name,
	PCAP_FUNCTIONS(X)
#undef X
};

enum { N_FUNCTIONS = sizeof(function_names) / sizeof(function_names[0]) };

static int load(struct pcap_library *out, char error[SOURCE_ERROR_MAX])
{
	void *handle = dlopen(library_name, RTLD_NOW | RTLD_LOCAL);
	void *found[N_FUNCTIONS];

	_Static_assert(sizeof(found) == sizeof(*out), "one pointer per function");
	if (!handle) {
		snprintf(error, SOURCE_ERROR_MAX,
			 "%s is not installed (Debian: libpcap0.8); packets cannot be read",
			 library_name);
		return -ENOSYS;
	}
	for (size_t i = 0; i < N_FUNCTIONS; i++) {
		found[i] = dlsym(handle, function_names[i]);
		if (found[i])
			continue;
		snprintf(error, SOURCE_ERROR_MAX, "%s is too old: it has no %s()",
			 library_name, function_names[i]);
		dlclose(handle);
		return -ENOSYS;
	}
	memcpy(out, found, sizeof(*out));
	return 0;
}

const struct pcap_library *pcap_library(char error[SOURCE_ERROR_MAX])
{
	static struct pcap_library library;
	static bool is_loaded;

	if (!is_loaded && load(&library, error))
		return NULL;
	is_loaded = true;
	return &library;
}

int pcap_library_set_filter(struct source_in *s, const char *filter,
			    char error[SOURCE_ERROR_MAX])
{
	const struct pcap_library *l = s->library;
	struct bpf_program program;
	int failed;

	if (l->compile(s->handle, &program, filter, 1, PCAP_NETMASK_UNKNOWN)) {
		snprintf(error, SOURCE_ERROR_MAX, "the filter is not understood: %s",
			 l->geterr(s->handle));
		return -EINVAL;
	}
	failed = l->setfilter(s->handle, &program);
	l->freecode(&program);
	if (!failed)
		return 0;
	snprintf(error, SOURCE_ERROR_MAX, "the filter cannot be set: %s",
		 l->geterr(s->handle));
	return -EIO;
}

/* The precision is nanoseconds. A time beyond all years is a damaged one. */
static int64_t time_of(const struct timeval *t)
{
	int64_t seconds = t->tv_sec;

	if (seconds < 0 || seconds > INT64_MAX / 1000000000 - 1)
		return 0;
	return seconds * 1000000000 + t->tv_usec % 1000000000;
}

static void take_frame(u_char *arg, const struct pcap_pkthdr *h, const u_char *bytes)
{
	struct source_in *s = (struct source_in *)(void *)arg;

	source_frame(s, time_of(&h->ts), bytes, h->caplen, h->len);
}

int pcap_library_dispatch(struct source_in *s, int max)
{
	return s->library->dispatch(s->handle, max, take_frame, (u_char *)s);
}
