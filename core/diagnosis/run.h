/*
 * The run of a diagnosis: which evidence is needed when. A state machine without I/O and
 * without a clock: its driver (a command, the console, a replay, a test) asks what it
 * names, feeds what comes, and reads the judgement. Order: snapshot, first look, capture
 * ready, counters and rules before, trace ready, the window, counters and rules after,
 * capture drained, own probe last, logs.
 */
#ifndef CORE_DIAGNOSIS_RUN_H
#define CORE_DIAGNOSIS_RUN_H

#include "core/diagnosis/diagnosis.h"

struct run_options {
	struct aim target;
	int64_t wait_ns; /* of the window at most; 5 s if not said otherwise */
	bool may_probe;  /* a connection of our own is allowed */
	bool may_trace;  /* a table that marks the client's packets is allowed */
	/* Clients that are asked over ssh once the window is open (n 0: none), files of the
	 * call that say what the other end saw, and what the person says of it. */
	struct remote_ask remote;
	bool has_joined;
	enum symptom symptom;
	const struct cloud_rules *cloud; /* borrowed; NULL: none were given */
	bool is_replay; /* the capture's end ends the window, no clock does */
	/* This host is the client: its tries are the window. Of reach the addresses are
	 * the resolver's where a name is given (none, or only those of family). */
	bool is_client_side;
	struct reach_ask reach;
	int family;           /* AF_UNSPEC: both */
	struct addr expected; /* that the name should have; none: not said */
	char name[254];       /* the name of the target; "": none, or it matters not */
	int32_t utc_offset_s;
};

enum run_phase {
	RUN_LOOKING,  /* listeners, owners, rules, settings are read */
	RUN_OPENING,  /* the capture is being opened */
	RUN_BASELINE, /* counters and rules before the window */
	RUN_WATCHING, /* the window */
	RUN_CLOSING,  /* counters and rules after it; the capture is drained */
	RUN_ASKING,   /* routes, processes, logs, our own connection */
	RUN_DONE,
	N_RUN_PHASES
};
/* "reads listeners and rules", ... */
const char *run_phase_words(enum run_phase p);

/* What the walks were made from. */
struct run_walked {
	const struct snapshot *snapshot; /* NULL: they are due */
	uint64_t n_taken;                /* records of the capture */
	size_t n_answered;               /* questions */
};

struct run {
	struct run_options options;
	struct evidence evidence;
	enum run_phase phase;
	int64_t phase_ns, start_ns, watch_ns; /* monotonic: began then */
	bool wants_capture_end, has_capture_ended;
	bool wants_trace, has_trace_ended, have_drops_ended;
	struct trace_ask trace_ask;
	bool is_settled; /* every source of the snapshot has answered */
	size_t n_rounds; /* of path questions in this phase */
	struct run_walked walked;
};

/* Snapshot, attempts and responses are the driver's and outlive the run. */
void run_init(struct run *r, const struct run_options *o, const struct responses *responses,
	      const struct attempts *attempts, int64_t now_ns);
/* A new picture of the host (borrowed; the driver keeps it until the next). settled: every
 * source has answered. */
void run_snapshot(struct run *r, const struct snapshot *s, const struct space *space,
		  bool is_settled);
/* How the capture is: 0 and ready, or why there is none. */
void run_capture(struct run *r, int error, bool has_ended);
/* How the trace is, once it is wanted: what it told so far (borrowed), or why there is
 * none.
 */
void run_trace(struct run *r, const struct fw_trace *trace, int error, bool has_ended);
/* The packets that the kernel dropped so far (borrowed), or why nobody watches for them. */
void run_drops(struct run *r, const struct drops *drops, int error, bool has_ended);
/*
 * Goes on as far as the evidence allows. ask() is called for every question that is needed
 * now (again and again the same is fine). Returns true if anything changed. now_ns:
 * monotonic; wall_ns: the present, in a replay that of the newest part.
 */
bool run_step(struct run *r, int64_t now_ns, int64_t wall_ns,
	      void (*ask)(void *arg, const struct question *q), void *arg);
/* The capture that the run wants (from RUN_LOOKING on). */
struct capture_ask run_capture_ask(const struct run *r);
/* What to watch for among dropped packets. False: nothing, this host is the client. */
bool run_drop_ask(const struct run *r, struct drop_ask *out);
/* The trace that the run wants: from RUN_BASELINE on, if it is allowed. NULL: none. */
const struct trace_ask *run_trace_ask(const struct run *r);
/* How long the phase may take at most. */
int64_t run_limit_ns(const struct run *r, enum run_phase p);
/* When run_step() is due again without news; INT64_MAX: never; 0: every 100 ms. */
int64_t run_due_ns(const struct run *r);
bool run_is_done(const struct run *r);
/* The driver must end the capture now. */
bool run_wants_capture_end(const struct run *r);
void run_release(struct run *r);

#endif
