/* A diagnosis as text, JSON and Markdown: golden documents, the frozen keys, names that
 * would like to be more than names. */
#include <stdlib.h>
#include <time.h>

#include "tests/unit/report_golden.h"

#include "core/report/diagnose.h"
#include "tests/unit/evidence_host.h"

static int as_text(struct str *out, const struct diagnosis *d, const struct evidence *e)
{
	(void)e;
	return diagnose_text(out, d, TEXT_UTF8);
}

static int as_ascii(struct str *out, const struct diagnosis *d, const struct evidence *e)
{
	(void)e;
	return diagnose_text(out, d, TEXT_ASCII);
}

/* ---- hosts ---- */

static struct change_row change_rows[] = {
	{.wall_ns = WALL - 2 * NS_PER_S,
	 .what = {"/etc/nftables.conf written", 26},
	 .source = {"mtime", 5}},
	{.wall_ns = WALL - 3600 * NS_PER_S,
	 .what = {"nginx 1.0 -> 1.1 upgraded", 25},
	 .source = {"/var/log/dpkg.log", 17}},
	{.wall_ns = WALL + 4 * NS_PER_S, .what = {"too late", 8}, .source = {"mtime", 5}},
};
static struct change_table changes = {.rows = change_rows, .n = N_OF(change_rows)};

/* Everything that a document can say at once. */
static void dropped(struct scene *c)
{
	static const struct hand_socket on_v6[] = {
		SOCK(PROTO_TCP, "::", 443, 100, .v6only = TRI_YES), {0}};

	scene_listen(c, on_v6);
	c->e.changes = &changes;
	scene_tell(c, "198.51.100.7",
		   (struct attempt){.outcome = OUTCOME_ICMP,
				    .n_icmp = 1,
				    .icmp_type = 3,
				    .icmp_code = 13,
				    .icmp_from = hand_addr("203.0.113.1")});
	scene_try(c, SILENT_TRY);
	scene_deny(c, false, c->input, 0, PATH_DROP);
	scene_move(c, 0, 3);
	c->rules.rules[0].comment = c->rules_after.rules[0].comment = text_of("keep out");
	c->attempts.state.n_kernel_drops = 2;
}

static void unknown(struct scene *c)
{
	scene_name(c);
	scene_walk(c, SERVER, CLIENT);
}

static void undecided(struct scene *c)
{
	scene_try(c, SILENT_TRY);
}

static void healthy(struct scene *c)
{
	scene_try(c, ANSWERED_TRY);
}

static void hostile(struct scene *c)
{
	static const struct hand_socket loopback[] = {
		SOCK(PROTO_TCP, "127.0.0.1", 443, 100), {0}};
	static struct change_row row = {.wall_ns = WALL - 2 * NS_PER_S,
					.what = {"/etc/`x`|y\n# z\x1b[2J", 17},
					.source = {"m|time`", 7}};
	static struct change_table table = {.rows = &row, .n = 1};
	static struct log_source source = {.name = {"kernel", 6}};
	static struct log_line line = {.wall_ns = WALL + NS_PER_S,
				       .kind = LOG_FILE,
				       .source = {"/var/log/`a`|b\x1b]0;x\a", 20},
				       .pid = 812,
				       .priority = 3,
				       .text = {"<b>[x](y)\x1b[31m `rm`\n- |", 24},
				       .message = {"<b>[x](y)\x1b[31m `rm`\n- |", 24}};
	static struct log_table logs = {
		.rows = &line, .n = 1, .sources = &source, .n_sources = 1};

	scene_listen(c, loopback);
	c->s->owners->processes[0].comm = text_of("- `a`|\x1b]0;\a\n#");
	c->e.changes = &table;
	c->e.logs = &logs;
	scene_count(c, "Tcp.OutRsts", 1);
	scene_try(c, REFUSED_TRY);
}

/* ---- golden ---- */

static int write_json(struct str *out, const struct diagnosis *d, const struct evidence *e)
{
	return diagnose_json(out, d, e, NULL, 0);
}

static int as_markdown(struct str *out, const struct diagnosis *d, const struct evidence *e)
{
	(void)e;
	return diagnose_markdown(out, d);
}

static void check_golden(void (*make)(struct scene *c),
			 int (*write)(struct str *out, const struct diagnosis *d,
				      const struct evidence *e),
			 const char *name)
{
	static struct scene c;
	struct str out = {0};
	struct diagnosis *d;

	scene_start(&c);
	make(&c);
	d = judge(&c.e);
	assert_non_null(d);
	assert_int_equal(write(&out, d, &c.e), 0);
	assert_golden(&out, name);
	table_unref(d);
	scene_end(&c);
}

