/* The words of a packet's way, for path_text. Each appends. */
#ifndef CORE_REPORT_PATH_WORDS_H
#define CORE_REPORT_PATH_WORDS_H

#include "core/firewall/text/rule_text.h"
#include "core/report/path_page.h"

/* "443/tcp from 198.51.100.7 to 10.0.0.5", with the flags and state if they are no SYN's.
 */
void path_put_packet(struct str *out, const struct path_ask *a);
/* "dropped by inet filter input handle 27", "reaches nginx 1033, and the reply gets back"
 */
void path_put_verdict(struct str *out, const struct path_page *p);
/* "in", "prerouting", "out"; a translation and a route as people call them. */
const char *path_hop_place(const struct path_hop *h, bool is_first);
/* Of a hop that ended the way for its route, or could not be asked. Static. */
const char *path_route_words(const struct path_hop *h);
/* A hop's reason, and who reads the queue that it was given to; nothing without one. */
void path_put_why(struct str *out, const struct evidence *e, const struct path_hop *h);
/* What happened there: "eth0", "inet filter input handle 27", "by eth0 through 10.0.0.1" */
void path_put_hop_words(struct str *out, const struct path_page *p,
			const struct path_leg *leg, const struct path_hop *h,
			enum text_mode mode);
/* "made by ufw, met by 4 packets so far"; nothing where neither is known. */
void path_put_manager(struct str *out, const struct ruleset *r, uint32_t chain,
		      uint32_t rule);

#endif
