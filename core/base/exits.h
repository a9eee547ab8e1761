/* The exit codes that users script against, in one place; what each means is in dport(1).
 */
#ifndef CORE_BASE_EXITS_H
#define CORE_BASE_EXITS_H

enum {
	EXIT_FAULT = 1, /* one was found */
	EXIT_USAGE = 2,
	EXIT_UNKNOWN = 3,
	EXIT_DAMAGED = 65,
	EXIT_INTERNAL = 70,
	EXIT_OUTPUT = 74,
	EXIT_RIGHTS = 77,
	EXIT_INTERRUPTED = 130,
};

#endif
