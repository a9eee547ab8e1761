/* Saved rules of a cloud: what they say of a packet, and of damaged files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "core/firewall/cloud/cloud.h"

#define GROUP(permissions)                                                  \
	"{\"SecurityGroups\":[{\"GroupId\":\"sg-1\",\"GroupName\":\"web\"," \
	"\"IpPermissions\":[" permissions "]}]}"
#define TCP_443 "{\"IpProtocol\":\"tcp\",\"FromPort\":443,\"ToPort\":443,"
#define CIDR(c) "\"IpRanges\":[{\"CidrIp\":\"" c "\"}]}"

#define ENTRY(n, proto, act, out, cidr, ports)                                   \
	"{\"RuleNumber\":" n ",\"Protocol\":\"" proto "\",\"RuleAction\":\"" act \
	"\",\"Egress\":" out ",\"CidrBlock\":\"" cidr "\"" ports "}"
#define PORTS(from, to) ",\"PortRange\":{\"From\":" from ",\"To\":" to "}"
#define ACL(entries) \
	"{\"NetworkAcls\":[{\"NetworkAclId\":\"acl-1\",\"Entries\":[" entries "]}]}"
#define IN_ALL  ENTRY("100", "-1", "allow", "false", "0.0.0.0/0", "")
#define OUT_ALL ENTRY("100", "-1", "allow", "true", "0.0.0.0/0", "")

static struct addr address(const char *text)
{
	struct addr a;

	assert_int_equal(addr_parse(&a, text), 0);
	return a;
}

static struct cloud_rules *parsed(const char *text)
{
	char error[CLOUD_ERROR_MAX] = "";
	struct cloud_rules *c = cloud_parse(text, strlen(text), error);

	if (!c)
		fail_msg("%s: %s", text, error);
	return c;
}

struct row {
	const char *what, *file;
	const char *client;
	uint16_t client_port;
	uint16_t port;
	enum cloud_verdict verdict;
	const char *words; /* of the rule; "": nothing allows it */
	const char *near;  /* the field that does not fit; NULL: any */
	bool is_reply;
};

