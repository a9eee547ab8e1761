/* Requests of every shape with their texts, and what is wrong with others. */
#ifndef TESTS_UNIT_REQUEST_ROWS_H
#define TESTS_UNIT_REQUEST_ROWS_H

#include <netinet/in.h>
#include <sys/socket.h>

#include "core/host/request.h"

#define N_OF(rows) (sizeof(rows) / sizeof(*(rows)))
#define OWN_NETNS                 \
	{                         \
		.kind = NETNS_OWN \
	}
#define NAMED(text)                              \
	{                                        \
		.kind = NETNS_NAME, .name = text \
	}
#define TCP_LISTENERS                                                       \
	{                                                                   \
		.family = AF_INET, .protocol = IPPROTO_TCP, .states = 0x400 \
	}
#define V4(a, b, c, d)                                     \
	{                                                  \
		.family = AF_INET, .bytes = { a, b, c, d } \
	}
#define V6_LAST(last)                                              \
	{                                                          \
		.family = AF_INET6, .bytes = { 0xfd, [15] = last } \
	}
#define NAME_63 "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijk"

static const uint32_t three_inodes[] = {7, 0x12345678, UINT32_MAX};

static const struct {
	struct request request;
	const char *text;
} texts[] = {
	{{.kind = REQUEST_SOCK_DIAG,
	  .sock_diag = {.family = AF_INET,
			.protocol = IPPROTO_TCP,
			.states = 0x400,
			.extensions = 0x40}},
	 "sock_diag/family=2,protocol=6,states=0x400,ext=0x40"},
	{{.kind = REQUEST_SOCK_DIAG,
	  .sock_diag = {.protocol = IPPROTO_TCP, .states = 0x400, .extensions = 0x40}},
	 "sock_diag/family=0,protocol=6,states=0x400,ext=0x40"},
	{{.kind = REQUEST_SOCK_DIAG,
	  .netns = {.kind = NETNS_PID, .pid = 4711},
	  .sock_diag = {.family = AF_INET6,
			.protocol = IPPROTO_MPTCP,
			.states = UINT32_MAX,
			.extensions = UINT8_MAX}},
	 "sock_diag/family=10,protocol=262,states=0xffffffff,ext=0xff,netns=pid:4711"},
	{{.kind = REQUEST_RTNETLINK, .rtnetlink = {RTNL_LINKS}}, "rtnetlink/dump=links"},
	{{.kind = REQUEST_RTNETLINK, .rtnetlink = {RTNL_LOCAL_ROUTES}},
	 "rtnetlink/dump=local_routes"},
	{{.kind = REQUEST_RTNETLINK, .rtnetlink = {RTNL_NEIGHBOURS}},
	 "rtnetlink/dump=neighbours"},
	{{.kind = REQUEST_FILES, .files = {FILES_COUNTERS}}, "files/set=counters"},
	{{.kind = REQUEST_FILES, .netns = NAMED("blue"), .files = {FILES_SETTINGS}},
	 "files/set=settings,netns=name:blue"},
	{{.kind = REQUEST_RULESET}, "ruleset/-"},
	{{.kind = REQUEST_PROGRAMS}, "programs/-"},
	{{.kind = REQUEST_IPSEC}, "ipsec/-"},
	{{.kind = REQUEST_RTNETLINK, .rtnetlink = {RTNL_RULES}}, "rtnetlink/dump=rules"},
	{{.kind = REQUEST_BRIDGES}, "bridges/-"},
	{{.kind = REQUEST_STANDING_RULES}, "rules/-"},
	{{.kind = REQUEST_GENERATION}, "generation/-"},
	{{.kind = REQUEST_UNITS}, "units/-"},
	{{.kind = REQUEST_MEMBER,
	  .member = {.backend = MEMBER_NFT,
		     .family = 1,
		     .table = "filter",
		     .set = "blocked",
		     .key_len = 4,
		     .key = {10, 9, 0, 2}}},
	 "set/nft,family=1,table=filter,set=blocked,key=0a090002"},
	{{.kind = REQUEST_MEMBER,
	  .netns = NAMED("blue"),
	  .member = {.family = 1, .table = "a b", .set = "__set%d"}},
	 "set/nft,family=1,table=a%20b,set=__set%25d,netns=name:blue"},
	{{.kind = REQUEST_MEMBER,
	  .member = {.backend = MEMBER_IPSET,
		     .family = AF_INET,
		     .set = "f2b-sshd",
		     .ipset = {.address = V4(10, 9, 0, 2), .is_net = true}}},
	 "set/ipset,family=2,set=f2b-sshd,ip=10.9.0.2,net"},
	{{.kind = REQUEST_MEMBER,
	  .member = {.backend = MEMBER_IPSET,
		     .family = AF_INET,
		     .set = "s",
		     .ipset = {.address = V4(10, 9, 0, 2),
			       .address2 = V4(10, 9, 0, 3),
			       .has_proto = true,
			       .proto = IPPROTO_TCP,
			       .has_port = true,
			       .port = 22,
			       .has_mark = true,
			       .mark = 7,
			       .device = "eth0"}}},
	 "set/ipset,family=2,set=s,ip=10.9.0.2,ip2=10.9.0.3,proto=6,port=22,mark=7,"
	 "dev=eth0"},
	{{.kind = REQUEST_ROUTE, .route = {.target = V4(10, 0, 0, 1)}},
	 "route/to=10.0.0.1"},
	{{.kind = REQUEST_ROUTE,
	  .route = {.target = V4(10, 0, 0, 1),
		    .source = V4(192, 0, 2, 7),
		    .in_ifindex = 2,
		    .mark = UINT32_MAX,
		    .proto = IPPROTO_TCP,
		    .source_port = 1,
		    .target_port = 443}},
	 "route/"
	 "to=10.0.0.1,from=192.0.2.7,iif=2,mark=4294967295,proto=6,sport=1,dport=443"},
	{{.kind = REQUEST_ROUTE,
	  .netns = {.kind = NETNS_PID, .pid = 9},
	  .route = {.target = V6_LAST(1), .out_ifindex = INT32_MAX, .proto = 132}},
	 "route/to=fd00::1,oif=2147483647,proto=132,netns=pid:9"},
	{{.kind = REQUEST_CONNTRACK, .conntrack = {IPPROTO_TCP, 443}},
	 "conntrack/proto=6,port=443"},
	{{.kind = REQUEST_PROCESSES, .processes = {{7, INT32_MAX}, 2}}, "processes/-"},
	{{.kind = REQUEST_PROCESSES}, "processes/-"},
	{{.kind = REQUEST_LOGS, .logs = {INT64_MAX, {{1}, 1}}}, "logs/-"},
	{{.kind = REQUEST_CHANGES, .changes = {1, {{1, 2, 3}, 3}}}, "changes/-"},
	{{.kind = REQUEST_NAMES, .names = {"db_1.Example.org"}},
	 "names/name=db_1.Example.org"},
	{{.kind = REQUEST_NAMES, .names = {NAME_63 "." NAME_63}},
	 "names/name=" NAME_63 ".abcdefghijklmn.c5bbdc1f81507b1d"},
	{{.kind = REQUEST_PROBE, .probe = {IPPROTO_TCP, V4(10, 0, 0, 1), 443, 2000}},
	 "probe/proto=6,to=10.0.0.1,port=443"},
	{{.kind = REQUEST_REACH,
	  .reach = {.proto = IPPROTO_TCP,
		    .port = 443,
		    .n = 2,
		    .addresses = {V6_LAST(1), V4(10, 0, 0, 1)},
		    .talk = REACH_TALK_TLS,
		    .sweeps = true,
		    .name = "web1",
		    .timeout_ms = REACH_TIMEOUT_MAX_MS}},
	 "reach/proto=6,port=443,talk=tls,sweep,to=fd00::1,to=10.0.0.1,name=web1"},
	{{.kind = REQUEST_REACH,
	  .reach = {.proto = IPPROTO_TCP,
		    .port = 22,
		    .n = 1,
		    .addresses = {V4(10, 0, 0, 1)},
		    .talk = REACH_TALK_LISTEN,
		    .timeout_ms = 1}},
	 "reach/proto=6,port=22,talk=listen,to=10.0.0.1"},
	{{.kind = REQUEST_REACH,
	  .reach = {.proto = IPPROTO_UDP,
		    .port = 53,
		    .n = 1,
		    .addresses = {V4(10, 0, 0, 1)},
		    .talk = REACH_TALK_DNS,
		    .timeout_ms = 1}},
	 "reach/proto=17,port=53,talk=dns,to=10.0.0.1"},
	{{.kind = REQUEST_TRACE,
	  .trace = {IPPROTO_TCP, V4(10, 0, 0, 2), 443, {0}, 0, 5000}},
	 "trace/proto=6,client=10.0.0.2,port=443"},
	{{.kind = REQUEST_TRACE,
	  .trace = {IPPROTO_UDP, V6_LAST(2), 53, V6_LAST(3), 5353, TRACE_TIMEOUT_MAX_MS}},
	 "trace/proto=17,client=fd00::2,port=53"},
	{{.kind = REQUEST_DROPS, .drops = {IPPROTO_TCP, V4(10, 0, 0, 2), 443, 5000}},
	 "drops/proto=6,client=10.0.0.2,port=443"},
	{{.kind = REQUEST_DROPS, .drops = {IPPROTO_UDP, {0}, 53, TRACE_TIMEOUT_MAX_MS}},
	 "drops/proto=17,port=53"},
	{{.kind = REQUEST_JOINED}, "joined/-"},
	{{.kind = REQUEST_REMOTE,
	  .remote = {.n = 1,
		     .clients = {"bob@c1.example.org"},
		     .host = "web1",
		     .port = 443,
		     .patience_ms = 4000}},
	 "remote/to=web1,port=443,client=bob%40c1.example.org"},
	{{.kind = REQUEST_REMOTE,
	  .remote = {.n = 2,
		     .clients = {"fd00::2", "a_b+c@d-e"},
		     .host = "fd00::1",
		     .port = UINT16_MAX,
		     .patience_ms = REMOTE_PATIENCE_MAX_MS}},
	 "remote/to=fd00::1,port=65535,client=fd00::2,client=a_b%2Bc%40d-e"},
	{{.kind = REQUEST_CAPTURE}, "capture/kind=dashboard"},
	{{.kind = REQUEST_CAPTURE,
	  .capture = {.kind = CAPTURE_REQUEST_FLOW,
		      .proto = IPPROTO_TCP,
		      .n_ports = 2,
		      .ports = {443, 80},
		      .client = V4(10, 0, 0, 2),
		      .device = "eth0",
		      .is_promiscuous = true}},
	 "capture/kind=flow,proto=6,ports=443+80,client=10.0.0.2,dev=eth0,promiscuous"},
	{{.kind = REQUEST_CAPTURE,
	  .capture = {.kind = CAPTURE_REQUEST_ALL,
		      .server = V6_LAST(2),
		      .device = "a%b\xc3\xa9"}},
	 "capture/kind=all,server=fd00::2,dev=a%25b%C3%A9"},
	{{.kind = REQUEST_CAPTURE,
	  .capture = {.kind = CAPTURE_REQUEST_ALL, .save = "dport-web-1.pcap"}},
	 "capture/kind=all"},
	{{.kind = REQUEST_FILES, .netns = NAMED("blue"), .files = {FILES_NET}},
	 "files/set=net,netns=name:blue"},
	{{.kind = REQUEST_FILES, .files = {FILES_HOST}}, "files/set=host"},
	{{.kind = REQUEST_FILES, .files = {FILES_PROC_NET_SOCKETS}},
	 "files/set=proc_net_sockets"},
	{{.kind = REQUEST_OWNERS, .owners = {three_inodes, 3}}, "owners/-"},
	{{.kind = REQUEST_OWNERS, .netns = NAMED("blue")}, "owners/netns=name:blue"},
	{{.kind = REQUEST_NAMESPACES}, "namespaces/-"},
	{{.kind = REQUEST_SOCKET_UNITS}, "socket_units/-"},
	{{.kind = REQUEST_CGROUPS}, "cgroups/-"},
	/* what is not of the chosen kind of namespace does not count */
	{{.kind = REQUEST_CGROUPS, .netns = {NETNS_OWN, 12, "blue"}}, "cgroups/-"},
	{{.kind = REQUEST_CGROUPS, .netns = NAMED("a%b~c")},
	 "cgroups/netns=name:a%25b%7Ec"},
	{{.kind = REQUEST_CGROUPS, .netns = NAMED("a=b,c:d._-")},
	 "cgroups/netns=name:a=b,c:d._-"},
	{{.kind = REQUEST_CGROUPS,
	  .netns = NAMED("abcdefghijklmnopqrstuvwxyzabcdefghijklm")},
	 "cgroups/netns=name:abcdefghijklmnopqrstuvwxyzabcdefghijklm"},
	{{.kind = REQUEST_CGROUPS,
	  .netns = NAMED("abcdefghijklmnopqrstuvwxyzabcdefghijklmn")},
	 "cgroups/netns=long:abcdefghijklmnopqrstuv.a7daab58094a831d"},
};