static void documents_are_as_they_were(void **state)
{
	(void)state;
	check_golden(dropped, as_text, "diagnose-dropped.txt");
	check_golden(dropped, as_ascii, "diagnose-dropped-ascii.txt");
	check_golden(dropped, write_json, "diagnose-dropped.json");
	check_golden(dropped, as_markdown, "diagnose-dropped.md");
	check_golden(unknown, as_text, "diagnose-unknown.txt");
	check_golden(undecided, as_text, "diagnose-undecided.txt");
	check_golden(healthy, as_text, "diagnose-healthy.txt");
	check_golden(healthy, write_json, "diagnose-healthy.json");
	check_golden(hostile, as_text, "diagnose-hostile.txt");
	check_golden(hostile, as_markdown, "diagnose-hostile.md");
}

/* ---- text ---- */

static struct text_row {
	const char *what;
	void (*make)(struct scene *c);
} hosts[] = {{"dropped", dropped},
	     {"unknown", unknown},
	     {"undecided", undecided},
	     {"healthy", healthy},
	     {"hostile", hostile}};

/* The worst that a judgement could ever bring. */
static void fill(struct diagnosis *d)
{
	struct finding *f = &d->findings[0];

	f->n_proofs = PROOFS_MAX;
	for (size_t i = 0; i < PROOFS_MAX; i++)
		f->proofs[i] = (struct proof){.text = text_of("proof"), .source = "proc"};
	f->n_next = NEXT_MAX;
	for (size_t i = 0; i < NEXT_MAX; i++)
		f->next[i] = (struct next_step){text_of("do"), text_of("command"),
						text_of(i ? "undo" : ""), text_of("risk")};
	d->n_changes = CHANGES_MAX;
	for (size_t i = 0; i < CHANGES_MAX; i++)
		d->changes[i] =
			(struct past_change){WALL, text_of("what"), text_of("source")};
	d->affected = d->hidden = text_of("everybody");
	d->since_ns = WALL;
	d->has_if_fixed = true;
	d->if_fixed = VERDICT_HEALTHY;
	d->n_gaps = 2;
	for (size_t i = 0; i < d->n_gaps; i++)
		d->gaps[i] = (struct gap){"client (file)", text_of("file x: it is empty"),
					  text_of("grant")};
}

static void check_lines(const char *what, const struct diagnosis *d,
			const struct evidence *e)
{
	struct str out = {0};
	size_t n = 0;

	assert_int_equal(as_text(&out, d, e), 0);
	for (size_t i = 0; i < out.len; i++) {
		n += out.data[i] == '\n';
		if ((unsigned char)out.data[i] < ' ' && out.data[i] != '\n')
			fail_msg("%s: a control character", what);
	}
	if (n > 12 || !out.len || out.data[out.len - 1] != '\n')
		fail_msg("%s: %zu lines", what, n);
	str_release(&out);
}

static void text_has_twelve_lines_at_most(void **state)
{
	static struct scene c;

	(void)state;
	for (size_t i = 0; i < N_OF(hosts); i++) {
		struct diagnosis *d;

		scene_start(&c);
		hosts[i].make(&c);
		d = judge(&c.e);
		check_lines(hosts[i].what, d, &c.e);
		fill(d);
		check_lines(hosts[i].what, d, &c.e);
		d->n_findings = 0;
		check_lines(hosts[i].what, d, &c.e);
		table_unref(d);
		scene_end(&c);
	}
}

static void an_end_that_was_not_heard_is_told(void **state)
{
	static struct scene c;
	struct diagnosis *d;
	struct str out = {0};

	(void)state;
	scene_start(&c);
	dropped(&c);
	d = judge(&c.e);
	assert_int_equal(as_text(&out, d, &c.e), 0);
	assert_null(strstr(str_text(&out), "not heard"));
	str_release(&out);
	d->n_gaps = 2;
	d->gaps[0] = (struct gap){"owners", text_of("pid 1 is hidden"), TEXT_NONE};
	d->gaps[1] = (struct gap){"client", text_of("ssh:a@b: no login"), TEXT_NONE};
	out = (struct str){0};
	assert_int_equal(as_text(&out, d, &c.e), 0);
	assert_non_null(
		strstr(str_text(&out), "\n  client  not heard: ssh:a@b: no login\n"));
	assert_null(strstr(str_text(&out), "pid 1 is hidden"));
	str_release(&out);
	table_unref(d);
	scene_end(&c);
}

