/*
 * The faults that can be told, by their contract ids. Ids change by adding, never by
 * renaming. What each looks for is in checks.c.
 */
#ifndef CORE_DIAGNOSIS_FAULTS_H
#define CORE_DIAGNOSIS_FAULTS_H

enum step_id { STEP_CLIENT, STEP_SERVER, STEP_FIREWALL, STEP_NAT, STEP_LOGS, N_STEPS };
const char *step_word(enum step_id s);

/*
 * X(name, id, step it is shown at, headline, what it means in one sentence). The headline
 * stands behind a cross, in capitals: it names the team.
 */
#define FAULTS(X)                                                                          \
	X(WRONG_PORT, "client.wrong-port", CLIENT, "CLIENT USES THE WRONG PORT",           \
	  "The SYNs go to a port that nobody serves, while the service listens on "        \
	  "another.")                                                                      \
	X(SYN_NEVER_ARRIVES, "client.syn-never-arrives", CLIENT,                           \
	  "STOPPED BEFORE THIS HOST",                                                      \
	  "The client sends, and nothing of it reaches this host.")                        \
	X(SOURCE_DIFFERS, "client.source-differs", CLIENT,                                 \
	  "CLIENT COMES UNDER ANOTHER ADDRESS",                                            \
	  "The client reaches this host under another address: a NAT or a load balancer "  \
	  "is between.")                                                                   \
	X(GAVE_UP_EARLY, "client.gave-up-early", CLIENT, "CLIENT HANGS UP",                \
	  "This host answers, and the client resets the connection at once.")              \
	X(NOT_LISTENING, "server.not-listening", SERVER, "NOBODY LISTENS",                 \
	  "No socket of this host takes that port and protocol.")                          \
	X(LOOPBACK_ONLY, "server.loopback-only", SERVER,                                   \
	  "SERVICE LISTENS ON THIS HOST ONLY",                                             \
	  "The service is bound to a loopback address: nobody outside can reach it.")      \
	X(OTHER_ADDRESS, "server.other-address", SERVER,                                   \
	  "SERVICE LISTENS ON ANOTHER ADDRESS",                                            \
	  "The service is bound to another address of this host than the client uses.")    \
	X(IPV6_ONLY, "server.ipv6-only", SERVER, "SERVICE LISTENS ON IPV6 ONLY",           \
	  "The socket takes IPv6 only; the client comes over IPv4.")                       \
	X(IPV4_ONLY, "server.ipv4-only", SERVER, "SERVICE LISTENS ON IPV4 ONLY",           \
	  "The socket takes IPv4 only; the client comes over IPv6.")                       \
	X(TRANSPORT_MISMATCH, "server.transport-mismatch", SERVER,                         \
	  "SERVICE SPEAKS THE OTHER TRANSPORT",                                            \
	  "The port is served over UDP where the client uses TCP, or the reverse.")        \
	X(BOUND_TO_DEVICE, "server.bound-to-device", SERVER,                               \
	  "SERVICE IS BOUND TO ANOTHER INTERFACE",                                         \
	  "The socket is bound to an interface that the packets do not come in by.")       \
	X(OTHER_NAMESPACE, "server.other-namespace", SERVER,                               \
	  "SERVICE LISTENS IN ANOTHER NAMESPACE",                                          \
	  "The listener lives in another network namespace of this host.")                 \
	X(ACCEPT_QUEUE_FULL, "server.accept-queue-full", SERVER,                           \
	  "SERVICE ACCEPTS TOO SLOWLY",                                                    \
	  "Handshakes overflow the accept queue: the kernel drops further SYNs in "        \
	  "silence.")                                                                      \
	X(PROCESS_STOPPED, "server.process-stopped", SERVER, "SERVICE IS STOPPED",         \
	  "The process that holds the socket is stopped or frozen.")                       \
	X(FD_EXHAUSTED, "server.fd-exhausted", SERVER, "SERVICE HAS NO DESCRIPTOR LEFT",   \
	  "The process has as many files open as it may: it can accept nothing more.")     \
	X(MEMBER_DEAD, "server.reuseport-member-dead", SERVER, "SERVICE HANGS IN PART",    \
	  "One of several sockets that share the port is not served: its share of the "    \
	  "clients hangs.")                                                                \
	X(NOT_ACCEPTING, "server.not-accepting", SERVER, "SERVICE DOES NOT ACCEPT",        \
	  "The process lives, connections wait in its queue, and it takes none of them.")  \
	X(NO_ANSWER, "server.no-answer", SERVER, "SERVICE DOES NOT ANSWER",                \
	  "The connection is taken, then no application data comes.")                      \
	X(DROP, "firewall.drop", FIREWALL, "FIREWALL DROPS IT",                            \
	  "A rule drops the packet.")                                                      \
	X(POLICY_DROP, "firewall.policy-drop", FIREWALL, "FIREWALL DOES NOT ALLOW IT",     \
	  "No rule accepts the packet and the chain's policy drops it.")                   \
	X(REJECT, "firewall.reject", FIREWALL, "FIREWALL REJECTS IT",                      \
	  "A rule answers the packet with a reset or an ICMP error.")                      \
	X(BLOCKLISTED, "firewall.blocklisted", FIREWALL, "FIREWALL BANS THIS CLIENT",      \
	  "The client's address is singled out by a set or a rule of its own.")            \
	X(SHADOWED_ALLOW, "firewall.shadowed-allow", FIREWALL,                             \
	  "FIREWALL DECIDES BEFORE THE ALLOW",                                             \
	  "A rule that allows it is there, and an earlier rule decides before it.")        \
	X(REPLY_DROP, "firewall.reply-drop", FIREWALL, "FIREWALL DROPS THE ANSWER",        \
	  "The answer of this host is dropped on its way out.")                            \
	X(NETDEV_DROP, "firewall.netdev-drop", FIREWALL,                                   \
	  "FIREWALL DROPS IT AT THE INTERFACE",                                            \
	  "A netdev chain drops the packet before everything else.")                       \
	X(BRIDGE_DROP, "firewall.bridge-drop", FIREWALL,                                   \
	  "FIREWALL DROPS IT ON THE BRIDGE",                                               \
	  "A chain of the family bridge drops the packet.")                                \
	X(QUEUE_UNREAD, "firewall.queue-unread", FIREWALL,                                 \
	  "FIREWALL QUEUES IT FOR NOBODY",                                                 \
	  "A rule gives the packet to a queue, no program takes it there, and the kernel " \
	  "drops it.")                                                                     \
	X(CGROUP_DROP, "firewall.cgroup-drop", FIREWALL, "PROGRAM DROPS IT AT THE SOCKET", \
	  "A BPF program of the service's control group drops what it gets or sends.")     \
	X(TC_DROP, "firewall.tc-drop", FIREWALL, "TC FILTER DROPS IT",                     \
	  "A filter or program of tc drops the packet at the interface.")                  \
	X(XDP_DROP, "firewall.xdp-drop", FIREWALL, "XDP PROGRAM STANDS BEFORE THIS HOST",  \
	  "An XDP program of the interface may drop it before anything here sees it.")     \
	X(NO_ROUTE_BACK, "net.no-route-back", FIREWALL, "NO ROUTE BACK",                   \
	  "This host has no route to the client for its answer.")                          \
	X(ROUTE_REJECTS, "net.route-rejects", FIREWALL, "ROUTE REJECTS THE ANSWER",        \
	  "A blackhole, unreachable or prohibit route stops the answer to the client.")    \
	X(RP_FILTER, "net.rp-filter", FIREWALL, "REVERSE-PATH FILTER DROPS IT",            \
	  "The way back to the client leads by another interface than it came in by, and " \
	  "the kernel drops such packets.")                                                \
	X(ADDRESS_NOT_HERE, "net.address-not-here", FIREWALL,                              \
	  "ADDRESS IS NOT ON THIS HOST",                                                   \
	  "The packets are for an address that this host does not have.")                  \
	X(NEIGHBOUR_FAILED, "net.neighbour-failed", FIREWALL, "NEIGHBOUR DOES NOT ANSWER", \
	  "The next hop of the answer does not resolve to a link address.")                \
	X(REDIRECT_UNSERVED, "nat.redirect-unserved", NAT,                                 \
	  "TRANSLATED TO A PORT NOBODY SERVES",                                            \
	  "A translation sends the packet to a local port without a socket.")              \
	X(DNAT_WRONG_PORT, "nat.dnat-wrong-port", NAT, "TRANSLATED TO THE WRONG PORT",     \
	  "A translation sends the packet to a port of another host that nobody serves.")  \
	X(DNAT_DEAD_HOST, "nat.dnat-dead-host", NAT,                                       \
	  "TRANSLATED TO A HOST THAT DOES NOT ANSWER",                                     \
	  "A translation sends the packet to a host that does not answer.")                \
	X(FORWARD_DROP, "nat.forward-drop", NAT, "TRANSLATED, THEN STOPPED ON ITS WAY ON", \
	  "A translation takes the packet, and a forward rule of this host stops it.")     \
	X(FORWARDING_OFF, "nat.forwarding-off", NAT,                                       \
	  "TRANSLATED, AND NOTHING IS FORWARDED",                                          \
	  "A translation sends the packet on, and this host passes nothing on.")           \
	X(DNAT_TO_LOOPBACK, "nat.dnat-to-loopback", NAT,                                   \
	  "TRANSLATED TO A LOOPBACK ADDRESS",                                              \
	  "A translation sends the packet to 127.0.0.0/8, which the kernel keeps from "    \
	  "other interfaces.")                                                             \
	X(NO_RETURN_PATH, "nat.no-return-path", NAT,                                       \
	  "TRANSLATED, AND ANSWERED ANOTHER WAY",                                          \
	  "The backend's answer does not come back through the host that translates.")     \
	X(HAIRPIN, "nat.hairpin", NAT, "TRANSLATED BACK INTO ITS OWN NETWORK",             \
	  "Client and backend share a network: the answer bypasses the translation.")      \
	X(RULE_NOT_MATCHED, "nat.rule-not-matched", NAT, "TRANSLATION SKIPS THE PACKET",   \
	  "A translation for this port exists, and it does not take this packet.")         \
	X(STEALS_PORT, "nat.steals-port", NAT, "TRANSLATION TAKES A SERVICE'S CLIENTS",    \
	  "A translation takes what was meant for a service of this host.")                \
	X(STALE_ENTRY, "nat.stale-entry", NAT, "TRANSLATED BY AN OLD ENTRY",               \
	  "Connection tracking still translates this flow as rules of the past said.")     \
	X(CONTAINER_LOOPBACK, "proxy.container-loopback", NAT,                             \
	  "CONTAINER LISTENS ON ITS LOOPBACK",                                             \
	  "The port is published, and the service inside is bound to loopback.")           \
	X(CONTAINER_PORT, "proxy.container-port", NAT, "CONTAINER SERVES ANOTHER PORT",    \
	  "The port is published to a port that nobody serves in the container.")          \
	X(CONNTRACK_FULL, "nat.conntrack-full", NAT, "CONNECTION TRACKING IS FULL",        \
	  "The table of tracked flows is full: the kernel drops what begins a new one.")   \
	X(PORTS_EXHAUSTED, "nat.ports-exhausted", NAT, "TRANSLATION HAS NO PORT LEFT",     \
	  "A translation of the source finds no free port, and the packet is dropped.")    \
	X(UPSTREAM_DOWN, "proxy.upstream-down", NAT, "PROXY GETS NO ANSWER BEHIND IT",     \
	  "The proxy takes the connection, and the service behind it does not answer.")    \
	X(PUBLISHED_ON_LOOPBACK, "proxy.published-on-loopback", NAT,                       \
	  "PORT IS PUBLISHED ON LOOPBACK",                                                 \
	  "A container engine publishes the port on a loopback address of this host.")     \
	X(NO_REAL_SERVER, "proxy.ipvs-no-real-server", NAT, "BALANCER HAS NO REAL SERVER", \
	  "IPVS takes the packet for a service without a real server, and rejects it.")    \
	X(VIP_ELSEWHERE, "proxy.vip-elsewhere", NAT,                                       \
	  "ADDRESS OF THE SERVICE IS ON ANOTHER HOST",                                     \
	  "The address that the service is made for is not on this host: another machine " \
	  "answers for it.")                                                               \
	X(NO_ENDPOINTS, "proxy.no-endpoints", NAT, "SERVICE HAS NO ENDPOINT",              \
	  "A balancer turns the packet away because nothing stands behind the service.")

/* clang-format off */
enum fault {
	FAULT_NONE,
#define X(name, id, step, headline, meaning) FAULT_##name,
	FAULTS(X)
#undef X
	N_FAULTS
};
/* clang-format on */

/* "server.not-listening"; "" for FAULT_NONE. */
const char *fault_id(enum fault f);
/* Where it is shown; not of FAULT_NONE. */
enum step_id fault_step(enum fault f);
const char *fault_headline(enum fault f);
const char *fault_meaning(enum fault f);

#endif