static const struct row rows[] = {
	{"a group names the network and the port", GROUP(TCP_443 CIDR("198.51.100.0/24")),
	 "198.51.100.7", 0, 443, CLOUD_OPEN,
	 "sg-1 \"web\": allows 443/tcp from 198.51.100.0/24", NULL, false},
	{"a group names another network", GROUP(TCP_443 CIDR("198.51.100.0/25")),
	 "198.51.100.200", 0, 443, CLOUD_STOPPED, "", "source", false},
	{"a group names another port", GROUP(TCP_443 CIDR("0.0.0.0/0")), "198.51.100.7", 0,
	 8443, CLOUD_STOPPED, "", "port", false},
	{"a group allows everything", GROUP("{\"IpProtocol\":\"-1\"," CIDR("0.0.0.0/0")),
	 "198.51.100.7", 0, 9, CLOUD_OPEN, "everything", NULL, false},
	{"a group allows IPv4 only", GROUP(TCP_443 CIDR("0.0.0.0/0")), "2001:db8::7", 0,
	 443, CLOUD_STOPPED, "", NULL, false},
	{"a group allows an IPv6 network",
	 GROUP(TCP_443 "\"Ipv6Ranges\":[{\"CidrIpv6\":\"2001:db8::/33\"}]}"), "2001:db8::7",
	 0, 443, CLOUD_OPEN, "2001:db8::/33", NULL, false},
	{"a group allows the members of another",
	 GROUP(TCP_443 "\"UserIdGroupPairs\":[{\"GroupId\":\"sg-9\"}]}"), "198.51.100.7", 0,
	 443, CLOUD_UNSURE, "the members of sg-9", NULL, false},
	{"another group is allowed at another port",
	 GROUP(TCP_443 "\"UserIdGroupPairs\":[{\"GroupId\":\"sg-9\"}]}"), "198.51.100.7", 0,
	 80, CLOUD_STOPPED, "", NULL, false},
	{"a list of prefixes that the file does not hold",
	 GROUP(TCP_443 "\"PrefixListIds\":[{\"PrefixListId\":\"pl-1\"}]}"), "198.51.100.7",
	 0, 443, CLOUD_UNSURE, "the prefix list pl-1", NULL, false},
	{"a list of prefixes that the file holds behind it",
	 GROUP(TCP_443
	       "\"PrefixListIds\":[{\"PrefixListId\":\"pl-1\"}]}") "\n"
								   "{\"PrefixLists\":[{"
								   "\"PrefixListId\":\"pl-"
								   "1\",\"Cidrs\":[\"198."
								   "51.100.0/24\"]}]}",
	 "198.51.100.7", 0, 443, CLOUD_OPEN, "pl-1", NULL, false},
	{"no group allows anything", GROUP(""), "198.51.100.7", 0, 443, CLOUD_STOPPED, "",
	 NULL, false},
	{"an ACL denies before it allows",
	 ACL(IN_ALL "," OUT_ALL "," ENTRY("90", "6", "deny", "false", "198.51.100.0/24",
					  PORTS("443", "443"))),
	 "198.51.100.7", 0, 443, CLOUD_STOPPED, "acl-1 rule 90: denies 443/tcp", NULL,
	 false},
	{"an ACL denies after it allows",
	 ACL(IN_ALL "," OUT_ALL "," ENTRY("110", "6", "deny", "false", "198.51.100.0/24",
					  PORTS("443", "443"))),
	 "198.51.100.7", 0, 443, CLOUD_OPEN, "rule 100", NULL, false},
	{"an ACL lets no answer out to the client's port",
	 ACL(IN_ALL
	     "," ENTRY("100", "6", "allow", "true", "0.0.0.0/0", PORTS("443", "443"))),
	 "198.51.100.7", 51514, 443, CLOUD_STOPPED, "", "port", true},
	{"an ACL lets answers out to some ports, and the client's is not known",
	 ACL(IN_ALL
	     "," ENTRY("100", "6", "allow", "true", "0.0.0.0/0", PORTS("32768", "65535"))),
	 "198.51.100.7", 0, 443, CLOUD_UNSURE, "rule 100", NULL, true},
	{"an ACL lets answers out to some ports, and the client's is one",
	 ACL(IN_ALL
	     "," ENTRY("100", "6", "allow", "true", "0.0.0.0/0", PORTS("32768", "65535"))),
	 "198.51.100.7", 51514, 443, CLOUD_OPEN, "", NULL, false},
	{"an ACL passes, and the group does not",
	 ACL(IN_ALL "," OUT_ALL) GROUP(TCP_443 CIDR("10.0.0.0/8")), "198.51.100.7", 0, 443,
	 CLOUD_STOPPED, "", "source", false},
	{"the group passes, and the ACL does not",
	 ACL(OUT_ALL) GROUP(TCP_443 CIDR("0.0.0.0/0")), "198.51.100.7", 0, 443,
	 CLOUD_STOPPED, "", NULL, false},
	{"two ACLs that disagree", ACL(IN_ALL "," OUT_ALL) ACL(OUT_ALL), "198.51.100.7", 0,
	 443, CLOUD_UNSURE, "", NULL, false},
	{"two ACLs that agree", ACL(IN_ALL "," OUT_ALL) ACL(OUT_ALL "," IN_ALL),
	 "198.51.100.7", 0, 443, CLOUD_OPEN, "", NULL, false},
};

static bool has(struct text t, const char *words)
{
	return text_contains_nocase(t, text_of(words));
}

static bool is_said(const struct cloud_rules *c, const struct cloud_answer *a,
		    const char *words)
{
	const struct ruleset *r = &c->rules;

	for (size_t i = 0; i < a->n_unsure; i++)
		if (has(r->rules[a->unsure[i]].comment, words))
			return true;
	return a->rule != UINT32_MAX && has(r->rules[a->rule].comment, words);
}