/* What a request of each shape is made of, and one thing wrong with it. */
#define ROUTE(...)                                                                       \
	{                                                                                \
		.kind = REQUEST_ROUTE, .route = {.target = V4(1, 2, 3, 4), __VA_ARGS__ } \
	}
#define PROBE(...)                                              \
	{                                                       \
		.kind = REQUEST_PROBE, .probe = { __VA_ARGS__ } \
	}
#define SOME_ADDRESS V4(1, 2, 3, 4)
#define REACH(proto_of, port_of, n_of, to, talk_of, name_of, ms) \
	{                                                        \
		.kind = REQUEST_REACH, .reach = {                \
			proto_of,                                \
			port_of,                                 \
			n_of,                                    \
			{to},                                    \
			talk_of,                                 \
			false,                                   \
			name_of,                                 \
			ms                                       \
		}                                                \
	}
#define NAME(text)                                              \
	{                                                       \
		.kind = REQUEST_NAMES, .names = {.name = text } \
	}
#define CAPTURE(...)                                                \
	{                                                           \
		.kind = REQUEST_CAPTURE, .capture = { __VA_ARGS__ } \
	}

#define TRACE(...)                                              \
	{                                                       \
		.kind = REQUEST_TRACE, .trace = { __VA_ARGS__ } \
	}
