/* The documents of AWS' own tool to lines. API reference of EC2: DescribeSecurityGroups,
 * DescribeNetworkAcls, DescribePrefixLists. Evaluates nothing. */
#include "core/firewall/cloud/cloud.h"

#include <errno.h>
#include <jansson.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/str.h"
#include "core/firewall/cloud/cloud_rows.h"

enum { NAME_SHOWN = 60, DOCUMENTS_MAX = 16 };

/* All documents of the file, for the lists that rules name. */
struct documents {
	json_t *rows[DOCUMENTS_MAX];
	size_t n;
};

static const char *string_of(const json_t *object, const char *key)
{
	const char *s = json_string_value(json_object_get(object, key));

	return s ? s : "";
}

static struct text keep(struct cloud_reader *r, struct str *s)
{
	struct text t = s->failed ? TEXT_NONE
				  : arena_text(r->arena, (struct text){s->data, s->len});

	r->failed |= s->failed || (s->len && !t.bytes);
	str_release(s);
	return t;
}

/* A name from the file as it may stand in a sentence. */
static void put_name(struct str *out, const char *name)
{
	struct text t = text_of(name);

	if (t.len > NAME_SHOWN)
		t.len = NAME_SHOWN;
	text_show(out, t, TEXT_ASCII);
}

static uint32_t add_chain(struct cloud_reader *r, struct cloud_chain chain)
{
	struct cloud_chain *c = vec_push(&r->chains);

	if (!c)
		r->failed = true;
	else
		*c = chain;
	return (uint32_t)r->chains.n - 1;
}

/* ---- a line ---- */

/* "tcp", "6", "-1"; false: it is no protocol. */
static bool read_proto(const char *word, int *out)
{
	static const struct {
		const char *word;
		int proto;
	} names[] = {{"tcp", IPPROTO_TCP},
		     {"udp", IPPROTO_UDP},
		     {"icmp", IPPROTO_ICMP},
		     {"icmpv6", IPPROTO_ICMPV6}};
	char *end;
	long n;

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (!strcmp(word, names[i].word)) {
			*out = names[i].proto;
			return true;
		}
	n = strtol(word, &end, 10);
	if (end == word || *end || n < CLOUD_ANY_PROTO || n > UINT8_MAX)
		return false;
	*out = (int)n;
	return true;
}

static bool read_prefix(const char *word, struct addr *prefix, unsigned *len)
{
	char copy[ADDR_TEXT_MAX + 8];
	char *slash, *end;
	unsigned long n;

	snprintf(copy, sizeof(copy), "%s", word);
	slash = strchr(copy, '/');
	if (!slash || strlen(word) >= sizeof(copy))
		return false;
	*slash = '\0';
	n = strtoul(slash + 1, &end, 10);
	if (addr_parse(prefix, copy) || end == slash + 1 || *end ||
	    n > (prefix->family == AF_INET ? 32U : 128U))
		return false;
	*len = (unsigned)n;
	return true;
}

static bool read_ports(struct cloud_row *row, const json_t *from, const json_t *to)
{
	json_int_t low = json_integer_value(from), high = json_integer_value(to);

	row->has_ports = false;
	if (!json_is_integer(from) || !json_is_integer(to) ||
	    (row->proto != IPPROTO_TCP && row->proto != IPPROTO_UDP))
		return true;
	if (low == -1)
		return true;
	if (low < 0 || high < low || high > UINT16_MAX)
		return false;
	row->has_ports = true;
	row->low_port = (uint16_t)low;
	row->high_port = (uint16_t)high;
	return true;
}

static void put_traffic(struct str *out, const struct cloud_row *row)
{
	const char *word = row->proto == IPPROTO_TCP   ? "tcp"
			   : row->proto == IPPROTO_UDP ? "udp"
						       : NULL;

	if (row->has_ports && row->low_port == row->high_port)
		str_printf(out, "%u/", row->low_port);
	else if (row->has_ports)
		str_printf(out, "%u-%u/", row->low_port, row->high_port);
	if (word)
		str_puts(out, word);
	else if (row->proto == CLOUD_ANY_PROTO)
		str_puts(out, "everything");
	else
		str_printf(out, "protocol %d", row->proto);
}

static void add_row(struct cloud_reader *r, const struct cloud_row *row, struct str *words)
{
	struct cloud_row *new;

	if (r->rows.n == CLOUD_ROWS_MAX) {
		r->is_full = true;
		str_release(words);
		return;
	}
	new = vec_push(&r->rows);
	if (!new) {
		r->failed = true;
		str_release(words);
		return;
	}
	*new = *row;
	new->at = r->rows.n;
	new->words = keep(r, words);
}

/* ---- security groups ---- */

static void add_allowed(struct cloud_reader *r, struct cloud_row row, const char *group,
			const char *from, const char *note)
{
	struct str words = {0};

	put_name(&words, group);
	str_puts(&words, ": allows ");
	put_traffic(&words, &row);
	str_puts(&words, " from ");
	put_name(&words, from);
	if (*note) {
		str_puts(&words, " (");
		put_name(&words, note);
		str_putc(&words, ')');
	}
	add_row(r, &row, &words);
}

