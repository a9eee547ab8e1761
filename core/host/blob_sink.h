/* Where the parts of answers go, in the order in which they are to be sent, and sentences
 * for the user. */
#ifndef CORE_HOST_BLOB_SINK_H
#define CORE_HOST_BLOB_SINK_H

#include "core/host/blob.h"

struct blob_sink {
	void (*blob)(void *arg, const struct blob *b);
	void (*notice)(void *arg, const char *sentence);
	void *arg;
};

#endif
