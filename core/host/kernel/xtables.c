/* Reading the tables of iptables-legacy: names first, then each table's bytes as they are.
 * Knows nothing of what a rule says. */
#include "core/host/kernel/xtables.h"

#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <linux/netfilter.h>
#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netfilter_ipv6/ip6_tables.h>
#include <netlink/msg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/base/xtables.h"
#include "core/host/kernel/netlink_query.h"

enum {
	TRIES_MAX = 3,
	TRY_AGAIN_US = 10000,
	TABLES_MAX = 64,
	TABLE_BYTES_MAX = 256 << 20,
	PIECE_BYTES = 32768
};

_Static_assert(sizeof(struct ipt_getinfo) == sizeof(struct ip6t_getinfo) &&
		       IPT_SO_GET_INFO == IP6T_SO_GET_INFO &&
		       IPT_SO_GET_ENTRIES == IP6T_SO_GET_ENTRIES &&
		       offsetof(struct ipt_get_entries, entrytable) ==
			       offsetof(struct ip6t_get_entries, entrytable),
	       "both families are asked in the same way");

static const struct family {
	uint8_t number; /* NFPROTO_ */
	int domain, level;
	const char *names;
} families[] = {
	{NFPROTO_IPV4, AF_INET, IPPROTO_IP, "/proc/thread-self/net/ip_tables_names"},
	{NFPROTO_IPV6, AF_INET6, IPPROTO_IPV6, "/proc/thread-self/net/ip6_tables_names"},
};

/* A message of ours in the answer. */
static int put(struct bundle_out *out, uint16_t type, const void *head, size_t head_size,
	       const void *bytes, size_t n)
{
	static uint8_t room[NLMSG_HDRLEN + sizeof(struct xtables_piece) + PIECE_BYTES]
		__attribute__((aligned(NLMSG_ALIGNTO)));
	struct nlmsghdr *h = (struct nlmsghdr *)(void *)room;

	*h = (struct nlmsghdr){.nlmsg_len = (uint32_t)(NLMSG_HDRLEN + head_size + n),
			       .nlmsg_type = type};
	memcpy(room + NLMSG_HDRLEN, head, head_size);
	if (n)
		memcpy(room + NLMSG_HDRLEN + head_size, bytes, n);
	return netlink_parts_put(out, h);
}

static struct xtables_piece head_of(const struct family *family,
				    const struct ipt_getinfo *info)
{
	struct xtables_piece p = {.family = family->number,
				  .valid_hooks = info->valid_hooks,
				  .n_entries = info->num_entries,
				  .size = info->size};

	memcpy(p.table, info->name, sizeof(p.table));
	memcpy(p.hook_entry, info->hook_entry, sizeof(p.hook_entry));
	memcpy(p.underflow, info->underflow, sizeof(p.underflow));
	return p;
}

static int put_table(struct bundle_out *out, const struct family *family,
		     const struct ipt_getinfo *info, const uint8_t *bytes)
{
	struct xtables_piece p = head_of(family, info);
	int error = 0;

	while (!error && p.offset < p.size) {
		uint32_t left = p.size - p.offset;
		uint32_t n = left < PIECE_BYTES ? left : PIECE_BYTES;

		error = put(out, XTABLES_PIECE, &p, sizeof(p), bytes + p.offset, n);
		p.offset += n;
	}
	return error;
}

static int ask_info(int fd, const struct family *family, const char *name,
		    struct ipt_getinfo *info)
{
	socklen_t len = sizeof(*info);

	memset(info, 0, sizeof(*info));
	memcpy(info->name, name, strnlen(name, sizeof(info->name) - 1));
	return getsockopt(fd, family->level, IPT_SO_GET_INFO, info, &len) ? -errno : 0;
}

/* The table as it is now. *bytes: given to the caller, to be freed. */
static int ask_entries(int fd, const struct family *family, const struct ipt_getinfo *info,
		       struct ipt_get_entries **bytes)
{
	size_t head = offsetof(struct ipt_get_entries, entrytable);
	socklen_t len = (socklen_t)(head + info->size);
	struct ipt_get_entries *room;
	int error;

