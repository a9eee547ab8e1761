/*
 * The items of FILES_HOST and FILES_NET -> facts. Keeps /etc/services and /etc/passwd as
 * bytes: their meaning is in core/services.
 */
#include "core/snapshot/facts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/pieces.h"
#include "core/base/time.h"
#include "core/snapshot/net_facts.h"
#include "core/snapshot/words.h"

#define CLK_TCK_USUAL 100
#define LONG_FILE     (1 << 20)
#define FIRST_PIDNS   UINT64_C(4026531836) /* include/linux/proc_ns.h, PROC_PID_INIT_INO */

/* What 1/comm, self/status and the links say of /proc. */
struct proc_signs {
	uint64_t own_pidns, pidns_of_1; /* 0: not told */
	unsigned n_own_pids; /* NSpid: one for each namespace from that of /proc on */
	bool lacks_init, lacks_self;
};

/* Both kinds of facts: which one it was is known at the end only. */
struct facts_decoder {
	struct host_facts *host; /* NULL before the first part */
	struct net_facts *net;
	struct str services, passwd;
	struct proc_signs proc;
};

struct facts_decoder *facts_new(void)
{
	return calloc(1, sizeof(struct facts_decoder));
}

void facts_reset(struct facts_decoder *d)
{
	table_unref(d->host);
	table_unref(d->net);
	str_release(&d->services);
	str_release(&d->passwd);
	*d = (struct facts_decoder){0};
}

void facts_free(struct facts_decoder *d)
{
	if (d)
		facts_reset(d);
	free(d);
}

static int prepare(struct facts_decoder *d)
{
	if (!d->host) {
		d->host = table_new(sizeof(*d->host), NULL);
		if (!d->host)
			return -ENOMEM;
		d->host->services_error = d->host->passwd_error = ENOENT;
		d->host->clk_tck = CLK_TCK_USUAL;
		d->host->uid = UINT32_MAX;
		d->host->hides_pids = d->host->is_inner_proc = TRI_UNSURE;
		d->host->tells_hooks = TRI_UNSURE;
	}
	if (!d->net) {
		d->net = net_facts_new();
		if (!d->net)
			return -ENOMEM;
	}
	return 0;
}

static int keep(struct facts_decoder *d, struct text *out, struct text t)
{
	struct text copy = arena_text(&d->host->head.arena, t);

	if (!text_is_empty(t) && text_is_empty(copy))
		return -ENOMEM;
	*out = copy;
	return 0;
}

static int take_hostname(struct facts_decoder *d, const struct bundle_item *item)
{
	return keep(d, &d->host->hostname, piece_strip(item->data));
}

static int take_kernel(struct facts_decoder *d, const struct bundle_item *item)
{
	return keep(d, &d->host->kernel, piece_strip(item->data));
}

static int take_boot_id(struct facts_decoder *d, const struct bundle_item *item)
{
	return keep(d, &d->host->boot_id, piece_strip(item->data));
}

static int take_init(struct facts_decoder *d, const struct bundle_item *item)
{
	d->proc.lacks_init = item->error == ENOENT;
	return keep(d, &d->host->init, piece_strip(item->data));
}

/* One more piece of a file, as far as it is read at all. */
static int take_long(struct str *file, int *error, const struct bundle_item *item)
{
	size_t room = LONG_FILE - file->len;
	size_t len = item->data.len < room ? item->data.len : room;

	*error = len < item->data.len ? EMSGSIZE : item->error;
	return str_append(file, item->data.bytes, len);
}

static int take_services(struct facts_decoder *d, const struct bundle_item *item)
{
	return take_long(&d->services, &d->host->services_error, item);
}

static int take_passwd(struct facts_decoder *d, const struct bundle_item *item)
{
	return take_long(&d->passwd, &d->host->passwd_error, item);
}

static int take_stat(struct facts_decoder *d, const struct bundle_item *item)
{
	struct text rest = item->data, line;
	uint64_t seconds;

	while (piece_next(&rest, '\n', &line))
		if (piece_starts(line, "btime ") &&
		    words_number(piece_tail(line, strlen("btime ")), INT64_MAX / NS_PER_S,
				 &seconds))
			d->host->boot_wall_ns = (int64_t)seconds * NS_PER_S;
	return 0;
}

