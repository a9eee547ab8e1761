/* The table of checks. Each is in the file of its part of the way. */
#include "core/diagnosis/checks.h"

const struct check checks[] = {
	{FAULT_WRONG_PORT, STEP_CLIENT, check_wrong_port, FAULT_NONE},
	{FAULT_SYN_NEVER_ARRIVES, STEP_CLIENT, check_syn_never_arrives, FAULT_NONE},
	{FAULT_SOURCE_DIFFERS, STEP_CLIENT, check_source_differs, FAULT_NONE},
	{FAULT_NETDEV_DROP, STEP_FIREWALL, check_netdev_drop, FAULT_NONE},
	{FAULT_BLOCKLISTED, STEP_FIREWALL, check_blocklisted, FAULT_NONE},
	{FAULT_DROP, STEP_FIREWALL, check_drop, FAULT_BLOCKLISTED},
	{FAULT_DROP, STEP_FIREWALL, check_later_drop, FAULT_NONE},
	{FAULT_REJECT, STEP_FIREWALL, check_reject, FAULT_BLOCKLISTED},
	{FAULT_POLICY_DROP, STEP_FIREWALL, check_policy_drop, FAULT_NONE},
	{FAULT_RP_FILTER, STEP_FIREWALL, check_rp_filter, FAULT_NONE},
	{FAULT_ADDRESS_NOT_HERE, STEP_FIREWALL, check_address_not_here, FAULT_NONE},
	{FAULT_REDIRECT_UNSERVED, STEP_NAT, check_redirect_unserved, FAULT_NONE},
	{FAULT_TRANSPORT_MISMATCH, STEP_SERVER, check_transport_mismatch, FAULT_NONE},
	{FAULT_LOOPBACK_ONLY, STEP_SERVER, check_loopback_only, FAULT_NONE},
	{FAULT_OTHER_ADDRESS, STEP_SERVER, check_other_address, FAULT_NONE},
	{FAULT_IPV6_ONLY, STEP_SERVER, check_ipv6_only, FAULT_NONE},
	{FAULT_IPV4_ONLY, STEP_SERVER, check_ipv4_only, FAULT_NONE},
	{FAULT_BOUND_TO_DEVICE, STEP_SERVER, check_bound_to_device, FAULT_NONE},
	{FAULT_OTHER_NAMESPACE, STEP_SERVER, check_other_namespace, FAULT_WRONG_PORT},
	{FAULT_NOT_LISTENING, STEP_SERVER, check_not_listening, FAULT_WRONG_PORT},
	{FAULT_PROCESS_STOPPED, STEP_SERVER, check_process_stopped, FAULT_NONE},
	{FAULT_FD_EXHAUSTED, STEP_SERVER, check_fd_exhausted, FAULT_NONE},
	{FAULT_ACCEPT_QUEUE_FULL, STEP_SERVER, check_accept_queue_full,
	 FAULT_PROCESS_STOPPED},
	{FAULT_MEMBER_DEAD, STEP_SERVER, check_member_dead, FAULT_PROCESS_STOPPED},
	{FAULT_NOT_ACCEPTING, STEP_SERVER, check_not_accepting, FAULT_PROCESS_STOPPED},
	{FAULT_REPLY_DROP, STEP_FIREWALL, check_reply_drop, FAULT_NONE},
	{FAULT_NO_ROUTE_BACK, STEP_FIREWALL, check_no_route_back, FAULT_NONE},
	{FAULT_ROUTE_REJECTS, STEP_FIREWALL, check_route_rejects, FAULT_NONE},
	{FAULT_NEIGHBOUR_FAILED, STEP_FIREWALL, check_neighbour_failed, FAULT_NONE},
	{FAULT_GAVE_UP_EARLY, STEP_CLIENT, check_gave_up_early, FAULT_NONE},
	{FAULT_NO_ANSWER, STEP_SERVER, check_no_answer, FAULT_PROCESS_STOPPED},
};

const size_t n_checks = sizeof(checks) / sizeof(checks[0]);
