/*
 * The floor of reading a device: libpcap with a ring of 16 MiB, blocks of packets given
 * after 50 ms, a filter of flags in the kernel; counts packets and nothing else.
 *
 *     live_floor DEVICE
 *
 * Until the standard input ends. Prints packets, losses and its processor time in ns.
 */
#include <dlfcn.h>
#include <pcap.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

enum { RING = 16 << 20, TIMEOUT_MS = 50, SNAPLEN = 128, CHUNK = 8192 };

#define FILTER "tcp[13] & 6 != 0 or (ip6 proto 6 and ip6[53] & 6 != 0)"

#define FUNCTIONS(X)         \
	X(create)            \
	X(set_snaplen)       \
	X(set_timeout)       \
	X(set_buffer_size)   \
	X(activate)          \
	X(compile)           \
	X(setfilter)         \
	X(setnonblock)       \
	X(get_selectable_fd) \
	X(dispatch)          \
	X(stats)

#define X(name) __typeof__(&pcap_##name) name;
static struct {
	FUNCTIONS(X)
} lib;
#undef X

static bool load(void)
{
	void *library = dlopen("libpcap.so.0.8", RTLD_NOW);

	if (!library)
		return false;
#define X(name)                                              \
	*(void **)&lib.name = dlsym(library, "pcap_" #name); \
	if (!lib.name)                                       \
		return false;
	FUNCTIONS(X)
#undef X
	return true;
}

static void count(u_char *arg, const struct pcap_pkthdr *h, const u_char *bytes)
{
	unsigned long *n = (unsigned long *)(void *)arg;

	(void)h;
	*n += bytes != NULL;
}

static pcap_t *open_device(const char *name)
{
	char error[PCAP_ERRBUF_SIZE];
	pcap_t *p = lib.create(name, error);
	struct bpf_program program;

	if (!p)
		return NULL;
	lib.set_snaplen(p, SNAPLEN);
	lib.set_timeout(p, TIMEOUT_MS);
	lib.set_buffer_size(p, RING);
	if (lib.activate(p) < 0 || lib.setnonblock(p, 1, error) ||
	    lib.compile(p, &program, FILTER, 1, PCAP_NETMASK_UNKNOWN) ||
	    lib.setfilter(p, &program))
		return NULL;
	return p;
}

static long long cpu_ns(void)
{
	struct rusage r;

	getrusage(RUSAGE_SELF, &r);
	return (r.ru_utime.tv_sec + r.ru_stime.tv_sec) * 1000000000LL +
	       (r.ru_utime.tv_usec + r.ru_stime.tv_usec) * 1000LL;
}

int main(int argc, char **argv)
{
	struct pcap_stat stats = {0};
	unsigned long n = 0;
	pcap_t *p = argc == 2 && load() ? open_device(argv[1]) : NULL;
	struct pollfd polls[2] = {{.events = POLLIN}, {STDIN_FILENO, POLLIN, 0}};
	long long before_ns;

	if (!p) {
		fprintf(stderr, "live_floor: the device cannot be opened\n");
		return 1;
	}
	polls[0].fd = lib.get_selectable_fd(p);
	puts("ready");
	fflush(stdout);
	before_ns = cpu_ns();
	while (!polls[1].revents) {
		poll(polls, 2, 100);
		lib.dispatch(p, CHUNK, count, (u_char *)&n);
	}
	lib.stats(p, &stats);
	printf("%lu %u %lld\n", n, stats.ps_drop + stats.ps_ifdrop, cpu_ns() - before_ns);
	return 0;
}
