/*
 * The questions before a diagnosis, for people who know little of it: what this host is to
 * the target where that is unclear, what the client says, which client it is. Keeps what
 * was chosen; draws nothing and starts nothing.
 */
#ifndef TUI_GUIDE_ASK_H
#define TUI_GUIDE_ASK_H

#include "core/diagnosis/run.h"
#include "core/snapshot/traffic.h"

enum ask_kind { ASK_ROLE, ASK_SYMPTOM, ASK_CLIENT, N_ASKS };

enum { ASK_CLIENTS_MAX = 5 };

/* What the words of the call answered already. */
struct guide_given {
	enum symptom symptom; /* NONE: --symptom was not named */
	struct addr client;   /* none: --from was not named */
	uint16_t client_port;
	const char *role; /* "server", "router", "client"; NULL: --role was not named */
};

struct guide_ask {
	enum ask_kind at;
	bool asks_role;
	size_t chosen[N_ASKS]; /* answers, as they are listed */
	struct traffic_client clients[ASK_CLIENTS_MAX];
	size_t n_clients;
	struct addr typed; /* none: nothing was typed */
	uint16_t typed_port;
};

/* What an answer to "which client?" stands for. */
enum ask_client { ASK_ANYONE, ASK_SEEN, ASK_TYPED, ASK_NOBODY };

struct model;
struct guide;

/*
 * Makes ready what is to be asked about model.guide, which is aimed; what was given with
 * the call counts once. False: nothing is asked, and model.guide has all that was given.
 */
bool guide_ask_open(struct model *m);
/* How many answers the question has. */
size_t guide_ask_n(const struct guide_ask *a);
enum symptom guide_ask_symptom(size_t answer);
enum aim_role guide_ask_role(size_t answer);
enum ask_client guide_ask_client(const struct guide_ask *a, size_t answer);
/* To the next question. False: there is none, and model.guide has the answers. */
bool guide_ask_next(struct model *m);
/* To the question before; false: it was the first. */
bool guide_ask_back(struct guide_ask *a);
/* One input while the client is typed, as address or address and port. *is_typed: it stands
 * there. Returns effects. */
unsigned guide_ask_input(struct model *m, int input, bool *is_typed);
/* model.guide gets the answers so far; of what was not asked yet the first ones. */
void guide_ask_finish(struct model *m);

#endif
