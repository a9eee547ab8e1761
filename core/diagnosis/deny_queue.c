/* A rule that gives packets to a queue (queue, NFQUEUE) which nobody takes them from:
 * words, what shows it, what helps. Judges nothing. */
#include "core/diagnosis/check_deny.h"

static const char show[] = "cat /proc/net/netfilter/nfnetlink_queue";

bool deny_has_queue(const struct path_leg *leg)
{
	return leg->queue == FW_QUEUE_UNREAD || leg->queue == FW_QUEUE_REFUSED;
}

const char *deny_queue_words(const struct path_leg *leg)
{
	if (leg->queue == FW_QUEUE_UNREAD)
		return ", which gives it to a queue that no program reads";
	return leg->queue == FW_QUEUE_REFUSED
		       ? ", which gives it to a queue whose program takes no packets"
		       : "";
}

int deny_prove_queue(const struct check_view *v, struct finding *f,
		     const struct path_leg *leg)
{
	if (leg->queue == FW_QUEUE_UNREAD)
		return finding_prove(
			f, v->arena, "settings", true, show,
			"nobody is in the kernel's list of readers for that queue: it "
			"drops what is given to it");
	if (leg->queue != FW_QUEUE_REFUSED)
		return 0;
	return finding_prove(f, v->arena, "settings", true, show,
			     "queue %u is held by port id %u in mode 0, which takes no "
			     "packets: the kernel drops what is given to it",
			     leg->reader.queue, leg->reader.port_id);
}

int deny_advise_queue(const struct check_view *v, struct finding *f,
		      const struct path_leg *leg)
{
	const char *manager = deny_manager(v, leg);

	return finding_advise(
		f, v->arena, deny_show_command(v, leg), NULL,
		"with bypass packets pass unseen while the program is away",
		"start the program that reads the queue (suricata, snort and the "
		"like%s%s), or let the rule have the flag bypass "
		"(--queue-bypass)",
		manager ? "; the rule is made by " : "", manager ? manager : "");
}
