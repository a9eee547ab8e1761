/* A namespace with something to tell, and the messages of an answer. Include cmocka.h
 * first; runs inside tests/net/alone. */
#ifndef TESTS_NET_EVIDENCE_H
#define TESTS_NET_EVIDENCE_H

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <stdio.h>
#include <sys/mman.h>

#include "core/base/xtables.h"
#include "tests/unit/evidence_ear.h"

#define NFT(type) (NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_##type)

/*
 * Runs a program, its words apart by spaces, with text to read and perhaps a file for what
 * it prints. True: it succeeded.
 */
static inline bool try_to_run(const char *words, const char *input, int output)
{
	char copy[256], *argv[24], *rest = NULL;
	int in = memfd_create("input", MFD_CLOEXEC), status;
	size_t n = 0;
	pid_t pid;

	assert_true(snprintf(copy, sizeof(copy), "%s", words) < (int)sizeof(copy));
	for (char *w = strtok_r(copy, " ", &rest); w; w = strtok_r(NULL, " ", &rest))
		argv[n++] = w;
	argv[n] = NULL;
	assert_int_equal(write(in, input, strlen(input)), strlen(input));
	lseek(in, 0, SEEK_SET);
	pid = fork();
	if (pid == 0) {
		dup2(in, STDIN_FILENO);
		dup2(output >= 0 ? output : open("/dev/null", O_WRONLY), STDOUT_FILENO);
		execvp(argv[0], argv);
		_exit(127);
	}
	close(in);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status == 0;
}

static inline void run(const char *words)
{
	if (!try_to_run(words, "", -1))
		fail_msg("failed: %s", words);
}

static inline void load_rules(const char *rules)
{
	if (!try_to_run("nft -f -", rules, -1))
		fail_msg("not taken: %.200s", rules);
}

static inline void load_many_rules(unsigned n)
{
	char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);

	assert_non_null(f);
	fputs("table ip many { chain c {\n", f);
	for (unsigned i = 1; i <= n; i++)
		fprintf(f, "tcp dport %u counter accept\n", i);
	fputs("}\n}\n", f);
	fclose(f);
	load_rules(text);
	free(text);
}

static inline void set(const char *file, const char *value)
{
	FILE *f = fopen(file, "we");

	assert_non_null(f);
	assert_true(fputs(value, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

/* ---- Messages of the answer ---- */

/* How many of a type (0: all), the first (or last) of them in *found. */
static inline unsigned count(uint16_t type, bool wants_last, const struct nlmsghdr **found)
{
	const struct nlmsghdr *h = (const struct nlmsghdr *)heard.bytes;
	int len = (int)heard.len;
	unsigned n = 0;

	for (; nlmsg_ok(h, len); h = nlmsg_next((struct nlmsghdr *)h, &len)) {
		assert_true(h->nlmsg_type >= NLMSG_MIN_TYPE);
		if (type && h->nlmsg_type != type)
			continue;
		if (found && (n == 0 || wants_last))
			*found = h;
		n++;
	}
	assert_int_equal(len, 0);
	return n;
}

/* Also of a set without any. */
static inline bool tells_elements_of(const char *set)
{
	const struct nlmsghdr *h = (const struct nlmsghdr *)heard.bytes;
	int len = (int)heard.len;

	for (; nlmsg_ok(h, len); h = nlmsg_next((struct nlmsghdr *)h, &len)) {
		struct nlattr *name =
			nlmsg_find_attr((struct nlmsghdr *)h, sizeof(struct nfgenmsg),
					NFTA_SET_ELEM_LIST_SET);

		if (h->nlmsg_type == NFT(NEWSETELEM) && name &&
		    !strcmp(nla_get_string(name), set))
			return true;
	}
	return false;
}

static inline uint32_t generation_of(const struct nlmsghdr *h)
{
	struct nlattr *id =
		nlmsg_find_attr((struct nlmsghdr *)h, sizeof(struct nfgenmsg), NFTA_GEN_ID);

	assert_non_null(id);
	return ntohl(nla_get_u32(id));
}

/* The first and the last message of nf_tables are the generation, and it is the same.
 * Behind them it is said that there are no legacy tables. */
static inline void expect_one_generation(void)
{
	const struct nlmsghdr *first = NULL, *last = NULL, *start = NULL, *end = NULL;

	assert_true(count(NFT(NEWGEN), false, &first) >= 2);
	count(NFT(NEWGEN), true, &last);
	count(0, false, &start);
	assert_int_equal(count(XTABLES_END, false, &end), 2);
	assert_ptr_equal(first, start);
	assert_ptr_equal((const uint8_t *)last + NLMSG_ALIGN(last->nlmsg_len), end);
	assert_int_equal(generation_of(first), generation_of(last));
}

#endif