/* "0.00 0.02 0.00 1/94 7991" */
static int take_loadavg(struct facts_decoder *d, const struct bundle_item *item)
{
	struct text rest = item->data, word, running;
	uint64_t n;

	for (int i = 0; i < 4; i++)
		if (!piece_word(&rest, &word))
			return 0;
	if (piece_next(&word, '/', &running) && words_number(word, UINT32_MAX, &n))
		d->host->n_tasks = (uint32_t)n;
	return 0;
}

static unsigned count_words(struct text line)
{
	struct text word;
	unsigned n = 0;

	while (piece_word(&line, &word))
		n++;
	return n;
}

/* "Uid: real effective saved fs", "NSpid: 4711 12", "CapEff: 000001ffffffffff", by tabs */
static int take_status(struct facts_decoder *d, const struct bundle_item *item)
{
	struct text rest = item->data, line, key, word;
	uint64_t uid;

	d->proc.lacks_self = item->error == ENOENT;
	while (piece_next(&rest, '\n', &line)) {
		if (!piece_word(&line, &key))
			continue;
		if (text_equals_str(key, "NSpid:"))
			d->proc.n_own_pids = count_words(line);
		if (!piece_word(&line, &word))
			continue;
		if (text_equals_str(key, "CapEff:"))
			d->host->caps = words_hex(word);
		if (text_equals_str(key, "Uid:") && piece_word(&line, &word) &&
		    words_number(word, UINT32_MAX, &uid))
			d->host->uid = (uint32_t)uid;
	}
	return 0;
}

static int take_clk_tck(struct facts_decoder *d, const struct bundle_item *item)
{
	uint64_t ticks;

	if (words_number(item->data, UINT32_MAX, &ticks) && ticks)
		d->host->clk_tck = (uint32_t)ticks;
	return 0;
}

/* "net:[4026531840]" */
static void read_link(struct text target, const char *head, uint64_t *inode)
{
	if (piece_starts(target, head))
		words_number(piece_tail(target, strlen(head)), UINT64_MAX, inode);
}

static int take_netns(struct facts_decoder *d, const struct bundle_item *item)
{
	read_link(item->data, "net:[", &d->host->netns);
	return 0;
}

static int take_own_pidns(struct facts_decoder *d, const struct bundle_item *item)
{
	read_link(item->data, "pid:[", &d->proc.own_pidns);
	return 0;
}

static int take_pidns_of_1(struct facts_decoder *d, const struct bundle_item *item)
{
	read_link(item->data, "pid:[", &d->proc.pidns_of_1);
	return 0;
}

/* hidepid= as a number or, since Linux 5.8, a word. */
static bool hides_pids(struct text options)
{
	struct text option;

	while (piece_next(&options, ',', &option)) {
		if (!piece_starts(option, "hidepid="))
			continue;
		option = piece_tail(option, strlen("hidepid="));
		return !text_equals_str(option, "0") && !text_equals_str(option, "off");
	}
	return false;
}

/* "24 30 0:22 / /proc rw,relatime shared:13 - proc proc rw,hidepid=invisible" */
static int take_mount_proc(struct facts_decoder *d, const struct bundle_item *item)
{
	struct text rest = item->data, line, word, point = TEXT_NONE;

	while (piece_next(&rest, '\n', &line)) {
		for (int i = 0; i < 5 && piece_word(&line, &word); i++)
			point = word;
		if (!text_equals_str(point, "/proc"))
			continue;
		while (piece_word(&line, &word))
			point = word;
		d->host->hides_pids = hides_pids(point) ? TRI_YES : TRI_NO;
	}
	return 0;
}

static int take_mount_cgroup2(struct facts_decoder *d, const struct bundle_item *item)
{
	d->host->has_cgroup2 = item->data.len > 0;
	return 0;
}

static int take_hooks(struct facts_decoder *d, const struct bundle_item *item)
{
	if (!item->error || item->error == ENOPKG)
		d->host->tells_hooks = item->error ? TRI_NO : TRI_YES;
	return 0;
}

static int take_vendor(struct facts_decoder *d, const struct bundle_item *item)
{
	return keep(d, &d->host->dmi_vendor, piece_strip(item->data));
}

static int take_product(struct facts_decoder *d, const struct bundle_item *item)
{
	return keep(d, &d->host->dmi_product, piece_strip(item->data));
}

static int take_bios(struct facts_decoder *d, const struct bundle_item *item)
{
	return keep(d, &d->host->dmi_bios, piece_strip(item->data));
}

