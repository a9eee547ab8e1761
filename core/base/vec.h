/* A growable array of equal elements. Does not own what the elements point to. */
#ifndef CORE_BASE_VEC_H
#define CORE_BASE_VEC_H

#include <stddef.h>

struct vec {
	void *data;
	size_t n;
	size_t cap;
	size_t size; /* of one element, in bytes */
};

#define VEC_OF(type) ((struct vec){.size = sizeof(type)})

void vec_init(struct vec *v, size_t element_size);
/* Frees the memory; the vector is empty and usable again. */
void vec_release(struct vec *v);
/* Empties the vector and keeps its memory. */
void vec_reset(struct vec *v);
/* A zeroed new last element, or NULL for want of memory. Valid until the next push. */
void *vec_push(struct vec *v);
/* Element i; i < n is the caller's duty (asserted). */
void *vec_at(const struct vec *v, size_t i);
/* Keeps the first n elements; n <= v->n. */
void vec_truncate(struct vec *v, size_t n);

#endif
