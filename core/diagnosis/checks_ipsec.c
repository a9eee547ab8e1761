/*
 * A policy of IPsec that stops the packet or its answer. Policies themselves are not read:
 * the kernel counts what it stops for their sake, and why.
 */
#include "core/diagnosis/check_kernel.h"

enum { AT_IPSEC = AT_SOCKET - 40, AT_IPSEC_OUT = AT_REPLY_ROUTE + 50 };

static const struct kernel_told ipsec_in[] = {
	{"xfrm.XfrmInTmplMismatch", "XfrmInTmplMismatch",
	 "a policy of IPsec wants it protected, and it came in the clear"},
	{"xfrm.XfrmInNoPols", "XfrmInNoPols", "no policy of IPsec takes it as it came"},
	{"xfrm.XfrmInPolBlock", "XfrmInPolBlock", "a policy of IPsec blocks it"},
	{"xfrm.XfrmInPolError", "XfrmInPolError", "the policy of IPsec for it is in error"},
};

static const struct kernel_told ipsec_out[] = {
	{"xfrm.XfrmOutNoStates", "XfrmOutNoStates",
	 "a policy of IPsec wants the answer protected, and no security association is "
	 "there"},
	{"xfrm.XfrmOutPolBlock", "XfrmOutPolBlock", "a policy of IPsec blocks the answer"},
	{"xfrm.XfrmOutPolDead", "XfrmOutPolDead",
	 "the policy of IPsec for the answer has ended"},
	{"xfrm.XfrmOutPolError", "XfrmOutPolError",
	 "the policy of IPsec for the answer is in error"},
};

#define N_ROWS(rows) (sizeof(rows) / sizeof((rows)[0]))

/* The answer was made and not sent: the handshake waits, or none could begin for want of a
 * way out. */
static int certainty_of_answer(const struct check_view *v, const struct kernel_told *row)
{
	enum step_with counted = kernel_counted(v, row->counter);
	uint8_t n_repeats;

	if (counted != COUNT_IN_STEP)
		return CERTAINTY_POSSIBLE;
	if (kernel_waits(v, &n_repeats) ||
	    kernel_counted(v, "TcpExt.ListenDrops") == COUNT_IN_STEP)
		return CERTAINTY_PROVEN;
	return CERTAINTY_LIKELY;
}

static int tell_ipsec(const struct check_view *v, struct finding *f,
		      const struct kernel_told *row, bool is_reply)
{
	const char *client = kernel_client(v), *server = kernel_server(v);
	int error;

	f->position = is_reply ? AT_IPSEC_OUT : AT_IPSEC;
	f->explains_silence = true;
	error = finding_say(f, v->arena, "%s from %s: %s", view_port(v), client, row->what);
	if (!error)
		error = finding_prove(
			f, v->arena, "counters", true, "cat /proc/net/xfrm_stat",
			"the kernel counted +%lld (%s) in this time",
			(long long)evidence_delta(v->e, row->counter), row->name);
	if (!error)
		error = kernel_prove_dropped(v, f);
	if (!error)
		error = prove_wire(v, f);
	if (!error)
		error = finding_advise(
			f, v->arena,
			is_reply ? view_text(v, "ip xfrm policy get src %s dst %s dir out",
					     server, client)
				 : view_text(v, "ip xfrm policy get src %s dst %s dir in",
					     client, server),
			NULL, NULL,
			"find the policy and who made it (strongSwan, libreswan): bring "
			"the "
			"tunnel up at both ends, or take this client out of the policy");
	return error;
}

int check_ipsec_policy(const struct check_view *v, struct finding *f)
{
	bool is_in_known, is_out_known;
	const struct kernel_told *in =
		kernel_first_moved(v, ipsec_in, N_ROWS(ipsec_in), &is_in_known);
	const struct kernel_told *out =
		kernel_first_moved(v, ipsec_out, N_ROWS(ipsec_out), &is_out_known);
	int error, of_in = CERTAINTY_NONE, of_out = CERTAINTY_NONE;
	bool is_reply;

	if (kernel_has_answered(v) || (!in && !out && is_in_known && is_out_known))
		return ruled_out(f);
	if (!v->sight.n_all || !sight_is_silent(v))
		return CERTAINTY_NONE;
	if (in)
		of_in = kernel_certainty(v, kernel_counted(v, in->counter));
	if (out)
		of_out = certainty_of_answer(v, out);
	is_reply = of_out > of_in;
	if (of_in == CERTAINTY_NONE && !is_reply)
		return CERTAINTY_NONE;
	error = tell_ipsec(v, f, is_reply ? out : in, is_reply);
	return error ? error : is_reply ? of_out : of_in;
}