/* ---- JSON ---- */

/* "key:types", in the contract's order; a type is s string, n null, i integer, o object, a
 * array, b boolean. */
static void check_keys(const json_t *object, const char *const *keys, size_t n)
{
	static const char types[] = {
		[JSON_OBJECT] = 'o',  [JSON_ARRAY] = 'a', [JSON_STRING] = 's',
		[JSON_INTEGER] = 'i', [JSON_REAL] = 'r',  [JSON_TRUE] = 'b',
		[JSON_FALSE] = 'b',   [JSON_NULL] = 'n'};
	void *at = json_object_iter((json_t *)object);

	assert_true(json_is_object(object));
	for (size_t i = 0; i < n; i++) {
		const char *colon = strchr(keys[i], ':');
		size_t len = (size_t)(colon - keys[i]);

		if (!at)
			fail_msg("%s is missing", keys[i]);
		if (strlen(json_object_iter_key(at)) != len ||
		    strncmp(json_object_iter_key(at), keys[i], len))
			fail_msg("%s stands where %s should", json_object_iter_key(at),
				 keys[i]);
		if (!strchr(colon + 1, types[json_typeof(json_object_iter_value(at))]))
			fail_msg("%s is of another type", keys[i]);
		at = json_object_iter_next((json_t *)object, at);
	}
}

#define KEYS(object, ...)                                        \
	check_keys((object), (const char *const[]){__VA_ARGS__}, \
		   sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))

static void check_leg(const json_t *path)
{
	const json_t *each;
	size_t i;

	json_array_foreach(json_object_get(path, "hops"), i, each)
		KEYS(each, "place:s", "outcome:s", "family:sn", "table:sn", "chain:sn",
		     "handle:in", "rule:sn", "detail:sn");
	if (json_is_object(json_object_get(path, "decided_by")))
		KEYS(json_object_get(path, "decided_by"), "backend:s", "family:sn",
		     "table:sn", "chain:sn", "handle:in", "index:in");
}

static void check_path(const json_t *path)
{
	KEYS(path, "packet:o", "verdict:s", "hops:a", "translated:on", "decided_by:on",
	     "reject:on", "reply:on", "unsure:a");
	KEYS(json_object_get(path, "packet"), "proto:s", "in:sn", "saddr:sn", "sport:in",
	     "daddr:s", "dport:i");
	check_leg(path);
	if (json_is_object(json_object_get(path, "reply"))) {
		KEYS(json_object_get(path, "reply"), "verdict:s", "hops:a",
		     "decided_by:on");
		check_leg(json_object_get(path, "reply"));
	}
}

static void check_syn(const json_t *syn)
{
	const json_t *each;
	size_t i;

	KEYS(syn, "seen:i", "retransmits:i", "synack:i", "rst:i", "icmp:a", "silence:i",
	     "half_open:i", "first:sn", "last:sn", "clients:a", "capture_drops:i");
	json_array_foreach(json_object_get(syn, "icmp"), i, each)
		KEYS(each, "type:i", "code:i", "from:s", "count:i");
	json_array_foreach(json_object_get(syn, "clients"), i, each)
		KEYS(each, "prefix:s", "attempts:i", "open:i", "closed:i", "filtered:i",
		     "rejected:i", "half_open:i");
}

static void check_steps(const json_t *steps)
{
	const json_t *each, *proof;
	size_t i, k;

	assert_int_equal(json_array_size(steps), N_STEPS);
	json_array_foreach(steps, i, each)
	{
		KEYS(each, "step:s", "state:s", "summary:s", "evidence:a");
		json_array_foreach(json_object_get(each, "evidence"), k, proof) KEYS(
			proof, "text:s", "source:s", "command:sn", "observed:b", "data:n");
	}
}

static void check_lists(const json_t *root)
{
	const json_t *each;
	size_t i;

	json_array_foreach(json_object_get(root, "also"), i, each)
		KEYS(each, "cause:s", "step:s", "certainty:s", "summary:s");
	json_array_foreach(json_object_get(root, "changes"), i, each)
		KEYS(each, "time:s", "what:s", "source:s");
	json_array_foreach(json_object_get(root, "missing"), i, each)
		KEYS(each, "source:s", "reason:s", "grant:sn");
	json_array_foreach(json_object_get(root, "next"), i, each)
		KEYS(each, "text:s", "command:sn", "undo:sn", "risk:sn");
	json_array_foreach(json_object_get(root, "excluded"), i, each)
		assert_true(json_is_string(each));
}

