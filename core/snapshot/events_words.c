/*
 * Events as sentences: the subject first, what happened, what was before. One function for
 * each kind that says more than its words. All that leaves is shown text.
 */
#include <errno.h>
#include <inttypes.h>

#include "core/base/time.h"
#include "core/snapshot/events.h"

struct sentence {
	const struct event *e;
	enum text_mode mode;
	struct str *out;
};

static void put(const struct sentence *w, const char *words)
{
	str_puts(w->out, words);
}

/* What came from outside. */
static void show(const struct sentence *w, const char *text)
{
	text_show(w->out, text_of(text), w->mode);
}

static bool has_port(const struct event *e)
{
	return e->endpoint_id != 0;
}

/* "443/tcp", "443/tcp in blue"; "" where it is of no port. */
static void put_subject(const struct sentence *w)
{
	const struct endpoint port = {.proto = w->e->proto, .port = w->e->port};

	if (!has_port(w->e))
		return;
	endpoint_port_text(w->out, &port);
	if (!w->e->space[0])
		return;
	put(w, " in ");
	show(w, w->e->space);
}

/* "nginx 1033" */
static void put_process(const struct sentence *w, const struct event_process *p)
{
	show(w, p->comm);
	str_printf(w->out, " %" PRId32, p->pid);
}

/* ": nginx 1033 on any v4+v6" */
static void put_holder(const struct sentence *w, const struct event_process *p)
{
	put(w, ":");
	if (p->pid) {
		put(w, " ");
		put_process(w, p);
	}
	put(w, " on ");
	put(w, w->e->on);
}

static void say_new(const struct sentence *w)
{
	put(w, " listens now");
	put_holder(w, &w->e->is);
}

/* ", was nginx 1033" where that is another one */
static void put_before(const struct sentence *w)
{
	const struct event_process *was = &w->e->was, *is = &w->e->is;

	if (!was->pid || was->pid == is->pid)
		return;
	put(w, is->pid ? ", was " : "; it was ");
	put_process(w, was);
}

static void say_back(const struct sentence *w)
{
	char span[TIME_TEXT_MAX];

	put(w, " listens again");
	if (w->e->number_is >= (uint64_t)NS_PER_S)
		str_printf(w->out, " after %s", time_span((int64_t)w->e->number_is, span));
	put_holder(w, &w->e->is);
	put_before(w);
}

static void say_restarted(const struct sentence *w)
{
	const struct event_process *was = &w->e->was, *is = &w->e->is;

	if (w->e->number_is && (!is->pid || was->pid == is->pid))
		put(w, " was opened anew");
	else
		put(w, " is held by another process");
	put_holder(w, is);
	put_before(w);
}

static void say_owner(const struct sentence *w)
{
	put(w, " is held by another program");
	put_holder(w, &w->e->is);
	put_before(w);
}

static void say_moved(const struct sentence *w)
{
	str_printf(w->out, " listens on %s now, was %s", w->e->on, w->e->note_was);
}

static void say_gone(const struct sentence *w)
{
	put(w, " is gone");
	put_holder(w, &w->e->was);
}

static void say_full(const struct sentence *w)
{
	str_printf(w->out,
		   ": the accept queue is full, %" PRIu64 " wait and listen() allows"
		   " %" PRIu64,
		   w->e->number_is, w->e->number_was);
}

static void say_drained(const struct sentence *w)
{
	str_printf(w->out, ": the accept queue has room again, %" PRIu64 " of %" PRIu64,
		   w->e->number_is, w->e->number_was);
}

static void say_drops(const struct sentence *w)
{
	str_printf(w->out, ": the kernel dropped %" PRIu64 " %s at the socket",
		   w->e->number_is, w->e->number_is == 1 ? "packet" : "packets");
}

static double per_second(uint64_t milli_rate)
{
	return (double)milli_rate / 1000;
}

static void put_rates(const struct sentence *w, const char *verb)
{
	str_printf(w->out, ": SYNs %s %.1f/s, usual is %.1f/s", verb,
		   per_second(w->e->number_is), per_second(w->e->number_was));
}

static void say_rose(const struct sentence *w)
{
	put_rates(w, "rose to");
}

static void say_fell(const struct sentence *w)
{
	put_rates(w, "fell to");
}

static void say_usual(const struct sentence *w)
{
	put_rates(w, "are back at");
}

static void say_fails(const struct sentence *w)
{
	static const char *const words[N_TRAFFIC_ANSWERS] = {
		[TRAFFIC_CLOSED] = "refused (RST)",
		[TRAFFIC_REJECTED] = "rejected (ICMP)",
		[TRAFFIC_FILTERED] = "not answered",
	};
	const char *word = words[w->e->answer];
	const char *verb = w->e->number_is == 1 ? "was " : "were ";

	str_printf(w->out, ": of the last minute's attempts %" PRIu64 " %s%s, %" PRIu64,
		   w->e->number_is, word ? verb : "", word ? word : "failed",
		   w->e->number_was);
	put(w, " answered");
}

