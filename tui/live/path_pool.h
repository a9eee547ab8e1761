/* What packets' ways have had asked of each namespace, once for all of them. Walks nothing.
 */
#ifndef TUI_PATH_POOL_H
#define TUI_PATH_POOL_H

#include "core/snapshot/inquiry.h"

struct path_pool;

struct path_pool *path_pool_new(void); /* NULL: no memory */
/* One more who frees it. Returns it. */
struct path_pool *path_pool_hold(struct path_pool *pool);
void path_pool_free(struct path_pool *pool);
/* Of that namespace, or a new one, the pool's for good. NULL: no memory. */
struct inquiry *path_pool_inquiry(struct path_pool *pool, const struct netns_ref *ref);
/* One part. True: it was for one of them. */
bool path_pool_takes_blob(struct path_pool *pool, const struct blob *b);

#endif
