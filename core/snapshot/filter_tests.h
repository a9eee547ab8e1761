/* What one word of a filter asks of an endpoint; for filter.c. Parses nothing. */
#ifndef CORE_SNAPSHOT_FILTER_TESTS_H
#define CORE_SNAPSHOT_FILTER_TESTS_H

#include "core/snapshot/snapshot.h"

struct test {
	bool (*holds)(const struct test *t, const struct endpoint *e);
	bool is_turned;
	bool has_number;
	struct text text; /* borrowed */
	uint64_t low;     /* a pid, uid, inode, scope or protocol */
	enum socket_proto proto;
	bool has_proto;
	struct addr prefix;
	unsigned prefix_len;
};

/* "443", "8000-8100": the ports from low to high. */
bool test_read_range(struct text range, uint64_t *low, uint64_t *high);
bool test_ports(const struct test *t, const struct endpoint *e);     /* text, proto */
bool test_service(const struct test *t, const struct endpoint *e);   /* text, as a whole */
bool test_proto(const struct test *t, const struct endpoint *e);     /* proto */
bool test_process(const struct test *t, const struct endpoint *e);   /* text, part */
bool test_pid(const struct test *t, const struct endpoint *e);       /* low */
bool test_user(const struct test *t, const struct endpoint *e);      /* text or low */
bool test_unit(const struct test *t, const struct endpoint *e);      /* text, part */
bool test_container(const struct test *t, const struct endpoint *e); /* text, part */
bool test_scope(const struct test *t, const struct endpoint *e);     /* low */
bool test_address(const struct test *t, const struct endpoint *e);   /* prefix */
bool test_device(const struct test *t, const struct endpoint *e);    /* text */
bool test_netns(const struct test *t, const struct endpoint *e);     /* text or low */
bool test_any_text(const struct test *t, const struct endpoint *e);  /* text, part */

bool test_is_full(const struct test *t, const struct endpoint *e);
bool test_is_deleted(const struct test *t, const struct endpoint *e);
bool test_is_unowned(const struct test *t, const struct endpoint *e);
bool test_is_ephemeral(const struct test *t, const struct endpoint *e);
bool test_is_activated(const struct test *t, const struct endpoint *e);
bool test_is_bad(const struct test *t, const struct endpoint *e);

#endif
