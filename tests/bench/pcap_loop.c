/* The floor of reading a capture file: libpcap as it comes, counting packets and nothing
 * else. */
#include <dlfcn.h>
#include <pcap.h>
#include <stdio.h>

static void count(u_char *arg, const struct pcap_pkthdr *h, const u_char *bytes)
{
	unsigned long *n = (unsigned long *)(void *)arg;

	(void)h;
	*n += bytes != NULL;
}

int main(int argc, char **argv)
{
	void *library = dlopen("libpcap.so.0.8", RTLD_NOW);
	__typeof__(&pcap_open_offline) open_offline;
	__typeof__(&pcap_dispatch) dispatch;
	char error[PCAP_ERRBUF_SIZE];
	unsigned long n = 0;
	pcap_t *file;

	if (argc != 2 || !library)
		return 2;
	*(void **)&open_offline = dlsym(library, "pcap_open_offline");
	*(void **)&dispatch = dlsym(library, "pcap_dispatch");
	file = open_offline(argv[1], error);
	if (!file)
		return 1;
	dispatch(file, -1, count, (u_char *)&n);
	printf("%lu\n", n);
	return 0;
}
