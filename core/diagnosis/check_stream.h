/* What the checks of conversations ask and say alike. Shared by checks_stream*.c only. */
#ifndef CORE_DIAGNOSIS_CHECK_STREAM_H
#define CORE_DIAGNOSIS_CHECK_STREAM_H

#include "core/diagnosis/stream_story.h"

/* The socket that takes them here; NULL: another host's, or not known. */
const struct endpoint *stream_endpoint(const struct check_view *v);
/* "nginx 1033", or "the service". */
const char *stream_service(const struct check_view *v);
/* As sure as packets alone make it: what the capture lost, or another host's socket, leaves
 * a doubt. */
enum certainty stream_certainty(const struct check_view *v, enum certainty most);
/* "3 connections: the client begins with ..., the answer is ...". 0 or -ENOMEM. */
int stream_prove_words(const struct check_view *v, struct finding *f,
		       const struct attempt *a, unsigned n);
/* "3 connections: the handshake is complete, and the server's end closes it after 2.1 ms
 * without a byte". */
int stream_prove_end(const struct check_view *v, struct finding *f, const struct attempt *a,
		     unsigned n);
/* Somebody at this port was seen to speak like this in the window, and was answered so. */
bool stream_was_seen(const struct check_view *v, uint8_t client_bytes,
		     uint8_t server_bytes);
/* What a line of these seconds, of the owner or of the client, makes of f beside what the
 * packets show; it becomes a proof. PROVEN: its writer is known to be who he says.
 * POSSIBLE: anybody may have written it. NONE: there is none, or no log was read. */
enum certainty stream_log_tells(const struct check_view *v, struct finding *f);
/* Such a line of a known writer carries another fault, which looks alike in packets. */
bool stream_log_blames(const struct check_view *v, enum fault other);
/* "10.0.0.1:443", "[fd00::1]:443" */
const char *stream_target(const struct check_view *v);
/* tcpdump(8) of the port, with what is in the packets. */
const char *stream_dump(const struct check_view *v);

#endif
