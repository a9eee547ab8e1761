/* Which source ports are taken, where a connection of our own found none. Judges nothing.
 */
#include "core/host/read/reach.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { PORTS = 65536, TCP_TIME_WAIT_STATE = 6 };

struct port_marks {
	uint8_t held[PORTS], busy[PORTS], waiting[PORTS];
};

/* "0100000A" words of 32 bits in host order, as /proc/net/tcp has them: to bytes. */
static bool parse_words(const char *hex, struct addr *out)
{
	size_t n = strlen(hex) / 8;
	uint32_t words[4];

	if (n != 1 && n != 4)
		return false;
	for (size_t i = 0; i < n; i++)
		if (sscanf(hex + 8 * i, "%8x", &words[i]) != 1)
			return false;
	*out = n == 1 ? addr_v4(words) : addr_v6(words);
	*out = addr_unmapped(out);
	return true;
}

static void take_line(struct port_marks *m, const char *line, const struct addr *to,
		      uint16_t port)
{
	char local[33], remote[33];
	unsigned local_port, remote_port, state;
	struct addr far;

	if (sscanf(line, " %*u: %32[0-9A-F]:%4x %32[0-9A-F]:%4x %2x", local, &local_port,
		   remote, &remote_port, &state) != 5 ||
	    local_port >= PORTS || !parse_words(remote, &far))
		return;
	m->held[local_port] = 1;
	if (remote_port != port || !addr_equals(&far, to))
		return;
	m->busy[local_port] = 1;
	m->waiting[local_port] |= state == TCP_TIME_WAIT_STATE;
}

static void read_table(struct port_marks *m, const char *path, const struct addr *to,
		       uint16_t port)
{
	FILE *f = fopen(path, "re");
	char line[512];

	while (f && fgets(line, sizeof(line), f))
		take_line(m, line, to, port);
	if (f)
		fclose(f);
}

/* "8080,9148-9200" */
static unsigned count_reserved(unsigned low, unsigned high)
{
	FILE *f = fopen("/proc/sys/net/ipv4/ip_local_reserved_ports", "re");
	unsigned first, last, n = 0;

	while (f && fscanf(f, "%u", &first) == 1) {
		last = first;
		if (fscanf(f, "-%u", &last) < 0)
			last = first;
		for (unsigned p = first; p <= last && p < PORTS; p++)
			n += p >= low && p <= high;
		if (fgetc(f) != ',')
			break;
	}
	if (f)
		fclose(f);
	return n;
}

static int read_range(unsigned *low, unsigned *high)
{
	FILE *f = fopen("/proc/sys/net/ipv4/ip_local_port_range", "re");
	int n = f ? fscanf(f, "%u %u", low, high) : 0;

	if (f)
		fclose(f);
	return n == 2 && *low <= *high && *high < PORTS ? 0 : -ENODATA;
}

static unsigned count(const uint8_t *marks, unsigned low, unsigned high)
{
	unsigned n = 0;

	for (unsigned p = low; p <= high; p++)
		n += marks[p];
	return n;
}

void reach_ports(const struct reach_try *t, size_t at, uint16_t port,
		 struct bundle_out *out)
{
	static struct port_marks m;
	unsigned low = 0, high = 0;
	char name[16], line[160];
	int error = read_range(&low, &high), n;

	snprintf(name, sizeof(name), "ports/%zu", at);
	if (error) {
		bundle_out_item(out, name, NULL, 0, -error);
		return;
	}
	memset(&m, 0, sizeof(m));
	read_table(&m, "/proc/thread-self/net/tcp", &t->to, port);
	read_table(&m, "/proc/thread-self/net/tcp6", &t->to, port);
	n = snprintf(line, sizeof(line),
		     "low=%u high=%u busy=%u waiting=%u held=%u reserved=%u", low, high,
		     count(m.busy, low, high), count(m.waiting, low, high),
		     count(m.held, low, high), count_reserved(low, high));
	bundle_out_item(out, name, line, (size_t)n, 0);
}
