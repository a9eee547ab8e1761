/* The words of the call, and the commands that print and end. */
#ifndef TUI_CLI_H
#define TUI_CLI_H

#include "core/base/asks.h"
#include "core/base/exits.h"
#include "core/host/read/joined.h"
#include "core/host/request.h"
#include "core/snapshot/filter.h"
#include "tui/app.h"
#include "tui/config/config_files.h"

#define CLI_GO_ON          (-1)
#define FIRST_REQUESTS_MAX 4

/* X(name, word, arguments, what it does) */
#define COMMANDS(X)                                                                  \
	X(CONSOLE, "", "[TARGET|FILTER...]", "the console; with a TARGET its guide") \
	X(LIST, "list", "[FILTER...]",                                               \
	  "listeners with every owner, one row per service endpoint")                \
	X(RECORD, "record", "FILE [TARGET]",                                         \
	  "everything that was read (for a TARGET: its diagnosis), in one file")     \
	X(DIAGNOSE, "diagnose", "TARGET",                                            \
	  "why a port cannot be reached: the cause, its proof, the fix")             \
	X(PATH, "path", "TARGET",                                                    \
	  "where one packet and its reply would go; nothing is sent")                \
	X(PROBE, "probe", "HOST:PORT",                                               \
	  "the client's side: resolve, route, connect, first bytes; who answered")   \
	X(RULES, "rules", "[PORT]",                                                  \
	  "every rule of every backend as it was read, with what is odd about it")   \
	X(EXPOSURE, "exposure", "[PORT...]",                                         \
	  "for each listener the sources that can reach it")                         \
	X(CAPTURE, "capture", "[TARGET]",                                            \
	  "attempts to reach a port and their outcome, live or from a file")         \
	X(DOCTOR, "doctor", "",                                                      \
	  "what can and cannot be seen here, and the grant that would help")

enum command {
#define X(name, word, args, help) COMMAND_##name,
	COMMANDS(X)
#undef X
		N_COMMANDS
};

enum format { FORMAT_TEXT, FORMAT_JSON, FORMAT_CSV, FORMAT_MARKDOWN, FORMAT_JSONL };

struct cli {
	enum command command;
	enum format format;
	struct refresh_options refresh;
	const char *replay, *record, *debug;
	int replay_fd, record_fd, debug_fd;       /* -1: not asked for */
	struct request first[FIRST_REQUESTS_MAX]; /* what a list asks first of all */
	unsigned n_first;
	int n_workers;
	int owners_way; /* enum owners_way of core/host/broker/worker.h */
	int record_s;   /* --for */
	/* capture: the interface, and files to read and to write; NULL: not named */
	const char *capture_device, *capture_read, *capture_write;
	int capture_fd, save_fd; /* -1: not asked for */
	const char *cloud_rules; /* diagnose, path: the file; NULL: not named */
	int cloud_fd;            /* -1: likewise */
	bool is_summary, is_promiscuous, with_payload;
	/* diagnose: as typed; NULL: not named */
	const char *from, *role;
	const char *symptom;                     /* a word of SYMPTOMS */
	const char *clients[REMOTE_CLIENTS_MAX]; /* --client, as typed */
	const char *joined[JOINED_FILES_MAX];    /* --join */
	int n_clients, n_joined;
	int wait_s; /* 0: not named */
	bool without_connect, proves;
	/* probe (and diagnose as the client): as typed; NULL: not named */
	const char *expect;
	bool sweeps; /* --mtu */
	/* path: as typed; NULL: not named */
	const char *in_device, *flags, *state, *origin;
	int ttl; /* 0: not named */
	enum color_choice color;
	bool is_ascii, is_plain, is_redacted;
	const char *config; /* --config; NULL: the usual files */
	struct config_files configs;
	bool prints_config;
	const char *screen; /* with --plain; NULL: Ports */
	int family;
	const char *target; /* console: the Guide opens on it; NULL: none was named */
	char **words;       /* filter */
	int n_words;
	struct filter *filter;
	char filter_line[512];
};

/* CLI_GO_ON, or the exit code after help, version or one sentence on standard error. */
int cli_parse(struct cli *c, int argc, char **argv);

/* To standard output, unless a signal comes first. 0 or an exit code. */
int cli_write_out(const struct str *out, int signal_fd);

/* The listeners in the format that was asked for; what is missing to standard error. 0 or
 * an exit code. */
int cli_print_list(const struct cli *cli, const struct snapshot *s, int signal_fd);

/* 0, or why no listener at all could be read: for want of a right, because the namespace
 * that was named does not exist, or for what the document says. */
int cli_code_for_view(const struct snapshot *s);

/* The child's main: arg is the struct cli. Returns the exit code. */
int cli_run(int socket, void *arg);

#endif
