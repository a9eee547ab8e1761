/* How often what repeats itself is tried: under valgrind, where it takes twenty times as
 * long (FEWER_ROUNDS, tests/joblist.py), less often. The sanitizers see all of it. */
#ifndef TESTS_UNIT_ROUNDS_H
#define TESTS_UNIT_ROUNDS_H

#include <stdlib.h>

/* Of n random ones: all, or a fiftieth. */
static inline unsigned rounds(unsigned n)
{
	return getenv("FEWER_ROUNDS") ? n / 50 : n;
}

/* From one place to the next: all of them, or every nth. */
static inline unsigned stride(unsigned n)
{
	return getenv("FEWER_ROUNDS") ? n : 1;
}

#endif