#define REMOTE(client, to, port_of, ms)                                            \
	{                                                                          \
		.kind = REQUEST_REMOTE, .remote = { 1, {client}, to, port_of, ms } \
	}
#define DROPS(...)                                              \
	{                                                       \
		.kind = REQUEST_DROPS, .drops = { __VA_ARGS__ } \
	}
#define MEMBER(...)                                               \
	{                                                         \
		.kind = REQUEST_MEMBER, .member = { __VA_ARGS__ } \
	}
#define IPSET_OF(...) \
	MEMBER(.backend = MEMBER_IPSET, .family = AF_INET, .set = "s", __VA_ARGS__)

static const struct {
	const char *title;
	struct request request;
} refused[] = {
	{"clients that are none",
	 {.kind = REQUEST_REMOTE, .remote = {.host = "h", .port = 1, .patience_ms = 1}}},
	{"too many clients",
	 {.kind = REQUEST_REMOTE, .remote = {REMOTE_CLIENTS_MAX + 1, {"a"}, "h", 1, 1}}},
	{"a client that is an option", REMOTE("-oProxyCommand=x", "h", 1, 1)},
	{"a client whose host is an option", REMOTE("bob@-oProxyCommand", "h", 1, 1)},
	{"a client without a user", REMOTE("@host", "h", 1, 1)},
	{"a client without a host", REMOTE("bob@", "h", 1, 1)},
	{"a client with a space", REMOTE("bob@a b", "h", 1, 1)},
	{"a client with a quote", REMOTE("bob@a'b", "h", 1, 1)},
	{"a client with a path", REMOTE("bob@a/b", "h", 1, 1)},
	{"a client that goes to nowhere", REMOTE("bob@a", "", 1, 1)},
	{"a client that goes to an option", REMOTE("bob@a", "-h", 1, 1)},
	{"a client that goes to a command", REMOTE("bob@a", "h;id", 1, 1)},
	{"a client that goes to a substitution", REMOTE("bob@a", "$(id)", 1, 1)},
	{"a client that goes to no port", REMOTE("bob@a", "h", 0, 1)},
	{"a client without patience", REMOTE("bob@a", "h", 1, 0)},
	{"a client with too much patience",
	 REMOTE("bob@a", "h", 1, REMOTE_PATIENCE_MAX_MS + 1)},
	{"drops of no protocol", DROPS(0, {0}, 443, 1000)},
	{"drops at no port", DROPS(IPPROTO_TCP, {0}, 0, 1000)},
	{"drops without an end", DROPS(IPPROTO_TCP, {0}, 443, 0)},
	{"a set of no table", MEMBER(.set = "s")},
	{"a set without a name", MEMBER(.table = "t")},
	{"a set of no backend", MEMBER(.backend = 2, .table = "t", .set = "s")},
	{"bytes behind a key", MEMBER(.table = "t", .set = "s", .key = {1})},
	{"a key that is too long", MEMBER(.table = "t", .set = "s", .key_len = 65)},
	{"bytes behind a set's name", MEMBER(.table = "t", .set = "s\0s")},
	{"a set of nf_tables with an ipset's key",
	 MEMBER(.table = "t", .set = "s", .ipset = {.has_port = true})},
	{"an ipset with a table", IPSET_OF(.table = "t")},
	{"an ipset with bytes of registers", IPSET_OF(.key_len = 1, .key = {1})},
	{"an ipset with too long a name",
	 MEMBER(.backend = MEMBER_IPSET, .set = "abcdefghijklmnopqrstuvwxyzabcdef")},
	{"a port where none is", IPSET_OF(.ipset = {.port = 1})},
	{"a protocol without a port", IPSET_OF(.ipset = {.has_proto = true, .proto = 6})},
	{"a protocol where none is", IPSET_OF(.ipset = {.has_port = true, .proto = 6})},
	{"a mark where none is", IPSET_OF(.ipset = {.mark = 1})},
	{"a second address alone", IPSET_OF(.ipset = {.address2 = V4(10, 0, 0, 1)})},
	{"addresses of two families",
	 IPSET_OF(.ipset = {.address = V4(10, 0, 0, 1), .address2 = V6_LAST(1)})},
	{"a device with a slash", IPSET_OF(.ipset = {.device = "a/b"})},
	{"route to nowhere", {.kind = REQUEST_ROUTE}},
	{"route to another family",
	 {.kind = REQUEST_ROUTE, .route = {.target = {.family = AF_UNIX}}}},
	{"route between two families", ROUTE(.source = V6_LAST(1))},
	{"bytes behind an address", ROUTE(.source = {AF_INET, {1, 2, 3, 4, 1}})},
	{"bytes of no address", ROUTE(.source = {.bytes = {1}})},
	{"interface out of range", ROUTE(.in_ifindex = 0x80000000)},
	{"other interface out of range", ROUTE(.out_ifindex = UINT32_MAX)},
	{"ports without a protocol", ROUTE(.target_port = 1)},
	{"ports of a protocol without them",
	 ROUTE(.proto = IPPROTO_ICMP, .source_port = 1)},
	{"entries of no protocol", {.kind = REQUEST_CONNTRACK, .conntrack = {0, 1}}},
	{"entries of no port", {.kind = REQUEST_CONNTRACK, .conntrack = {6, 0}}},
	{"process 0", {.kind = REQUEST_PROCESSES, .processes = {{1, 0}, 2}}},
	{"negative process", {.kind = REQUEST_PROCESSES, .processes = {{UINT32_MAX}, 1}}},
	{"too many processes",
	 {.kind = REQUEST_PROCESSES, .processes = {{1}, REQUEST_PIDS_MAX + 1}}},
	{"time before time", {.kind = REQUEST_LOGS, .logs = {.since_wall_ns = -1}}},
	{"changes before time",
	 {.kind = REQUEST_CHANGES, .changes = {.since_wall_ns = -1}}},
	{"no host", NAME("")},
	{"host with a slash", NAME("a/b")},
	{"host with a space", NAME("a b")},
	{"host with a colon", NAME("::1")},
	{"host in UTF-8", NAME("\xc3\xa9")},
	{"tries of UDP that say what is for TCP",
	 REACH(IPPROTO_UDP, 443, 1, SOME_ADDRESS, REACH_TALK_TLS, "", 1)},
	{"tries of TCP that say what is for UDP",
	 REACH(IPPROTO_TCP, 53, 1, SOME_ADDRESS, REACH_TALK_DNS, "", 1)},
	{"tries of SCTP", REACH(IPPROTO_SCTP, 443, 1, SOME_ADDRESS, 0, "", 1)},
	{"tries of port 0", REACH(IPPROTO_TCP, 0, 1, SOME_ADDRESS, 0, "", 1)},
	{"tries of no address", REACH(IPPROTO_TCP, 443, 0, SOME_ADDRESS, 0, "", 1)},
	{"tries of too many addresses",
	 REACH(IPPROTO_TCP, 443, REACH_MAX + 1, SOME_ADDRESS, 0, "", 1)},
	{"tries of what is no address", REACH(IPPROTO_TCP, 443, 1, {0}, 0, "", 1)},
	{"tries without patience", REACH(IPPROTO_TCP, 443, 1, SOME_ADDRESS, 0, "", 0)},
	{"tries with too much patience",
	 REACH(IPPROTO_TCP, 443, 1, SOME_ADDRESS, 0, "", REACH_TIMEOUT_MAX_MS + 1)},
	{"tries that say what nobody knows",
	 REACH(IPPROTO_TCP, 443, 1, SOME_ADDRESS, N_REACH_TALKS, "", 1)},
	{"tries that name a path",
	 REACH(IPPROTO_TCP, 443, 1, SOME_ADDRESS, 0, "../etc", 1)},
	{"probe of UDP", PROBE(IPPROTO_UDP, V4(1, 2, 3, 4), 1, 1)},
	{"probe of no address", PROBE(IPPROTO_TCP, {0}, 1, 1)},
	{"probe of port 0", PROBE(IPPROTO_TCP, V4(1, 2, 3, 4), 0, 1)},
	{"probe without patience", PROBE(IPPROTO_TCP, V4(1, 2, 3, 4), 1, 0)},
	{"probe with too much patience", PROBE(IPPROTO_TCP, V4(1, 2, 3, 4), 1, 2001)},
	{"trace of any protocol", TRACE(0, V4(1, 2, 3, 4), 1, {0}, 0, 1)},
	{"trace of ICMP", TRACE(IPPROTO_ICMP, V4(1, 2, 3, 4), 1, {0}, 0, 1)},
	{"trace of everybody", TRACE(IPPROTO_TCP, {0}, 1, {0}, 0, 1)},
	{"trace of every port", TRACE(IPPROTO_TCP, V4(1, 2, 3, 4), 0, {0}, 0, 1)},
	{"trace without an end", TRACE(IPPROTO_TCP, V4(1, 2, 3, 4), 1, {0}, 0, 0)},
	{"trace that is too long",
	 TRACE(IPPROTO_TCP, V4(1, 2, 3, 4), 1, {0}, 0, TRACE_TIMEOUT_MAX_MS + 1)},
	{"trace with a backend of the other family",
	 TRACE(IPPROTO_TCP, V4(1, 2, 3, 4), 1, V6_LAST(1), 1, 1)},
	{"trace with a backend without a port",
	 TRACE(IPPROTO_TCP, V4(1, 2, 3, 4), 1, V4(1, 2, 3, 5), 0, 1)},
	{"trace with a port of no backend",
	 TRACE(IPPROTO_TCP, V4(1, 2, 3, 4), 1, {0}, 1, 1)},
	{"capture of an unknown kind", CAPTURE(.kind = CAPTURE_REQUEST_ALL + 1)},
	{"capture of another protocol", CAPTURE(.proto = IPPROTO_ICMP)},
	{"capture of too many ports", CAPTURE(.n_ports = REQUEST_PORTS_MAX + 1)},
	{"capture of port 0", CAPTURE(.n_ports = 2, .ports = {1, 0})},
	{"capture between two families",
	 CAPTURE(.client = V6_LAST(1), .server = V4(1, 2, 3, 4))},
	{"file with a slash", CAPTURE(.save = "a/b")},
	{"file with a leading dot", CAPTURE(.save = ".a")},
	{"file with a leading dash", CAPTURE(.save = "-a")},
	{"file with a blank", CAPTURE(.save = "a b")},
	{"file without an end", CAPTURE(.save = {[0 ... REQUEST_SAVE_MAX] = 'a'})},
	{"device with a slash", CAPTURE(.device = "a/b")},
	{"device with a space", CAPTURE(.device = "a b")},
	{"device with a tab", CAPTURE(.device = "a\tb")},
	{"device with a colon", CAPTURE(.device = "eth0:1")},
	{"device that is dots", CAPTURE(.device = "..")},
	{"device without an end", CAPTURE(.device = "0123456789abcdef")},
	{"unknown kind", {.kind = N_REQUEST_KINDS}},
	{"wild kind", {.kind = (enum request_kind)0xffff}},
	{"wild kind of namespace",
	 {.kind = REQUEST_CGROUPS, .netns = {.kind = (enum netns_kind)3}}},
	{"both families of UDP", {.sock_diag = {.protocol = IPPROTO_UDP, .states = 1}}},
	{"both families of MPTCP", {.sock_diag = {.protocol = IPPROTO_MPTCP, .states = 1}}},
	{"another family",
	 {.sock_diag = {.family = AF_UNIX, .protocol = IPPROTO_TCP, .states = 1}}},
	{"no protocol", {.sock_diag = {.family = AF_INET, .states = 1}}},
	{"another protocol",
	 {.sock_diag = {.family = AF_INET, .protocol = IPPROTO_RAW, .states = 1}}},
	{"a protocol whose low byte is TCP",
	 {.sock_diag = {.family = AF_INET, .protocol = 0x106 + 0x100, .states = 1}}},
	{"no state", {.sock_diag = {.family = AF_INET, .protocol = IPPROTO_TCP}}},
	{"unknown dump", {.kind = REQUEST_RTNETLINK, .rtnetlink = {N_RTNETLINK_DUMPS}}},
	{"unknown set", {.kind = REQUEST_FILES, .files = {N_FILE_SETS}}},
	{"too many inodes",
	 {.kind = REQUEST_OWNERS, .owners = {three_inodes, REQUEST_OWNERS_MAX + 1}}},
	{"inodes that are nowhere", {.kind = REQUEST_OWNERS, .owners = {NULL, 1}}},
	{"pid 0", {.kind = REQUEST_CGROUPS, .netns = {.kind = NETNS_PID}}},
	{"negative pid",
	 {.kind = REQUEST_CGROUPS, .netns = {.kind = NETNS_PID, .pid = -1}}},
	{"empty name", {.kind = REQUEST_CGROUPS, .netns = NAMED("")}},
	{"dot", {.kind = REQUEST_CGROUPS, .netns = NAMED(".")}},
	{"dot dot", {.kind = REQUEST_CGROUPS, .netns = NAMED("..")}},
	{"slash", {.kind = REQUEST_CGROUPS, .netns = NAMED("a/b")}},
	{"space", {.kind = REQUEST_CGROUPS, .netns = NAMED("a b")}},
	{"newline", {.kind = REQUEST_CGROUPS, .netns = NAMED("a\nb")}},
	{"delete", {.kind = REQUEST_CGROUPS, .netns = NAMED("a\x7f")}},
	{"UTF-8", {.kind = REQUEST_CGROUPS, .netns = NAMED("\xc3\xa9")}},
	/* the initializer leaves no room for the NUL */
	{"name without an end", {.kind = REQUEST_CGROUPS, .netns = NAMED(NAME_63 "x")}},
};