static void add_unknown(struct cloud_reader *r, struct cloud_row row, const char *group,
			const char *what, const char *id)
{
	struct str s = {0};

	str_puts(&s, what);
	put_name(&s, id);
	row.unknown = keep(r, &s);
	if (row.unknown.len)
		add_allowed(r, row, group, row.unknown.bytes, "");
}

static void read_ranges(struct cloud_reader *r, struct cloud_row row, const char *group,
			const json_t *ranges, const char *key)
{
	size_t i;
	json_t *range;

	json_array_foreach(ranges, i, range)
	{
		const char *cidr = string_of(range, key);

		if (read_prefix(cidr, &row.prefix, &row.prefix_len)) {
			add_allowed(r, row, group, cidr, string_of(range, "Description"));
		} else {
			row.prefix = (struct addr){0};
			add_unknown(r, row, group, "a range that is not understood, ",
				    cidr);
		}
	}
}

/* The prefixes of a list, where some document of the file has it. */
static const json_t *find_list(const struct documents *d, const char *id)
{
	for (size_t k = 0; k < d->n; k++) {
		const json_t *lists = json_object_get(d->rows[k], "PrefixLists");
		size_t i;
		json_t *list;

		json_array_foreach(lists, i, list)
		{
			if (*id && !strcmp(string_of(list, "PrefixListId"), id) &&
			    json_is_array(json_object_get(list, "Cidrs")))
				return json_object_get(list, "Cidrs");
		}
	}
	return NULL;
}

static void read_list(struct cloud_reader *r, const struct documents *d,
		      struct cloud_row row, const char *group, const char *id)
{
	const json_t *cidrs = find_list(d, id);
	size_t i;
	json_t *cidr;

	if (!cidrs)
		add_unknown(r, row, group, "the prefix list ", id);
	json_array_foreach(cidrs, i, cidr)
	{
		const char *word = json_string_value(cidr) ? json_string_value(cidr) : "";

		if (read_prefix(word, &row.prefix, &row.prefix_len))
			add_allowed(r, row, group, word, id);
	}
}

static const char *read_permission(struct cloud_reader *r, const struct documents *d,
				   const char *group, const json_t *p)
{
	struct cloud_row row = {.chain = 0, .is_allowed = true};
	size_t i;
	json_t *other;

	if (!read_proto(string_of(p, "IpProtocol"), &row.proto))
		return "a permission without a protocol";
	if (!read_ports(&row, json_object_get(p, "FromPort"), json_object_get(p, "ToPort")))
		return "a permission whose ports are none";
	read_ranges(r, row, group, json_object_get(p, "IpRanges"), "CidrIp");
	read_ranges(r, row, group, json_object_get(p, "Ipv6Ranges"), "CidrIpv6");
	json_array_foreach(json_object_get(p, "PrefixListIds"), i, other)
	{
		read_list(r, d, row, group, string_of(other, "PrefixListId"));
	}
	json_array_foreach(json_object_get(p, "UserIdGroupPairs"), i, other)
	{
		add_unknown(r, row, group, "the members of ", string_of(other, "GroupId"));
	}
	return NULL;
}

static const char *read_group(struct cloud_reader *r, const struct documents *d,
			      const json_t *group)
{
	const json_t *permissions = json_object_get(group, "IpPermissions");
	struct str s = {0};
	struct text name;
	const char *error = NULL;
	size_t i;
	json_t *p;

	if (!json_is_array(permissions) || !*string_of(group, "GroupId"))
		return "a security group without GroupId or IpPermissions";
	str_puts(&s, string_of(group, "GroupId"));
	if (*string_of(group, "GroupName"))
		str_printf(&s, " \"%s\"", string_of(group, "GroupName"));
	name = keep(r, &s);
	r->n_groups++;
	json_array_foreach(permissions, i, p)
	{
		if (!error && name.len)
			error = read_permission(r, d, name.bytes, p);
	}
	return error;
}

/* ---- network ACLs ---- */

static void say_entry(struct cloud_reader *r, const struct cloud_row *row, const char *acl,
		      const char *cidr)
{
	struct str words = {0};

	put_name(&words, acl);
	str_printf(&words, " rule %lld: %s ", (long long)row->order,
		   row->is_allowed ? "allows" : "denies");
	put_traffic(&words, row);
	str_puts(&words, " of ");
	put_name(&words, cidr);
	add_row(r, row, &words);
}

