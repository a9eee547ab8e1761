/* Lines of /etc/services and /etc/passwd -> names. Reads no file, asks no name service. */
#include "core/services/names.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/vec.h"

struct found_name {
	struct port_name row;
	bool is_alias;
};

/* The part of *rest up to c, which is dropped, or all of it. */
static struct text take_until(struct text *rest, char c)
{
	const char *end = rest->len ? memchr(rest->bytes, c, rest->len) : NULL;
	struct text part = *rest;

	if (!end) {
		*rest = TEXT_NONE;
		return part;
	}
	part.len = (size_t)(end - part.bytes);
	rest->bytes = end + 1;
	rest->len -= part.len + 1;
	return part;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* The next word of *rest; none at its end. */
static struct text take_word(struct text *rest)
{
	struct text word;

	while (rest->len && is_blank(*rest->bytes)) {
		rest->bytes++;
		rest->len--;
	}
	word = (struct text){rest->bytes, 0};
	while (word.len < rest->len && !is_blank(rest->bytes[word.len]))
		word.len++;
	rest->bytes = word.len ? rest->bytes + word.len : NULL;
	rest->len -= word.len;
	return word;
}

/* All of t in decimal, at most max: *out. */
static bool read_number(struct text t, uint32_t max, uint32_t *out)
{
	uint64_t value = 0;

	if (!t.len)
		return false;
	for (size_t i = 0; i < t.len; i++) {
		if (t.bytes[i] < '0' || t.bytes[i] > '9')
			return false;
		value = value * 10 + (uint64_t)(t.bytes[i] - '0');
		if (value > max)
			return false;
	}
	*out = (uint32_t)value;
	return true;
}

/* "80/tcp": false for other protocols and for what is no port. */
static bool read_port(struct text t, struct port_name *out)
{
	uint32_t port;
	struct text number = take_until(&t, '/');

	if (!read_number(number, UINT16_MAX, &port) || !port)
		return false;
	if (!text_equals_str(t, "tcp") && !text_equals_str(t, "udp"))
		return false;
	out->port = (uint16_t)port;
	out->is_udp = text_equals_str(t, "udp");
	return true;
}

static int keep(struct vec *found, struct port_name row, bool is_alias)
{
	struct found_name *f = vec_push(found);

	if (!f)
		return -1;
	*f = (struct found_name){.row = row, .is_alias = is_alias};
	return 0;
}

/* "http  80/tcp  www  # WorldWideWeb HTTP" */
static int parse_service(struct vec *found, struct text line)
{
	struct text rest = take_until(&line, '#');
	struct port_name row = {.name = take_word(&rest)};
	bool is_alias = false;

	if (!row.name.len || !read_port(take_word(&rest), &row))
		return 0;
	for (; row.name.len; row.name = take_word(&rest)) {
		if (keep(found, row, is_alias) < 0)
			return -1;
		is_alias = true;
	}
	return 0;
}

static int parse_services(struct vec *found, struct text file)
{
	while (file.len) {
		if (parse_service(found, take_until(&file, '\n')) < 0)
			return -1;
	}
	return 0;
}

static int compare_places(const struct port_name *a, const struct port_name *b)
{
	if (a->port != b->port)
		return (int)a->port - (int)b->port;
	return (int)a->is_udp - (int)b->is_udp;
}

/* All names point into one copy of the file, so where they stand is their order. */
static int compare_orders(struct text a, struct text b)
{
	return (a.bytes > b.bytes) - (a.bytes < b.bytes);
}

/* Names by place, each place's first in the file leading; then aliases as they stood. */
static int compare_found(const void *a, const void *b)
{
	const struct found_name *x = a, *y = b;
	int order = (int)x->is_alias - (int)y->is_alias;

	if (!order && !x->is_alias)
		order = compare_places(&x->row, &y->row);
	return order ? order : compare_orders(x->row.name, y->row.name);
}

static int fill_ports(struct port_name_table *t, const struct vec *found)
{
	const struct found_name *at = found->data;

	if (!found->n)
		return 0;
	t->rows = arena_alloc(&t->head.arena, found->n * sizeof(*t->rows));
	if (!t->rows)
		return -1;
	for (size_t i = 0; i < found->n; i++) {
		t->rows[i] = at[i].row;
		t->n += !at[i].is_alias;
	}
	t->n_aliases = found->n - t->n;
	return 0;
}

/* The names of later entries for the same port become aliases. */
static void sort_found(struct vec *found)
{
	struct found_name *at = found->data;
	bool has_new_aliases = false;

	if (!found->n)
		return;
	qsort(at, found->n, sizeof(*at), compare_found);
	for (size_t i = 1, first = 0; i < found->n && !at[i].is_alias; i++) {
		if (compare_places(&at[first].row, &at[i].row) == 0)
			at[i].is_alias = has_new_aliases = true;
		else
			first = i;
	}
	if (has_new_aliases)
		qsort(at, found->n, sizeof(*at), compare_found);
}

struct port_name_table *port_names_parse(struct text services_file)
{
	struct port_name_table *t = table_new(sizeof(*t), NULL);
	struct vec found = VEC_OF(struct found_name);
	struct text copy;