/* Bytes of a packed "cgroups" request in the namespace "blue" that make it damaged. */
static const struct {
	const char *title;
	size_t at;
	uint8_t value;
} damages[] = {
	{"kind", 0, N_REQUEST_KINDS},
	{"kind of namespace", 1, 3},
	{"own namespace with a name", 1, NETNS_OWN},
	{"first zero", 2, 1},
	{"second zero", 3, 1},
	{"pid beside a name", 4, 1},
	{"slash in the name", 9, '/'},
	{"empty name", 8, 0},
	{"bytes behind the name's end", 13, 'x'},
	{"last byte of the name", 71, 'x'},
	{"kind with a body", 0, REQUEST_FILES},
};

/* The same of the bytes behind the head of a request of each shape. */
static const struct {
	const char *title;
	struct request request;
	size_t at;
	uint8_t value;
} body_damages[] = {
	{"family", ROUTE(.mark = 0), 72, AF_UNIX},
	{"byte behind an address", ROUTE(.mark = 0), 72 + 5, 1},
	{"byte of no address", ROUTE(.mark = 0), 72 + 17 + 1, 1},
	{"number of processes", {.kind = REQUEST_PROCESSES}, 72, 1},
	{"sign of a time", {.kind = REQUEST_LOGS}, 79, 0x80},
	{"length of a name", NAME("abc"), 72, 2},
	{"zero in a name", NAME("abc"), 74, 0},
	{"byte behind a device", CAPTURE(.device = "a"), 72 + 36 + 2, 'b'},
	{"two for yes", CAPTURE(.device = "a"), 72 + 52, 2},
	{"number of ports", CAPTURE(.device = "a"), 72 + 53, 1},
};

#endif
