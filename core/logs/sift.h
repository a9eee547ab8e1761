/*
 * Which of many forms a line may have: found in one pass over the line by four letters of
 * each form. It leaves none out that matches; most of what is left does. Inside core/logs.
 */
#ifndef CORE_LOGS_SIFT_H
#define CORE_LOGS_SIFT_H

#include <stdint.h>

#include "core/base/text.h"

enum { SIFT_FORMS_MAX = 255, SIFT_PLACES = 4096 };

/* Numbers of forms, a bit each. */
struct sifted {
	uint64_t words[SIFT_FORMS_MAX / 64 + 1];
};

struct sift {
	/* By the hash of four letters: the first of the forms that need them, + 1; 0: none.
	 * The next one likewise. */
	uint8_t first[SIFT_PLACES], next[SIFT_FORMS_MAX];
	struct sifted always; /* forms without four letters in a row */
};

void sift_init(struct sift *s);
/* number < SIFT_FORMS_MAX, each once. Of a form as form.h has it. */
void sift_add(struct sift *s, unsigned number, const char *form);
struct sifted sift_line(const struct sift *s, struct text line);
/* The least number, taken out; SIFT_FORMS_MAX: there is none left. */
unsigned sifted_next(struct sifted *all);

#endif