	if (!t)
		return NULL;
	copy = arena_text(&t->head.arena, services_file);
	if (copy.len != services_file.len || parse_services(&found, copy) < 0)
		goto fail;
	sort_found(&found);
	if (fill_ports(t, &found) < 0)
		goto fail;
	vec_release(&found);
	return t;
fail:
	vec_release(&found);
	table_unref(t);
	return NULL;
}

static int compare_port_rows(const void *a, const void *b)
{
	return compare_places(a, b);
}

struct text port_names_find(const struct port_name_table *t, uint16_t port, bool is_udp)
{
	struct port_name key = {.port = port, .is_udp = is_udp};
	const struct port_name *row = NULL;

	if (t->n)
		row = bsearch(&key, t->rows, t->n, sizeof(key), compare_port_rows);
	return row ? row->name : TEXT_NONE;
}

uint16_t port_names_port(const struct port_name_table *t, struct text name, bool is_udp)
{
	for (size_t i = 0; i < t->n + t->n_aliases; i++) {
		if (t->rows[i].is_udp == is_udp && text_equals(t->rows[i].name, name))
			return t->rows[i].port;
	}
	return 0;
}

/* "root:x:0:0:root:/root:/bin/bash" */
static int parse_user(struct vec *users, struct text line)
{
	struct user_name row = {.name = take_until(&line, ':')};
	struct user_name *kept;

	take_until(&line, ':');
	if (!row.name.len || strchr("#+-", *row.name.bytes)) /* + and -: NIS */
		return 0;
	if (!read_number(take_until(&line, ':'), UINT32_MAX, &row.uid))
		return 0;
	kept = vec_push(users);
	if (!kept)
		return -1;
	*kept = row;
	return 0;
}

static int compare_users(const void *a, const void *b)
{
	const struct user_name *x = a, *y = b;

	if (x->uid != y->uid)
		return x->uid < y->uid ? -1 : 1;
	return compare_orders(x->name, y->name);
}

static int fill_users(struct user_table *t, const struct vec *users)
{
	const struct user_name *at = users->data;

	if (!users->n)
		return 0;
	t->rows = arena_alloc(&t->head.arena, users->n * sizeof(*t->rows));
	if (!t->rows)
		return -1;
	qsort(users->data, users->n, sizeof(*at), compare_users);
	for (size_t i = 0; i < users->n; i++) {
		if (!t->n || t->rows[t->n - 1].uid != at[i].uid)
			t->rows[t->n++] = at[i];
	}
	return 0;
}

struct user_table *users_parse(struct text passwd_file)
{
	struct user_table *t = table_new(sizeof(*t), NULL);
	struct vec users = VEC_OF(struct user_name);
	struct text copy;
	int error = 0;

	if (!t)
		return NULL;
	copy = arena_text(&t->head.arena, passwd_file);
	if (copy.len != passwd_file.len)
		error = -1;
	while (!error && copy.len)
		error = parse_user(&users, take_until(&copy, '\n'));
	if (!error)
		error = fill_users(t, &users);
	vec_release(&users);
	if (error) {
		table_unref(t);
		return NULL;
	}
	return t;
}

struct text users_find(const struct user_table *t, uint32_t uid)
{
	size_t low = 0, high = t->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (t->rows[middle].uid < uid)
			low = middle + 1;
		else
			high = middle;
	}
	return low < t->n && t->rows[low].uid == uid ? t->rows[low].name : TEXT_NONE;
}
