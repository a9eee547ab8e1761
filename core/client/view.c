/* The words of a client's view, and the helpers of its readers. */
#include "core/client/view.h"

#include <string.h>

#include "core/client/readers.h"

static const char *const form_words[][2] = {
#define X(name, word, words) [CLIENT_FORM_##name] = {word, words},
	CLIENT_FORMS(X)
#undef X
};

static const char *const result_words[][2] = {
#define X(name, word, words) [CLIENT_##name] = {word, words},
	CLIENT_RESULTS(X)
#undef X
};

const char *client_form_word(enum client_form f)
{
	return form_words[f][0];
}

const char *client_form_words(enum client_form f)
{
	return form_words[f][1];
}

const char *client_result_word(enum client_result r)
{
	return result_words[r][0];
}

const char *client_result_words(enum client_result r)
{
	return result_words[r][1];
}

bool client_result_is_open(enum client_result r)
{
	return r == CLIENT_CONNECTED || r == CLIENT_TLS || r == CLIENT_SLOW;
}

struct client_try *client_add_try(struct client_view *v)
{
	struct client_try *t = &v->tries[v->n_tries];

	if (v->n_tries == CLIENT_TRIES_MAX)
		return NULL;
	*t = (struct client_try){
		.took_ms = -1, .has_left = TRI_UNSURE, .was_answered_here = TRI_UNSURE};
	v->n_tries++;
	return t;
}

void client_add_address(struct client_view *v, const struct addr *address)
{
	for (size_t i = 0; i < v->n_addresses; i++)
		if (addr_equals(&v->addresses[i], address))
			return;
	if (address->family && v->n_addresses < CLIENT_ADDRESSES_MAX)
		v->addresses[v->n_addresses++] = *address;
}

struct addr client_address_of(struct text t)
{
	char copy[ADDR_TEXT_MAX + 16];
	struct addr a = {0};

	if (!t.len || t.len >= sizeof(copy) || memchr(t.bytes, '\0', t.len))
		return a;
	memcpy(copy, t.bytes, t.len);
	copy[t.len] = '\0';
	if (addr_parse_scoped(&a, copy))
		return (struct addr){0};
	return addr_unmapped(&a);
}

const struct client_try *client_view_try(const struct client_view *v)
{
	for (size_t i = 0; i < v->n_tries; i++)
		if (client_result_is_open(v->tries[i].result))
			return &v->tries[i];
	return v->n_tries ? &v->tries[0] : NULL;
}
