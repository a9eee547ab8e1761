/* A growable array of equal elements. Does not own what the elements point to. */
#include "core/base/vec.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define VEC_CAP_MIN 8

void vec_init(struct vec *v, size_t element_size)
{
	*v = (struct vec){.size = element_size};
}

void vec_release(struct vec *v)
{
	free(v->data);
	vec_init(v, v->size);
}

void vec_reset(struct vec *v)
{
	v->n = 0;
}

static void *element(const struct vec *v, size_t i)
{
	return (char *)v->data + i * v->size;
}

void *vec_push(struct vec *v)
{
	assert(v->size > 0);
	if (v->n == v->cap) {
		size_t cap = v->cap ? v->cap * 2 : VEC_CAP_MIN;
		void *data = reallocarray(v->data, cap, v->size);

		if (!data)
			return NULL;
		v->data = data;
		v->cap = cap;
	}
	return memset(element(v, v->n++), 0, v->size);
}

void *vec_at(const struct vec *v, size_t i)
{
	assert(i < v->n);
	return element(v, i);
}

void vec_truncate(struct vec *v, size_t n)
{
	assert(n <= v->n);
	v->n = n;
}
