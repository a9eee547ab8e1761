/*
 * When the answers of a recording were given: the pictures of the host that it holds, and
 * which answer stood at a moment. Reads no file, decodes nothing.
 */
#ifndef CORE_HOST_MOMENTS_H
#define CORE_HOST_MOMENTS_H

#include "core/host/tape/answers.h"

enum { MOMENTS_MAX = 100000 };

/*
 * Appends the pictures (struct tape_moment, at most MOMENTS_MAX): one for each answer
 * that tells the listeners of TCP, unless the clock was set back between. 0 or
 * -ENOMEM.
 */
int moments_find(const struct answers *set, struct vec *out);
/* How many of the answers to text were begun before that moment. */
unsigned moments_nth_from(const struct answers *set, const char *text, int64_t wall_ns);

#endif
