/* Decoders that are structs of their user's, made and freed like those that are not. */
#ifndef CORE_SNAPSHOT_BY_VALUE_H
#define CORE_SNAPSHOT_BY_VALUE_H

#include <stdlib.h>

/* NAME_new() and NAME_free() over NAME_init() and NAME_release(). */
#define BY_VALUE(name, type)                  \
	static type *name##_new(void)         \
	{                                     \
		type *d = malloc(sizeof(*d)); \
                                              \
		if (d)                        \
			name##_init(d);       \
		return d;                     \
	}                                     \
	static void name##_free(type *d)      \
	{                                     \
		if (d)                        \
			name##_release(d);    \
		free(d);                      \
	}

#endif
