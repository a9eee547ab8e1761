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
	X(NAME_UNRESOLVED, "client.name-unresolved", CLIENT, "NAME DOES NOT RESOLVE",      \
	  "The resolver of the client has no address for the name.")                       \
	X(NAME_ELSEWHERE, "client.name-resolves-elsewhere", CLIENT,                        \
	  "NAME MEANS ANOTHER HOST", "The name's address is not that of the server.")      \
	X(PREFERS_IPV6, "client.prefers-ipv6", CLIENT, "IPV6 IS TRIED FIRST AND FAILS",    \
	  "The name has an address of IPv6, which is tried first and fails; IPv4 works.")  \
	X(EGRESS_FILTERED, "client.egress-filtered", CLIENT,                               \
	  "CLIENT'S OWN FIREWALL STOPS IT",                                                \
	  "The firewall of the client stops what it sends.")                               \
	X(CLIENT_NO_ROUTE, "client.no-route", CLIENT, "CLIENT HAS NO ROUTE",               \
	  "The client has no route to the target, or one that rejects it.")                \
	X(NEXT_HOP_UNREACHABLE, "client.next-hop-unreachable", CLIENT,                     \
	  "CLIENT'S NEXT HOP DOES NOT ANSWER",                                             \
	  "The next hop on the client's link does not resolve to a link address.")         \
	X(SOURCE_PORTS_EXHAUSTED, "client.ephemeral-ports-exhausted", CLIENT,              \
	  "CLIENT HAS NO SOURCE PORT LEFT",                                                \
	  "The client has no free source port for this destination.")                      \
	X(USES_PROXY, "client.uses-proxy", CLIENT, "CLIENT GOES THROUGH A PROXY",          \
	  "The client does not go to the target itself: a proxy does so in its place.")    \
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
	X(SYN_QUEUE_FULL, "server.syn-queue-full", SERVER, "SYN QUEUE IS FULL",            \
	  "More handshakes are open than the kernel keeps for the service: it drops "      \
	  "further SYNs.")                                                                 \
	X(MEMORY_PRESSURE, "server.memory-pressure", SERVER, "TCP HAS NO MEMORY LEFT",     \
	  "The sockets of this machine hold as much memory as TCP may take.")              \
	X(TCP_AUTHENTICATION, "server.tcp-authentication", SERVER,                         \
	  "SIGNATURES OF TCP DO NOT FIT",                                                  \
	  "The service and the client do not sign their segments with the same key "       \
	  "(TCP-MD5, TCP-AO).")                                                            \
	X(SOCKET_FILTER, "server.socket-filter", SERVER, "SOCKET FILTERS THE CLIENT OUT",  \
	  "A filter on the socket, or the TTL that it asks for, stops the packets.")       \
	X(UDP_BUFFER_FULL, "server.udp-buffer-full", SERVER, "SERVICE READS TOO SLOWLY",   \
	  "Datagrams fill the receive buffer of the socket, and the kernel drops "         \
	  "further ones.")                                                                 \
	X(SERVICE_FAILED, "server.service-failed", SERVER, "SERVICE IS DOWN",              \
	  "The service is down, or starts again and again: its log says why.")             \
	X(ADDRESS_IN_USE, "server.address-in-use", SERVER,                                 \
	  "SERVICE COULD NOT TAKE ITS PORT",                                               \
	  "The service could not bind the port: another socket holds it.")                 \
	X(PRIVILEGED_PORT, "server.privileged-port", SERVER,                               \
	  "SERVICE MAY NOT TAKE A LOW PORT",                                               \
	  "The service could not bind: the port is below those that are free to all.")     \
	X(BIND_DENIED, "server.bind-denied", SERVER, "SERVICE IS DENIED ITS PORT",         \
	  "The service could not bind: SELinux or AppArmor denies it.")                    \
	X(ADDRESS_ABSENT, "server.address-absent", SERVER,                                 \
	  "SERVICE HAD NO ADDRESS TO LISTEN ON",                                           \
	  "The service could not bind: its address was not on this host when it started.") \
	X(ACTIVATION_STUCK, "server.activation-stuck", SERVER,                             \
	  "SOCKET ACTIVATION IS STUCK",                                                    \
	  "systemd holds the port, and the service behind it does not start.")             \
	X(UNEXPECTED_OWNER, "server.unexpected-owner", SERVER,                             \
	  "ANOTHER PROGRAM HOLDS THE PORT",                                                \
	  "The port is held by another program than the service that is meant.")           \
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
	X(TLS_MISMATCH, "server.tls-mismatch", SERVER, "TLS ON ONE SIDE ONLY",             \
	  "TLS is spoken to a plaintext port, or plain text to a port of TLS.")            \
	X(TLS_ALERT, "server.tls-alert", SERVER, "TLS HANDSHAKE FAILS",                    \
	  "Both ends speak TLS and disagree: on the version, the name or a certificate.")  \
	X(PROTOCOL_MISMATCH, "server.protocol-mismatch", SERVER,                           \
	  "PORT SERVES ANOTHER PROTOCOL",                                                  \
	  "The client speaks another application protocol than the port serves.")          \
	X(PROXY_HEADER, "server.proxy-header", SERVER, "PROXY HEADER IS NOT AGREED ON",    \
	  "A PROXY-protocol header is expected and missing, or sent and not expected.")    \
	X(RESETS_AFTER_ACCEPT, "server.resets-after-accept", SERVER,                       \
	  "SERVICE ABORTS CONNECTIONS",                                                    \
	  "The application takes the connection and resets it.")                           \
	X(ACCESS_DENIED, "server.access-denied-by-application", SERVER,                    \
	  "SERVICE REFUSES THE CLIENT",                                                    \
	  "The application takes the connection and turns this client away by a list "     \
	  "of its own.")                                                                   \
	X(CONNECTION_LIMIT, "server.connection-limit", SERVER,                             \
	  "SERVICE HAS TOO MANY CLIENTS",                                                  \
	  "The application turns clients away at its own limit of connections.")           \
	X(MTU_BLACK_HOLE, "client.mtu-black-hole", CLIENT, "LARGE PACKETS ARE LOST",       \
	  "The handshake passes, full-size segments do not.")                              \
	X(TUPLE_REUSE, "client.tuple-reuse", CLIENT, "CLIENT REUSES ITS PORT TOO SOON",    \
	  "The SYN meets an older connection of the same addresses and ports.")            \
	X(MIDDLEBOX_RESET, "firewall.middlebox-reset", FIREWALL,                           \
	  "A DEVICE BETWEEN RESETS IT",                                                    \
	  "A RST comes from elsewhere than the end in whose name it is sent.")             \
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
	X(RATE_LIMITED, "firewall.rate-limited", FIREWALL, "FIREWALL LETS IN ONLY PART",   \
	  "A limit, a quota or a list of recent attempts stops what comes above it.")      \
	X(INVALID_DROP, "firewall.invalid-drop", FIREWALL, "FIREWALL CALLS IT INVALID",    \
	  "Connection tracking makes nothing of the packet, and such packets are "         \
	  "dropped.")                                                                      \
	X(UNTRACKED, "firewall.untracked", FIREWALL, "FIREWALL MISSES ITS TRACKING",       \
	  "A rule keeps the packet from being tracked, and another passes only what is "   \
	  "tracked.")                                                                      \
	X(RELATED_CHANNEL, "firewall.related-channel", FIREWALL,                           \
	  "FIREWALL STOPS THE DATA CONNECTION",                                            \
	  "The control connection passes, the data connection that it agreed on does "     \
	  "not.")                                                                          \
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
	X(UDP_REPLY_SOURCE, "server.udp-reply-source", SERVER,                             \
	  "SERVICE ANSWERS FROM ANOTHER ADDRESS",                                          \
	  "The answer leaves from another address than was asked, and the client takes "   \
	  "no such datagram.")                                                             \
	X(REMOTE, "firewall.remote", FIREWALL, "ANOTHER HOST'S FIREWALL REJECTS IT",       \
	  "Another host's firewall turns the packets of this flow away.")                  \
	X(WRONG_MAC, "net.wrong-mac", FIREWALL, "FRAMES ARE FOR ANOTHER HOST",             \
	  "The packets arrive in frames for another link address than this host's.")       \
	X(VLAN_TAG, "net.vlan-tag", FIREWALL, "FRAMES COME WITH ANOTHER VLAN TAG",         \
	  "The packets arrive with the tag of a VLAN that no interface here takes.")       \
	X(DUPLICATE_ADDRESS, "net.duplicate-address", FIREWALL,                            \
	  "TWO HOSTS HAVE THE ADDRESS",                                                    \
	  "Two hosts answer for one address: packets go to the wrong one.")                \
	X(BAD_CHECKSUM, "net.bad-checksum", FIREWALL, "PACKETS ARRIVE DAMAGED",            \
	  "The checksum of what arrives is wrong, and the kernel drops it.")               \
	X(NEIGHBOUR_WRONG, "net.neighbour-wrong", FIREWALL, "NEIGHBOUR ENTRY IS WRONG",    \
	  "The answer goes to a link address that is not the next hop's.")                 \
	X(ASYMMETRIC, "net.asymmetric", FIREWALL, "ANSWER LEAVES BY ANOTHER INTERFACE",    \
	  "The answer leaves by another interface than the question came in by, and is "   \
	  "not received.")                                                                 \
	X(LINK_DOWN, "net.link-down", FIREWALL, "INTERFACE IS DOWN",                       \
	  "The interface that the way leads by is down or has no carrier.")                \
	X(ADDRESS_LOST, "net.address-lost", FIREWALL, "ADDRESS OF THE SERVICE IS GONE",    \
	  "The address that the service is bound to was here and is not any more.")        \
	X(ADDRESS_UNUSABLE, "net.address-unusable", FIREWALL, "ADDRESS IS NOT IN USE",     \
	  "The address is set on this host and not in use: not checked yet, a "            \
	  "duplicate, or its interface is down.")                                          \
	X(IPV6_DISABLED, "net.ipv6-disabled", FIREWALL, "IPV6 IS TURNED OFF",              \
	  "The interface drops every packet of IPv6.")                                     \
	X(MARTIAN, "net.martian", FIREWALL, "SOURCE IS IMPOSSIBLE",                        \
	  "The packets come with a source that none from outside can have, and the "       \
	  "kernel drops them.")                                                            \
	X(IPSEC_POLICY, "net.ipsec-policy", FIREWALL, "IPSEC POLICY STOPS IT",             \
	  "A policy of IPsec wants the packets protected or blocks them.")                 \
	X(QDISC_DROP, "net.qdisc-drop", FIREWALL,                                          \
	  "QUEUE OF THE INTERFACE DROPS THE ANSWER",                                       \
	  "A queueing discipline of the interface drops what this host answers.")          \
	X(NIC_DROPS, "net.nic-drops", FIREWALL, "INTERFACE LOSES PACKETS",                 \
	  "The interface, or the queue behind it, has no room for what arrives.")          \
	X(NEIGHBOUR_TABLE_FULL, "net.neighbour-table-full", FIREWALL,                      \
	  "NEIGHBOUR TABLE IS FULL",                                                       \
	  "The kernel keeps no further neighbour, and the answer finds no link "           \
	  "address.")                                                                      \
	X(WRONG_NETMASK, "net.wrong-netmask", FIREWALL, "NETMASK IS TOO WIDE",             \
	  "The client counts as a neighbour here, though its packets come by a "           \
	  "gateway.")                                                                      \
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
