/* The way of a packet as text and as JSON: golden documents, columns, names that would like
 * to be more than names. */
#include "tests/unit/report_golden.h"

#include "core/report/path_page.h"
#include "tests/unit/path_host.h"

#define CLIENT "203.0.113.9"
#define SERVER "10.0.0.5"
#define BEHIND "192.168.7.80"

/* One way of the host, to be printed. */
static struct path_page page_of(struct path_ask ask)
{
	struct path_page p = {.path = host_walk(ask)};

	p.evidence = (struct evidence){.snapshot = host.snapshot,
				       .space = &host.snapshot->spaces[0],
				       .rules = &host.rules.r,
				       .settings = &host.settings,
				       .neighbours = &host.neighbours,
				       .responses = &host.responses};
	return p;
}

static void assert_documents(const struct path_page *p, const char *name)
{
	struct str text = {0}, ascii = {0}, json = {0};
	char path[80];

	snprintf(path, sizeof(path), "%s.txt", name);
	assert_int_equal(path_text(&text, p, TEXT_UTF8), 0);
	assert_golden(&text, path);
	snprintf(path, sizeof(path), "%s-ascii.txt", name);
	assert_int_equal(path_text(&ascii, p, TEXT_ASCII), 0);
	assert_golden(&ascii, path);
	snprintf(path, sizeof(path), "%s.json", name);
	assert_int_equal(path_document(&json, &p, 1), 0);
	assert_golden(&json, path);
}

static void name_tables(const char *table, const char *chain)
{
	host.rules.tables[0].name = text_of(table);
	host.rules.chains[0].name = text_of(chain);
}

static void an_open_way_there_and_back(void **state)
{
	struct path_page p = page_of(syn(CLIENT, SERVER, 80));

	(void)state;
	assert_int_equal(path_page_state(&p), PATH_IS_OPEN);
	assert_documents(&p, "path-open");
}

static void a_drop_with_what_nearly_matched(void **state)
{
	struct path_page p;

	(void)state;
	base_in(FW_INPUT, 0, true);
	name_tables("filter", "input");
	HOST_RULE(X_PORT_IS(81), X_ACCEPT);
	p = page_of(syn(CLIENT, SERVER, 80));
	assert_int_equal(path_page_state(&p), PATH_IS_CLOSED);
	assert_documents(&p, "path-dropped");
}

static void a_published_port_is_passed_on_and_turned_back(void **state)
{
	struct path_ask ask = syn(CLIENT, SERVER, 8080);
	struct path_page p;

	(void)state;
	host_forwards(true);
	host.out_ifindex = ETH1;
	host.gateway = hand_addr("192.168.7.254");
	nat_in(FW_PREROUTING);
	name_tables("nat", "DOCKER");
	HOST_RULE(X_PORT_IS(8080), X_LET(0, 192, 168, 7, 80), X_LET(4, 0, 80),
		  X_DNAT(true, true));
	ask.in_ifindex = ETH0;
	p = page_of(ask);
	assert_int_equal(path_page_state(&p), PATH_IS_OPEN);
	assert_documents(&p, "path-published");
}

static void what_the_inner_namespace_says_counts(void **state)
{
	struct path_ask ask = syn(CLIENT, SERVER, 8080);
	struct path_page inner, p;

	(void)state;
	host_forwards(true);
	host.out_ifindex = ETH1;
	host.gateway = hand_addr("192.168.7.254");
	nat_in(FW_PREROUTING);
	HOST_RULE(X_PORT_IS(8080), X_LET(0, 192, 168, 7, 80), X_LET(4, 0, 80),
		  X_DNAT(true, true));
	ask.in_ifindex = ETH0;
	p = page_of(ask);
	/* This host's own way stands for the one in there. */
	inner = page_of(syn(CLIENT, SERVER, 81));
	p.inner = &inner;
	assert_int_equal(path_page_state(&p), PATH_IS_CLOSED);
	assert_ptr_equal(path_page_end(&p), &inner);
	inner = page_of(syn(CLIENT, SERVER, 80));
	assert_int_equal(path_page_state(&p), PATH_IS_OPEN);
}

static void nobody_listens(void **state)
{
	struct path_page p = page_of(syn(CLIENT, SERVER, 81));

	(void)state;
	assert_int_equal(path_page_state(&p), PATH_IS_CLOSED);
	assert_int_equal(path_page_verdict(&p), PATH_ACCEPT);
	assert_documents(&p, "path-unserved");
}

static void unread_rules_are_not_known(void **state)
{
	struct path_page p;

	(void)state;
	host.has_no_rules = true;
	p = page_of(syn(CLIENT, SERVER, 80));
	p.evidence.rules = NULL;
	assert_int_equal(path_page_state(&p), PATH_IS_NOT_KNOWN);
	assert_documents(&p, "path-unread");
}

static void names_stay_names_and_lines_keep_their_width(void **state)
{
	struct path_page p;
	struct str text = {0};
	size_t width = 0;

	(void)state;
	base_in(FW_INPUT, 0, true);
	name_tables("a\x1b[2Jb", "c\nd");
	p = page_of(syn(CLIENT, SERVER, 80));
	assert_int_equal(path_text(&text, &p, TEXT_ASCII), 0);
	assert_null(strchr(str_text(&text), 0x1b));
	assert_non_null(strstr(str_text(&text), "c\\x0ad"));
	for (size_t i = 0; i < text.len; i++) {
		width = text.data[i] == '\n' ? 0 : width + 1;
		assert_in_range(width, 0, 80);
	}
	str_release(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_HOST(an_open_way_there_and_back),
		IN_HOST(a_drop_with_what_nearly_matched),
		IN_HOST(a_published_port_is_passed_on_and_turned_back),
		IN_HOST(what_the_inner_namespace_says_counts),
		IN_HOST(nobody_listens),
		IN_HOST(unread_rules_are_not_known),
		IN_HOST(names_stay_names_and_lines_keep_their_width),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