static const char *read_entry(struct cloud_reader *r, const char *acl, uint32_t in,
			      const json_t *e)
{
	const json_t *range = json_object_get(e, "PortRange");
	const char *cidr = string_of(e, "CidrBlock");
	const char *action = string_of(e, "RuleAction");
	struct cloud_row row = {
		.chain = in + (uint32_t)json_is_true(json_object_get(e, "Egress")),
		.order = json_integer_value(json_object_get(e, "RuleNumber")),
		.is_allowed = !strcmp(action, "allow")};

	if (!row.is_allowed && strcmp(action, "deny"))
		return "an entry of an ACL that neither allows nor denies";
	if (!*cidr)
		cidr = string_of(e, "Ipv6CidrBlock");
	if (!read_proto(string_of(e, "Protocol"), &row.proto))
		return "an entry of an ACL without a protocol";
	if (!read_prefix(cidr, &row.prefix, &row.prefix_len))
		return "an entry of an ACL without a range of addresses";
	if (!read_ports(&row, json_object_get(range, "From"), json_object_get(range, "To")))
		return "an entry of an ACL whose ports are none";
	say_entry(r, &row, acl, cidr);
	return NULL;
}

static const char *read_acl(struct cloud_reader *r, const json_t *acl)
{
	const json_t *entries = json_object_get(acl, "Entries");
	const char *id = string_of(acl, "NetworkAclId"), *error = NULL;
	struct cloud_chain chain = {.drops = true};
	struct str s = {0};
	uint32_t in;
	size_t i;
	json_t *e;

	if (!json_is_array(entries) || !*id)
		return "a network ACL without NetworkAclId or Entries";
	put_name(&s, id);
	chain.table = chain.name = keep(r, &s);
	in = add_chain(r, chain);
	chain.is_out = true;
	add_chain(r, chain);
	r->n_acls++;
	json_array_foreach(entries, i, e)
	{
		if (!error && !r->failed)
			error = read_entry(r, id, in, e);
	}
	return error;
}

/* ---- the file ---- */

static const char *read_document(struct cloud_reader *r, const struct documents *d,
				 const json_t *document)
{
	const json_t *groups = json_object_get(document, "SecurityGroups");
	const json_t *acls = json_object_get(document, "NetworkAcls");
	const char *error = NULL;
	size_t i;
	json_t *row;

	json_array_foreach(groups, i, row)
	{
		if (!error)
			error = read_group(r, d, row);
	}
	json_array_foreach(acls, i, row)
	{
		if (!error)
			error = read_acl(r, row);
	}
	return error;
}

/* Several documents behind one another are what `cat` makes of several files. */
static const char *load(struct documents *d, const char *bytes, size_t len,
			char error[CLOUD_ERROR_MAX])
{
	json_error_t why;
	size_t at = 0;

	while (at < len && strchr(" \t\r\n", bytes[at]) && bytes[at])
		at++;
	while (at < len && d->n < DOCUMENTS_MAX) {
		json_t *j = json_loadb(bytes + at, len - at, JSON_DISABLE_EOF_CHECK, &why);

		if (!j) {
			snprintf(error, CLOUD_ERROR_MAX,
				 "it is no JSON, line %d of document %zu", why.line,
				 d->n + 1);
			return error;
		}
		d->rows[d->n++] = j;
		at += (size_t)why.position;
		while (at < len && bytes[at] && strchr(" \t\r\n", bytes[at]))
			at++;
	}
	return at < len ? "it holds more than 16 documents" : NULL;
}

static const char *read_all(struct cloud_rules *c, const struct documents *d)
{
	struct cloud_reader r = {.arena = &c->head.arena,
				 .rows = VEC_OF(struct cloud_row),
				 .chains = VEC_OF(struct cloud_chain)};
	const char *error = NULL;

	add_chain(&r, (struct cloud_chain){.table = text_of("security groups"),
					   .name = text_of("security groups"),
					   .drops = true});
	for (size_t i = 0; i < d->n && !error; i++)
		error = read_document(&r, d, d->rows[i]);
	if (!error && !r.n_groups && !r.n_acls)
		error = "it has neither SecurityGroups nor NetworkAcls";
	if (!error && r.is_full)
		error = "it has more than 65536 lines of rules";
	if (!error && (r.failed || cloud_make(c, &r)))
		error = "there is no memory for it";
	c->n_groups = r.n_groups;
	c->n_acls = r.n_acls;
	vec_release(&r.rows);
	vec_release(&r.chains);
	return error;
}

struct cloud_rules *cloud_parse(const char *bytes, size_t len, char error[CLOUD_ERROR_MAX])
{
	struct documents d = {.n = 0};
	struct cloud_rules *c = NULL;
	const char *why = "it is longer than 8 MiB";

	if (len <= CLOUD_BYTES_MAX) {
		c = table_new(sizeof(*c), NULL);
		why = c ? load(&d, bytes, len, error) : "there is no memory for it";
	}
	if (!why)
		why = read_all(c, &d);
	for (size_t i = 0; i < d.n; i++)
		json_decref(d.rows[i]);
	if (!why)
		return c;
	if (why != error)
		snprintf(error, CLOUD_ERROR_MAX, "%s", why);
	table_unref(c);
	return NULL;
}