static void check(const struct row *row)
{
	struct addr client = address(row->client);
	struct addr server =
		address(client.family == AF_INET ? "10.0.0.5" : "2001:db8:1::5");
	struct cloud_rules *c = parsed(row->file);
	struct cloud_answer a;

	assert_int_equal(cloud_ask(c, IPPROTO_TCP, &client, row->client_port, &server,
				   row->port, &a),
			 0);
	if (a.verdict != row->verdict)
		fail_msg("%s: verdict %d", row->what, a.verdict);
	if (*row->words && !is_said(c, &a, row->words))
		fail_msg("%s: \"%s\" is not said", row->what, row->words);
	if (!*row->words && a.verdict == CLOUD_STOPPED && a.rule != UINT32_MAX)
		fail_msg("%s: a rule is blamed", row->what);
	if (row->near && (!a.n_near || strcmp(a.near[0].field, row->near) != 0))
		fail_msg("%s: the near miss is %s", row->what,
			 a.n_near ? a.near[0].field : "none");
	if (a.verdict != CLOUD_OPEN && a.is_reply != row->is_reply)
		fail_msg("%s: reply %d", row->what, a.is_reply);
	table_unref(c);
}

static void groups_and_acls_say_what_the_cloud_does(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		check(&rows[i]);
}

static void a_file_that_is_no_such_document_is_refused_in_one_sentence(void **state)
{
	static const struct {
		const char *file, *why;
	} bad[] = {
		{"", "neither SecurityGroups nor NetworkAcls"},
		{"{", "no JSON"},
		{"[]", "neither"},
		{"{\"SecurityGroups\":7}", "neither"},
		{"{\"SecurityGroups\":[{}]}", "without GroupId"},
		{GROUP("{\"IpProtocol\":\"tcp\",\"FromPort\":70000,\"ToPort\":70001}"),
		 "whose ports are none"},
		{GROUP("{\"IpProtocol\":\"tcp\",\"FromPort\":9,\"ToPort\":8}"), "ports"},
		{GROUP("{\"IpProtocol\":\"banana\"}"), "without a protocol"},
		{ACL(ENTRY("1", "6", "maybe", "false", "0.0.0.0/0", "")), "neither allows"},
		{ACL(ENTRY("1", "6", "deny", "false", "nowhere", "")),
		 "range of addresses"},
		{ACL(ENTRY("1", "6", "deny", "false", "10.0.0.0/33", "")), "range"},
		{"{\"SecurityGroups\":[]}\n}", "document 2"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char error[CLOUD_ERROR_MAX] = "";

		assert_null(cloud_parse(bad[i].file, strlen(bad[i].file), error));
		if (!strstr(error, bad[i].why))
			fail_msg("%s: \"%s\"", bad[i].file, error);
	}
}

static void a_file_that_is_too_long_is_not_parsed(void **state)
{
	char error[CLOUD_ERROR_MAX];

	(void)state;
	assert_null(cloud_parse("{}", CLOUD_BYTES_MAX + 1, error));
	assert_non_null(strstr(error, "longer than 8 MiB"));
}

static void names_from_the_file_are_made_visible(void **state)
{
	struct cloud_rules *c =
		parsed("{\"SecurityGroups\":[{\"GroupId\":\"sg-1\",\"GroupName\":"
		       "\"a\\u001b[2J\\u202e\","
		       "\"IpPermissions\":[" TCP_443 CIDR("0.0.0.0/0") "]}]}");

	(void)state;
	for (size_t i = 0; i < c->rules.n_rules; i++)
		for (size_t k = 0; k < c->rules.rules[i].comment.len; k++)
			assert_in_range(c->rules.rules[i].comment.bytes[k], ' ', '~');
	table_unref(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(groups_and_acls_say_what_the_cloud_does),
		cmocka_unit_test(
			a_file_that_is_no_such_document_is_refused_in_one_sentence),
		cmocka_unit_test(a_file_that_is_too_long_is_not_parsed),
		cmocka_unit_test(names_from_the_file_are_made_visible),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