static void check_document(const json_t *root)
{
	KEYS(root, "schema:s", "host:s", "time:s", "target:o", "window:o", "verdict:s",
	     "cause:sn", "step:sn", "certainty:sn", "summary:s", "why:sn", "extent:sn",
	     "since:sn", "also:a", "if_fixed:on", "changes:a", "steps:a", "syn:on",
	     "rule:on", "path:on", "excluded:a", "missing:a", "next:a");
	assert_string_equal(json_string_value(json_object_get(root, "schema")),
			    "dport.diagnosis/1");
	KEYS(json_object_get(root, "target"), "proto:s", "address:sn", "port:i",
	     "client:sn", "role:s");
	KEYS(json_object_get(root, "window"), "start:sn", "end:sn");
	if (json_is_object(json_object_get(root, "if_fixed")))
		KEYS(json_object_get(root, "if_fixed"), "verdict:s", "cause:sn");
	if (json_is_object(json_object_get(root, "rule")))
		KEYS(json_object_get(root, "rule"), "backend:s", "family:s", "table:s",
		     "chain:s", "handle:in", "index:in", "text:s", "manager:sn",
		     "near_misses:a");
	check_syn(json_object_get(root, "syn"));
	check_steps(json_object_get(root, "steps"));
	check_path(json_object_get(root, "path"));
	check_lists(root);
}

static void json_has_the_frozen_keys_in_their_order(void **state)
{
	static struct scene c;

	(void)state;
	for (size_t i = 0; i < N_OF(hosts); i++) {
		struct str out = {0};
		struct diagnosis *d;
		json_t *root;

		scene_start(&c);
		hosts[i].make(&c);
		d = judge(&c.e);
		assert_int_equal(diagnose_json(&out, d, &c.e, NULL, 0), 0);
		root = json_loads(str_text(&out), 0, NULL);
		assert_non_null(root);
		check_document(root);
		json_decref(root);
		str_release(&out);
		table_unref(d);
		scene_end(&c);
	}
}

static void want_of_memory_leaves_nothing_behind(void **state)
{
	static struct scene c;
	struct diagnosis *d;
	size_t n = 0;
	int error;

	(void)state;
	scene_start(&c);
	dropped(&c);
	d = judge(&c.e);
	json_set_alloc_funcs(scarce_malloc, free);
	do {
		struct str out = {0};

		allocations_left = n;
		error = diagnose_json(&out, d, &c.e, NULL, 0);
		assert_true(!error || !out.len);
		str_release(&out);
		n += 7;
	} while (error && n < 100000);
	json_set_alloc_funcs(malloc, free);
	assert_int_equal(error, 0);
	assert_true(n > 100);
	table_unref(d);
	scene_end(&c);
}

/* ---- Markdown ---- */

/* Outside of code spans no markup that was not ours: each special character is escaped. */
static void check_markdown(const char *text)
{
	bool is_code = false;

	for (const char *at = text; *at; at++) {
		if ((unsigned char)*at < ' ' && *at != '\n')
			fail_msg("a control character at \"%.20s\"", at);
		if (*at == '\\' && !is_code)
			at++;
		else if (*at == '`')
			is_code = !is_code;
		else if (*at == '\n' && is_code)
			fail_msg("code goes on over a line at \"%.20s\"", at);
		else if (!is_code && strchr("<>|[]!", *at))
			fail_msg("markup at \"%.20s\"", at);
	}
	assert_false(is_code);
}

static void names_are_no_markup(void **state)
{
	static struct scene c;

	(void)state;
	for (size_t i = 0; i < N_OF(hosts); i++) {
		struct str out = {0};
		struct diagnosis *d;

		scene_start(&c);
		hosts[i].make(&c);
		d = judge(&c.e);
		assert_int_equal(diagnose_markdown(&out, d), 0);
		check_markdown(str_text(&out));
		str_release(&out);
		table_unref(d);
		scene_end(&c);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(documents_are_as_they_were),
		cmocka_unit_test(text_has_twelve_lines_at_most),
		cmocka_unit_test(an_end_that_was_not_heard_is_told),
		cmocka_unit_test(json_has_the_frozen_keys_in_their_order),
		cmocka_unit_test(want_of_memory_leaves_nothing_behind),
		cmocka_unit_test(names_are_no_markup),
	};

	setenv("TZ", "UTC", 1);
	tzset();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