	if (info->size > TABLE_BYTES_MAX)
		return -EFBIG;
	room = calloc(1, len);
	if (!room)
		return -ENOMEM;
	memcpy(room->name, info->name, sizeof(room->name));
	room->size = info->size;
	if (getsockopt(fd, family->level, IPT_SO_GET_ENTRIES, room, &len)) {
		error = -errno;
		free(room);
		return error;
	}
	*bytes = room;
	return 0;
}

/* -EAGAIN: it changed between the questions, each time. */
static int read_table(struct bundle_out *out, int fd, const struct family *family,
		      const char *name)
{
	struct ipt_get_entries *entries = NULL;
	struct ipt_getinfo info;
	int error = -EAGAIN;

	for (int i = 0; i < TRIES_MAX && error == -EAGAIN; i++) {
		if (i)
			usleep(TRY_AGAIN_US);
		error = ask_info(fd, family, name, &info);
		if (!error)
			error = ask_entries(fd, family, &info, &entries);
	}
	if (error)
		return error;
	error = put_table(out, family, &info, (const uint8_t *)entries->entrytable);
	free(entries);
	return error;
}

/* The table's numbers alone. */
static int read_head(struct bundle_out *out, int fd, const struct family *family,
		     const char *name)
{
	struct ipt_getinfo info;
	int error = ask_info(fd, family, name, &info);
	struct xtables_piece p;

	if (error)
		return error;
	p = head_of(family, &info);
	return put(out, XTABLES_PIECE, &p, sizeof(p), NULL, 0);
}

/* One name a line. A table that is gone meanwhile is none. */
static void read_named(struct bundle_out *out, int fd, const struct family *family,
		       FILE *names, bool heads_only, struct xtables_end *end)
{
	char line[XTABLES_NAME_BYTES + 1]; /* newline and NUL behind the longest name */

	while (!out->error && fgets(line, sizeof(line), names)) {
		size_t len = strcspn(line, "\n");
		int error;

		if (!line[len] || end->n_tables == TABLES_MAX) {
			end->error = EMSGSIZE;
			return;
		}
		line[len] = '\0';
		error = !len         ? -ENOENT
			: heads_only ? read_head(out, fd, family, line)
				     : read_table(out, fd, family, line);
		end->n_tables = (uint16_t)(end->n_tables + !error);
		end->is_changing |= error == -EAGAIN;
		if (error && error != -ENOENT && !end->error)
			end->error = -error;
	}
	if (ferror(names))
		end->error = EIO;
}

static void read_tables(struct bundle_out *out, const struct family *family, FILE *names,
			bool heads_only, struct xtables_end *end)
{
	int first = fgetc(names), fd;

	/* Without a table not even a socket is opened: that might load its protocol. */
	if (first == EOF)
		return;
	ungetc(first, names);
	fd = socket(family->domain, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0) {
		end->error = errno;
		return;
	}
	read_named(out, fd, family, names, heads_only, end);
	close(fd);
}

/* 0 or the error of what could not be read. */
static int read_family(struct bundle_out *out, const struct family *family, bool heads_only)
{
	struct xtables_end end = {.family = family->number};
	FILE *names = fopen(family->names, "re");

	/* No such file: this kernel has none of them loaded. */
	if (!names && errno != ENOENT)
		end.error = errno == EACCES ? EPERM : errno;
	if (names) {
		read_tables(out, family, names, heads_only, &end);
		fclose(names);
	}
	if (out->error)
		return out->error;
	put(out, XTABLES_END, &end, sizeof(end), NULL, 0);
	return -end.error;
}

static int read_families(struct bundle_out *out, bool heads_only)
{
	int result = 0;

	for (size_t i = 0; i < sizeof(families) / sizeof(*families); i++) {
		int error = read_family(out, &families[i], heads_only);

		if (out->error)
			return out->error;
		result = result ? result : error;
	}
	return result;
}

int xtables_read(struct bundle_out *out)
{
	return read_families(out, false);
}

int xtables_read_heads(struct bundle_out *out)
{
	return read_families(out, true);
}
