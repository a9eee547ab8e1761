/*
 * What happened on the host while it was watched: pictures of it are handed in one after
 * the other, and what differs becomes an event, kept in order; what repeats is folded into
 * one. Nothing is said of what was not looked at. Asks nobody, has no clock.
 */
#ifndef CORE_SNAPSHOT_EVENTS_H
#define CORE_SNAPSHOT_EVENTS_H

#include "core/snapshot/traffic.h"

enum {
	EVENTS_MAX = 2000, /* that are kept: the newest */
	EVENT_ON_MAX = 56,
	EVENT_NAME_MAX = 32,
	EVENT_NOTE_MAX = 160,
};

#define EVENT_MARK_NS (10 * INT64_C(1000000000)) /* so long a row is marked */

/* X(name, word, help): what belongs together, as it is chosen on the screen. */
#define EVENT_GROUPS(X)                                                            \
	X(LISTENERS, "listeners", "that came, went, or are held by somebody else") \
	X(QUEUES, "queues", "that are full or lose packets")                       \
	X(CLIENTS, "clients", "that come more or less often, or get no answer")    \
	X(FIREWALL, "firewall", "rules, and who can reach what by them")           \
	X(SIGHT, "sight", "what dport sees, or cannot see any more")               \
	X(MESSAGES, "messages", "what dport itself had to say")

enum event_group {
#define X(name, word, help) EVENTS_OF_##name,
	EVENT_GROUPS(X)
#undef X
		N_EVENT_GROUPS
};

enum event_tone { TONE_QUIET, TONE_GOOD, TONE_WARN, TONE_BAD };

/* X(name, word, group, tone, help). Of one group and subject, what repeats is folded. */
#define EVENT_KINDS(X)                                                                  \
	X(NEW, "new", LISTENERS, QUIET, "a socket listens where none did")              \
	X(BACK, "back", LISTENERS, GOOD, "it listens again after it was gone")          \
	X(RESTARTED, "restarted", LISTENERS, WARN,                                      \
	  "the same port, opened anew or held by another process of the same program: " \
	  "connections of before may be lost")                                          \
	X(OWNER, "owner", LISTENERS, WARN, "another program holds the port now")        \
	X(MOVED, "moved", LISTENERS, WARN, "it listens on other addresses than before") \
	X(GONE, "gone", LISTENERS, BAD, "nothing listens there any more")               \
	X(FULL, "full", QUEUES, BAD,                                                    \
	  "more connections wait than listen() allowed: new clients are not answered")  \
	X(DRAINED, "drained", QUEUES, GOOD, "the queue is at most half full again")     \
	X(DROPS, "drops", QUEUES, WARN, "the kernel threw packets away at this socket") \
	X(ROSE, "rose", CLIENTS, WARN, "far more SYNs than in the minutes before")      \
	X(FELL, "fell", CLIENTS, WARN, "far fewer SYNs than in the minutes before")     \
	X(USUAL, "usual", CLIENTS, GOOD, "SYNs are as many again as before")            \
	X(FAILS, "fails", CLIENTS, BAD, "clients are refused or not answered")          \
	X(WORKS, "works", CLIENTS, GOOD, "all clients are answered again")              \
	X(RULES, "rules", FIREWALL, WARN,                                               \
	  "the firewall's rules are others; their generation counts each change")       \
	X(REACH, "reach", FIREWALL, WARN, "others than before get through to it")       \
	X(SPACE_CAME, "netns", SIGHT, QUIET, "a network namespace came")                \
	X(SPACE_WENT, "netns gone", SIGHT, WARN,                                        \
	  "a network namespace went, with all that listened in it")                     \
	X(UNSEEN, "unseen", SIGHT, WARN, "a source of what is shown here was lost")     \
	X(SEEN, "seen", SIGHT, GOOD, "a source that was missing tells again")           \
	X(MESSAGE, "message", MESSAGES, WARN, "a warning that dport gave on the screen")

