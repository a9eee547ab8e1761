/* The words of errors, as the C library and the programs print them -> what came of it. */
#include "core/base/pieces.h"
#include "core/client/readers.h"

/* The first that fits. */
static const struct {
	const char *words;
	enum client_result result;
} errors[] = {
	{"connection refused", CLIENT_REFUSED},
	{"actively refused", CLIENT_REFUSED},
	{"refused to connect", CLIENT_REFUSED},
	{"ERR_CONNECTION_REFUSED", CLIENT_REFUSED},
	{"NS_ERROR_CONNECTION_REFUSED", CLIENT_REFUSED},
	{"could not resolve proxy", CLIENT_PROXY},
	{"ERR_PROXY_CONNECTION_FAILED", CLIENT_PROXY},
	{"ERR_TUNNEL_CONNECTION_FAILED", CLIENT_PROXY},
	{"CONNECT tunnel failed", CLIENT_PROXY},
	{"network is unreachable", CLIENT_NET_UNREACHABLE},
	{"ERR_INTERNET_DISCONNECTED", CLIENT_NET_UNREACHABLE},
	{"no route to host", CLIENT_UNREACHABLE},
	{"host is unreachable", CLIENT_UNREACHABLE},
	{"ERR_ADDRESS_UNREACHABLE", CLIENT_UNREACHABLE},
	{"operation not permitted", CLIENT_NOT_PERMITTED},
	{"permission denied", CLIENT_NOT_PERMITTED},
	{"ERR_NETWORK_ACCESS_DENIED", CLIENT_NOT_PERMITTED},
	{"cannot assign requested address", CLIENT_NO_ADDRESS},
	{"connection reset", CLIENT_RESET},
	{"ERR_CONNECTION_RESET", CLIENT_RESET},
	{"ERR_CONNECTION_CLOSED", CLIENT_RESET},
	{"PR_END_OF_FILE_ERROR", CLIENT_RESET},
	{"PR_CONNECT_RESET_ERROR", CLIENT_RESET},
	{"could not resolve", CLIENT_UNRESOLVED},
	{"name or service not known", CLIENT_UNRESOLVED},
	{"temporary failure in name resolution", CLIENT_UNRESOLVED},
	{"nodename nor servname", CLIENT_UNRESOLVED},
	{"name resolution of", CLIENT_UNRESOLVED},
	{"ERR_NAME_NOT_RESOLVED", CLIENT_UNRESOLVED},
	{"DNS_PROBE_FINISHED", CLIENT_UNRESOLVED},
	{"server IP address could not be found", CLIENT_UNRESOLVED},
	{"SSL connection timeout", CLIENT_TLS},
	{"ssl3_get_record", CLIENT_TLS},
	{"wrong version number", CLIENT_TLS},
	{"ERR_SSL_", CLIENT_TLS},
	{"ERR_CERT_", CLIENT_TLS},
	{"SSL_ERROR_", CLIENT_TLS},
	{"tlsv1 alert", CLIENT_TLS},
	{"certificate verify failed", CLIENT_TLS},
	{"empty reply from server", CLIENT_RESET},
	{"connection timed out", CLIENT_TIMED_OUT},
	{"connection timeout", CLIENT_TIMED_OUT},
	{"operation timed out", CLIENT_TIMED_OUT},
	{"timed out", CLIENT_TIMED_OUT},
	{"Ncat: TIMEOUT", CLIENT_TIMED_OUT},
	{"timeout was reached", CLIENT_TIMED_OUT},
	{"ERR_CONNECTION_TIMED_OUT", CLIENT_TIMED_OUT},
	{"took too long to respond", CLIENT_TIMED_OUT},
	{"NS_ERROR_NET_TIMEOUT", CLIENT_TIMED_OUT},
	{"connect failed", CLIENT_FAILED},
	{"could not open connection", CLIENT_FAILED},
	{"TCP connect to", CLIENT_FAILED},
	{"couldn't connect to server", CLIENT_FAILED},
};

enum client_result client_result_of(struct text words)
{
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
		if (text_contains_nocase(words, text_of(errors[i].words)))
			return errors[i].result;
	return CLIENT_UNKNOWN;
}