static int take_asset(struct facts_decoder *d, const struct bundle_item *item)
{
	return keep(d, &d->host->dmi_asset, piece_strip(item->data));
}

static const struct {
	const char *name;
	int (*take)(struct facts_decoder *d, const struct bundle_item *item);
} items[] = {
	{"sys/kernel/hostname", take_hostname},
	{"sys/kernel/osrelease", take_kernel},
	{"sys/kernel/random/boot_id", take_boot_id},
	{"1/comm", take_init},
	{"etc/services", take_services},
	{"etc/passwd", take_passwd},
	{"stat", take_stat},
	{"loadavg", take_loadavg},
	{"self/status", take_status},
	{"clk_tck", take_clk_tck},
	{"self/ns/net", take_netns},
	{"self/ns/pid", take_own_pidns},
	{"1/ns/pid", take_pidns_of_1},
	{"mount/proc", take_mount_proc},
	{"mount/cgroup2", take_mount_cgroup2},
	{"kernel/nfnetlink_hook", take_hooks},
	{"dmi/sys_vendor", take_vendor},
	{"dmi/product_name", take_product},
	{"dmi/bios_version", take_bios},
	{"dmi/chassis_asset_tag", take_asset},
};

static int take_item(void *decoder, const struct bundle_item *item)
{
	struct facts_decoder *d = decoder;

	for (size_t i = 0; i < sizeof(items) / sizeof(*items); i++)
		if (text_equals_str(item->name, items[i].name))
			return items[i].take(d, item);
	net_facts_take(d->net, item);
	return 0;
}

int facts_decode(struct facts_decoder *d, const void *bytes, size_t len)
{
	int r = prepare(d);

	return r ? r : bundle_each(bytes, len, take_item, d);
}

/* At most 4 digits: no version has more. */
static bool next_number(struct text *rest, unsigned *out)
{
	uint64_t number;

	if (!piece_number(rest, 9999, &number))
		return false;
	*out = (unsigned)number;
	return true;
}

/* "6.1.0-18-amd64" */
enum tri host_kernel_since(const struct host_facts *host, unsigned major, unsigned minor)
{
	struct text rest = host->kernel;
	unsigned has_major, has_minor;

	if (!next_number(&rest, &has_major) || !piece_starts(rest, "."))
		return TRI_UNSURE;
	rest = piece_tail(rest, 1);
	if (!next_number(&rest, &has_minor))
		return TRI_UNSURE;
	if (has_major != major)
		return has_major > major ? TRI_YES : TRI_NO;
	return has_minor >= minor ? TRI_YES : TRI_NO;
}

/*
 * Whose processes /proc shows. Its first process tells, but not to everyone; the reader's
 * own namespace tells if /proc is of that one, which is so if it knows the reader by one
 * number. Where /proc is that of an ancestor, that may be an inner one too.
 */
static enum tri is_inner_proc(const struct proc_signs *p)
{
	uint64_t of_proc = p->pidns_of_1;

	if (!of_proc && (p->n_own_pids == 1 || p->own_pidns == FIRST_PIDNS))
		of_proc = p->own_pidns;
	if (of_proc)
		return of_proc == FIRST_PIDNS ? TRI_NO : TRI_YES;
	return p->own_pidns ? TRI_YES : TRI_UNSURE;
}

/* 0 or -ENOMEM. */
static int finish_files(struct facts_decoder *d)
{
	int e = keep(d, &d->host->services_file,
		     (struct text){d->services.data, d->services.len});

	if (!e)
		e = keep(d, &d->host->passwd_file,
			 (struct text){d->passwd.data, d->passwd.len});
	str_release(&d->services);
	str_release(&d->passwd);
	return e;
}

struct host_facts *facts_finish_host(struct facts_decoder *d)
{
	struct host_facts *host;

	if (prepare(d) || finish_files(d))
		return NULL;
	host = d->host;
	host->has_no_proc = d->proc.lacks_init && d->proc.lacks_self;
	host->is_inner_proc = is_inner_proc(&d->proc);
	d->proc = (struct proc_signs){0};
	d->host = NULL;
	return host;
}

struct net_facts *facts_finish_net(struct facts_decoder *d)
{
	struct net_facts *net;

	if (prepare(d))
		return NULL;
	net = d->net;
	d->net = NULL;
	return net;
}
