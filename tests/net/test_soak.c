/*
 * Ten thousand refreshes, with everything that a refresh does (broker, workers, decoding,
 * linking): neither memory nor descriptors grow in any of the processes. Prints TAP. The
 * first tenth fills caches and is not counted.
 */
#include <dirent.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/host/broker/broker.h"
#include "core/host/broker/protocol.h"
#include "core/snapshot/refresh.h"

#define ROUNDS     10000
#define WARM_UP    1000
#define GROWTH_KIB 512 /* what a whole process may differ by: a few pages of heap */
#define FAMILY_MAX 16
/* Listeners of two protocols and families, links, addresses, routes, two sets of files,
 * owners. */
#define LEAST_ANSWERS 10

struct family {
	pid_t pids[FAMILY_MAX];
	long rss_kib[FAMILY_MAX];
	size_t n;
};

static long field_of(pid_t pid, const char *name)
{
	char path[64], line[256];
	long value = -1;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	f = fopen(path, "r");
	while (f && fgets(line, sizeof(line), f))
		if (strncmp(line, name, strlen(name)) == 0)
			value = atol(line + strlen(name));
	if (f)
		fclose(f);
	return value;
}

/* The broker and its children: workers and this process. */
static void measure(struct family *family)
{
	DIR *dir = opendir("/proc");
	struct dirent *e;

	family->n = 0;
	while (dir && (e = readdir(dir)) && family->n < FAMILY_MAX) {
		pid_t pid = (pid_t)atoi(e->d_name);

		if (pid != getppid() && (pid <= 0 || field_of(pid, "PPid:") != getppid()))
			continue;
		family->pids[family->n] = pid;
		family->rss_kib[family->n++] = field_of(pid, "VmRSS:");
	}
	if (dir)
		closedir(dir);
}

static int count_fds(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int n = 0;

	while (dir && readdir(dir))
		n++;
	if (dir)
		closedir(dir);
	return n;
}

/* Sends all that is due. The number of requests, or -1. */
static int ask_all(struct refresh *r, struct channel *c, int64_t now_ns)
{
	struct request request;
	uint32_t seq;
	int n = 0;

	while (refresh_next(r, now_ns, &request)) {
		if (channel_request(c, &request, &seq) || refresh_sent(r, seq, now_ns))
			return -1;
		n++;
	}
	return n;
}

/* Feeds what has come. The number of answers that ended, or -1. */
static int take_all(struct refresh *r, struct channel *c, int64_t now_ns)
{
	enum channel_event event;
	struct blob blob;
	int n = 0;

	while ((event = channel_receive(c, &blob)) != CHANNEL_NOTHING) {
		if (event == CHANNEL_CLOSED || event == CHANNEL_NOTICE)
			return -1;
		if (event == CHANNEL_BLOB && refresh_blob(r, &blob, now_ns) < 0)
			return -1;
		n += event == CHANNEL_BLOB && blob_is_end(&blob);
	}
	return n;
}

/* One whole look: everything asked, answered, linked. The number of answers, -1: it failed.
 */
static int refresh_once(struct refresh *r, struct channel *c, int64_t now_ns)
{
	struct pollfd p = {.fd = channel_fd(c), .events = POLLIN};
	int n_open, n_answers = 0;

	refresh_now(r);
	n_open = ask_all(r, c, now_ns);
	while (n_open > 0) {
		int ended, asked;

		poll(&p, 1, 1000);
		ended = take_all(r, c, now_ns);
		asked = ask_all(r, c, now_ns);
		if (ended < 0 || asked < 0)
			return -1;
		n_answers += ended;
		n_open += asked - ended;
	}
	table_unref(refresh_snapshot(r));
	return n_open < 0 ? -1 : n_answers;
}

static int judge(const struct family *before, const struct family *after, int fds_before)
{
	long growth = 0;
	bool is_same = before->n == after->n;

	for (size_t i = 0; is_same && i < after->n; i++) {
		is_same = before->pids[i] == after->pids[i];
		printf("# process %d: %ld KiB, then %ld KiB\n", (int)after->pids[i],
		       before->rss_kib[i], after->rss_kib[i]);
		if (after->rss_kib[i] - before->rss_kib[i] > growth)
			growth = after->rss_kib[i] - before->rss_kib[i];
	}
	printf("%sok 1 - the same processes live after %d refreshes\n",
	       is_same ? "" : "not ", ROUNDS);
	printf("%sok 2 - no process grew\n", growth <= GROWTH_KIB ? "" : "not ");
	printf("%sok 3 - no descriptor was lost\n",
	       count_fds() == fds_before ? "" : "not ");
	return !is_same || growth > GROWTH_KIB || count_fds() != fds_before;
}

static int child(int socket, void *arg)
{
	struct refresh_options options = {0};
	struct channel *c = channel_live_take(socket);
	struct refresh *r = refresh_new(&options);
	struct family before = {0}, after = {0};
	int64_t now_ns = host_now_ns();
	int fds = 0, failed = 1;

	(void)arg;
	for (int i = 0; c && r && i < ROUNDS; i++) {
		now_ns += 3600 * INT64_C(1000000000); /* every source is due again */
		if (refresh_once(r, c, now_ns) < LEAST_ANSWERS) {
			printf("not ok 1 - refresh %d was answered in full\n1..1\n", i);
			return 1;
		}
		if (i == WARM_UP) {
			measure(&before);
			fds = count_fds();
		}
	}
	measure(&after);
	failed = judge(&before, &after, fds);
	printf("1..4\n");
	refresh_free(r);
	channel_free(c);
	fflush(stdout);
	return failed;
}

int main(void)
{
	struct broker_options options = {
		.serves = true, .n_workers = 2, .export_dir_fd = -1};
	struct sockaddr_in any = {.sin_family = AF_INET};
	int fds, code;

	for (int i = 0; i < 20; i++) {
		int s = socket(AF_INET, SOCK_STREAM, 0);

		if (s < 0 || bind(s, (struct sockaddr *)&any, sizeof(any)) || listen(s, 5))
			return 77;
	}
	fds = count_fds();
	fflush(stdout);
	code = broker_run(&options, child, NULL);
	printf("%sok 4 - the broker closed all that it had opened\n",
	       count_fds() == fds ? "" : "not ");
	return code || count_fds() != fds;
}
