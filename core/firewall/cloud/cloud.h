/*
 * The rules that a cloud keeps in front of this host, from files that its own tool has
 * saved: `aws ec2 describe-security-groups`, `describe-network-acls`, `describe-prefix-
 * lists`, one document or several behind one another. They become rows as the kernel's
 * rules are, for the same evaluator. Opens nothing, asks nobody.
 */
#ifndef CORE_FIREWALL_CLOUD_H
#define CORE_FIREWALL_CLOUD_H

#include "core/firewall/eval/eval.h"
#include "core/firewall/ruleset.h"

enum { CLOUD_ERROR_MAX = 160, CLOUD_BYTES_MAX = 8 << 20, CLOUD_ROWS_MAX = 65536 };

struct cloud_rules {
	struct table head;
	/*
	 * Security groups: one table, one chain, whose policy drops: what one group allows
	 * is allowed. Each network ACL: a table of two chains, in at prerouting and out at
	 * postrouting. A rule's comment says it in the cloud's words; what it takes that
	 * the files do not hold (another group, a list of prefixes) is FW_EXPR_OPAQUE.
	 */
	struct ruleset rules;
	uint32_t groups; /* their table; FW_NONE: the files hold none */
	size_t n_groups, n_acls;
	int64_t written_ns; /* wall: of the file; 0: not known. The caller's to set */
	struct text name;   /* of the file, shown; likewise, borrowed */
};

/*
 * bytes: the file. NULL: it is no such document; error says why in one sentence without the
 * file's name and without a full stop. Released by table_unref().
 */
struct cloud_rules *cloud_parse(const char *bytes, size_t len, char error[CLOUD_ERROR_MAX]);

enum cloud_verdict { CLOUD_OPEN, CLOUD_STOPPED, CLOUD_UNSURE };
enum { CLOUD_NEAR_MAX = 3, CLOUD_UNSURE_MAX = 4 };

struct cloud_answer {
	enum cloud_verdict verdict;
	bool is_reply; /* STOPPED: what would be answered, by an ACL on its way out */
	/* STOPPED: where; OPEN: of the group that lets it in. rule UINT32_MAX: nothing
	 * there allows it. chain UINT32_MAX: there is no group in the files. */
	uint32_t chain, rule;
	struct fw_near near[CLOUD_NEAR_MAX]; /* of STOPPED */
	size_t n_near;
	uint32_t unsure[CLOUD_UNSURE_MAX]; /* rules that it hangs on */
	size_t n_unsure;
	bool hangs_on_acl; /* several ACLs disagree: which is of this host's subnet? */
};

/*
 * The first packet of a connection from client to server, and its answer. client_port 0:
 * not known. All groups of the files are taken as this host's. 0 or -ENOMEM.
 */
int cloud_ask(const struct cloud_rules *c, uint8_t proto, const struct addr *client,
	      uint16_t client_port, const struct addr *server, uint16_t port,
	      struct cloud_answer *out);

#endif