static void say_works(const struct sentence *w)
{
	str_printf(w->out,
		   ": clients are answered again, all %" PRIu64
		   " attempts of the last minute",
		   w->e->number_is);
}

static void say_rules(const struct sentence *w)
{
	put(w, "the firewall's rules changed");
	if (w->e->number_was && w->e->number_is)
		str_printf(w->out, ": generation %" PRIu64 " became %" PRIu64,
			   w->e->number_was, w->e->number_is);
}

static void say_reach(const struct sentence *w)
{
	put(w, " can be reached by ");
	show(w, w->e->note);
	put(w, " now, was ");
	show(w, w->e->note_was);
}

static void say_space_came(const struct sentence *w)
{
	put(w, "network namespace ");
	show(w, w->e->space);
	put(w, " came");
}

static void say_space_went(const struct sentence *w)
{
	put(w, "network namespace ");
	show(w, w->e->space);
	put(w, " went, and with it ");
	if (w->e->number_is)
		str_printf(w->out, "%" PRIu64 " %s", w->e->number_was,
			   w->e->number_was == 1 ? "listener" : "listeners");
	else
		put(w, "what listened there: not all of that was seen");
}

static void say_unseen(const struct sentence *w)
{
	put(w, "missing now: ");
	show(w, w->e->note);
}

static void say_seen(const struct sentence *w)
{
	put(w, "not missing any more: ");
	show(w, w->e->note);
}

static void say_message(const struct sentence *w)
{
	show(w, w->e->note);
}

static void (*const says[N_EVENT_KINDS])(const struct sentence *w) = {
	[EVENT_NEW] = say_new,
	[EVENT_BACK] = say_back,
	[EVENT_RESTARTED] = say_restarted,
	[EVENT_OWNER] = say_owner,
	[EVENT_MOVED] = say_moved,
	[EVENT_GONE] = say_gone,
	[EVENT_FULL] = say_full,
	[EVENT_DRAINED] = say_drained,
	[EVENT_DROPS] = say_drops,
	[EVENT_ROSE] = say_rose,
	[EVENT_FELL] = say_fell,
	[EVENT_USUAL] = say_usual,
	[EVENT_FAILS] = say_fails,
	[EVENT_WORKS] = say_works,
	[EVENT_RULES] = say_rules,
	[EVENT_REACH] = say_reach,
	[EVENT_SPACE_CAME] = say_space_came,
	[EVENT_SPACE_WENT] = say_space_went,
	[EVENT_UNSEEN] = say_unseen,
	[EVENT_SEEN] = say_seen,
	[EVENT_MESSAGE] = say_message,
};

/* ---- what came again and again ---- */

#define BIT(name) (1u << EVENT_##name)

/* "gone and back 14 times": what the kinds in it are called together. */
static const struct {
	uint32_t kinds;
	const char *words;
} together[] = {
	{BIT(GONE) | BIT(BACK), "gone and back"},
	{BIT(GONE) | BIT(NEW), "gone and back"},
	{BIT(GONE) | BIT(NEW) | BIT(BACK), "gone and back"},
	{BIT(RESTARTED), "restarted"},
	{BIT(FULL) | BIT(DRAINED), "full and drained"},
	{BIT(FAILS) | BIT(WORKS), "failing and working"},
	{BIT(ROSE) | BIT(USUAL), "up and down"},
	{BIT(FELL) | BIT(USUAL), "down and up"},
	{BIT(SPACE_CAME) | BIT(SPACE_WENT), "here and gone"},
	{BIT(UNSEEN) | BIT(SEEN), "lost and found"},
};

static bool is_to_and_fro(uint32_t kinds)
{
	return (kinds & (kinds - 1)) != 0;
}

/* " (gone and back 14 times in 40 s)" */
static void put_repeats(const struct sentence *w)
{
	const struct event *e = w->e;
	const char *words = is_to_and_fro(e->kinds) ? "changed" : "";
	uint32_t n = e->n;
	char span[TIME_TEXT_MAX];

	for (size_t i = 0; i < sizeof(together) / sizeof(together[0]); i++) {
		if (together[i].kinds != e->kinds)
			continue;
		words = together[i].words;
		n = is_to_and_fro(e->kinds) ? (e->n + 1) / 2 : e->n;
	}
	str_printf(w->out, " (%s%s%" PRIu32 " times in %s)", words, words[0] ? " " : "", n,
		   time_span(e->newest.wall_ns - e->first_ns, span));
}

int event_write(const struct event *e, enum text_mode mode, struct str *out)
{
	const struct sentence w = {e, mode, out};

	/* Of drops the number is told, not in how many looks they were seen. */
	bool is_repeated = e->n > 1 && e->kind != EVENT_DROPS;

	put_subject(&w);
	if (is_repeated && has_port(e))
		put_repeats(&w);
	says[e->kind](&w);
	if (is_repeated && !has_port(e))
		put_repeats(&w);
	return out->failed ? -ENOMEM : 0;
}
