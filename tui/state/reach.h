/*
 * Who can reach each listener, one word per endpoint, as the screen Ports shows it. Finds
 * out nothing (exposures.h does) and draws nothing.
 */
#ifndef TUI_REACH_H
#define TUI_REACH_H

#include "core/base/str.h"
#include "core/base/vec.h"
#include "core/snapshot/snapshot.h"

enum { REACH_WORD_MAX = 32 };

struct reach_row {
	uint64_t id;    /* of the endpoint */
	uint64_t group; /* of all that listen on its port: another one, another answer */
	uint64_t epoch, found_group; /* that the word was found for */
	bool has_word;
	char word[REACH_WORD_MAX];
};

struct reach {
	struct vec rows;   /* struct reach_row, by id */
	uint64_t epoch;    /* of rules and addresses: another one, other answers */
	bool is_followed;  /* rows are those of a picture */
	const char *gap;   /* why words are "?"; NULL: no reason */
	const char *grant; /* what would help; NULL: nothing */
	/* Of the one endpoint whose details are shown: from where, as lines of text. */
	uint64_t sets_wanted, sets_id, sets_epoch; /* ids; 0: none */
	/* It serves a published port in another namespace: of it too they are found. */
	bool is_wanted_behind;
	struct str sets;
};

void reach_release(struct reach *r);
/* The endpoints of this space; words of those that are still there are kept. 0, -ENOMEM. */
int reach_follow(struct reach *r, const struct snapshot *s, const struct space *space);
/* NULL: not one of those. */
struct reach_row *reach_find(const struct reach *r, uint64_t id);
/* Its word is the newest that can be had. */
bool reach_is_fresh(const struct reach *r, const struct reach_row *row);
/* True: the word is another one than before. */
bool reach_tell(struct reach *r, uint64_t id, uint64_t group, uint64_t epoch,
		const char *word);
/* NULL: not known yet, or never (it is not in the space that is looked at). */
const char *reach_word(const struct reach *r, const struct endpoint *e);
/* Never: the rules of its namespace are not read. */
bool reach_is_elsewhere(const struct reach *r, const struct endpoint *e);

#endif