enum event_kind {
#define X(name, word, group, tone, help) EVENT_##name,
	EVENT_KINDS(X)
#undef X
		N_EVENT_KINDS
};

const char *event_kind_word(enum event_kind k);
enum event_tone event_kind_tone(enum event_kind k);
enum event_group event_kind_group(enum event_kind k);
const char *event_group_word(enum event_group g);

/* When something was seen. */
struct moment {
	int64_t wall_ns; /* of the host that is watched */
	int64_t now_ns;  /* CLOCK_MONOTONIC of who shows it */
};

/* A process as it was when it held a socket; pid 0: not known. Bytes from outside. */
struct event_process {
	int32_t pid;
	char comm[EVENT_NAME_MAX];
};

struct event {
	uint64_t number; /* grows, also over those that are not kept any more */
	enum event_kind kind;
	uint64_t subject; /* what it is of: folded with its like */
	uint32_t n;       /* occurrences that were folded into it */
	uint32_t kinds;   /* bits 1 << kind of them */
	int64_t first_ns; /* wall clock of the first of them */
	struct moment newest;

	uint64_t endpoint_id;    /* of a listener: the newest; 0: it is of none */
	enum socket_proto proto; /* these four of a listener only */
	uint16_t port;
	struct addr address;
	char on[EVENT_ON_MAX];      /* "any v4+v6", shown text */
	char space[EVENT_NAME_MAX]; /* name of the namespace; "": the own one */

	struct event_process was, is;
	uint64_t number_was, number_is; /* what they count goes by the kind */
	enum traffic_answer answer;     /* of FAILS: how; SOME: in several ways */
	char note_was[EVENT_NAME_MAX];  /* MOVED, REACH: before */
	char note[EVENT_NOTE_MAX];      /* now; UNSEEN, SEEN, MESSAGE: the sentence */
};

struct events;

/* NULL: no memory. All functions below take a NULL and do nothing. */
struct events *events_new(void);
void events_free(struct events *v);

/*
 * The next picture. The first one, and what is seen for the first time, happened before. A
 * picture older than the one before is left out. now_ns: see struct moment. 0 or -ENOMEM:
 * not all of it is told.
 */
int events_take(struct events *v, const struct snapshot *s, int64_t now_ns);
/* The traffic beside the picture that was taken last, about once a second. */
void events_traffic(struct events *v, const struct snapshot *s,
		    const struct traffic_table *t, struct moment at);
/* Who can reach endpoint i of the picture that was taken last, by what is known now: the
 * word of the screen Ports. Words that leave it open ("?", "unsure", "many") are no news.
 */
void events_reach(struct events *v, const struct snapshot *s, size_t i, const char *word,
		  struct moment at);
/* Other rules were read than before; generations 0: not told. */
void events_rules(struct events *v, uint32_t was, uint32_t is, struct moment at);
/* A sentence of the program's own. */
void events_message(struct events *v, struct text sentence, struct moment at);

/* A lost source is told when it is missing for some seconds. True: there is a new event. */
bool events_turn(struct events *v, struct moment at);
/* When events_turn() has something to tell, or a mark ends; INT64_MAX: never. */
int64_t events_due_ns(const struct events *v, int64_t now_ns);

size_t events_n(const struct events *v);
/* Oldest first; i < events_n(). Valid until the next event. */
const struct event *events_at(const struct events *v, size_t i);
/* How many there were in all, folded ones each: another number, another list. */
uint64_t events_n_made(const struct events *v);
/* Those of weight (TONE_WARN, TONE_BAD) within span_ns before now_ns. */
size_t events_n_weighty(const struct events *v, int64_t now_ns, int64_t span_ns);
/* What an endpoint's row is marked with at now_ns; NULL: nothing. */
const struct event *events_mark(const struct events *v, uint64_t endpoint_id,
				int64_t now_ns);

/* Appends its sentence, which names the subject: "443/tcp is gone: nginx 1033 on any v4".
 * All shown text. 0 or -ENOMEM. */
int event_write(const struct event *e, enum text_mode mode, struct str *out);

#endif
