/* Comments, and matches of xtables that look at a packet's bytes by a pattern or a small
 * program, as
 * iptables-save(8) writes them. */
#include "core/firewall/text/text_xt.h"

#include <ctype.h>
#include <stddef.h>
#include <linux/filter.h>
#include <linux/netfilter/xt_bpf.h>
#include <linux/netfilter/xt_string.h>
#include <linux/netfilter/xt_u32.h>

static bool is_readable(const char *pattern, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)pattern[i] >= 128 || !isprint((unsigned char)pattern[i]))
			return false;
	return !len || pattern[len - 1] != '\\';
}

static void say_pattern(struct str *out, const struct xt_string_info *m)
{
	bool is_text = is_readable(m->pattern, m->patlen);

	xt_option(out, is_text ? "string" : "hex-string",
		  m->u.v1.flags & XT_STRING_FLAG_INVERT);
	str_puts(out, is_text ? " \"" : " \"|");
	for (size_t i = 0; i < m->patlen; i++) {
		if (!is_text)
			str_printf(out, "%02x", (unsigned char)m->pattern[i]);
		else if (m->pattern[i] == '\\' || m->pattern[i] == '"')
			str_printf(out, "\\%c", m->pattern[i]);
		else
			str_putc(out, m->pattern[i]);
	}
	str_puts(out, is_text ? "\"" : "|\"");
}

static bool string(struct str *out, struct text info, uint8_t family)
{
	struct xt_string_info m;

	(void)family;
	if (!xt_take(info, &m, offsetof(struct xt_string_info, config)) ||
	    m.patlen > XT_STRING_MAX_PATTERN_SIZE)
		return false;
	say_pattern(out, &m);
	str_puts(out, " --algo ");
	text_show(out, xt_name(m.algo, sizeof(m.algo)), TEXT_ASCII);
	if (m.from_offset)
		str_printf(out, " --from %u", m.from_offset);
	if (m.to_offset != UINT16_MAX)
		str_printf(out, " --to %u", m.to_offset);
	if (m.u.v1.flags & XT_STRING_FLAG_IGNORECASE)
		xt_option(out, "icase", false);
	return true;
}

static bool u32_test(struct str *out, const struct xt_u32_test *t)
{
	static const char *const words[] = {[XT_U32_AND] = "&",
					    [XT_U32_LEFTSH] = "<<",
					    [XT_U32_RIGHTSH] = ">>",
					    [XT_U32_AT] = "@"};

	if (t->nnums > XT_U32_MAXSIZE + 1 || t->nvalues > XT_U32_MAXSIZE + 1)
		return false;
	for (unsigned i = 0; i < t->nnums; i++) {
		if (i && t->location[i].nextop > XT_U32_AT)
			return false;
		str_printf(out, "%s0x%x", i ? words[t->location[i].nextop] : "",
			   t->location[i].number);
	}
	for (unsigned i = 0; i < t->nvalues; i++) {
		str_printf(out, "%c0x%x", i ? ',' : '=', t->value[i].min);
		if (t->value[i].max != t->value[i].min)
			str_printf(out, ":0x%x", t->value[i].max);
	}
	return true;
}

static bool u32(struct str *out, struct text info, uint8_t family)
{
	struct xt_u32 m;

	(void)family;
	if (!xt_take(info, &m, sizeof(m)) || m.ntests > XT_U32_MAXSIZE + 1)
		return false;
	xt_option(out, "u32", m.invert);
	for (unsigned i = 0; i < m.ntests; i++) {
		str_puts(out, i ? "&&" : " \"");
		if (!u32_test(out, &m.tests[i]))
			return false;
	}
	str_putc(out, '"');
	return true;
}

static bool bpf(struct str *out, struct text info, uint8_t family)
{
	struct xt_bpf_info_v1 m;

	(void)family;
	if (!xt_take(info, &m, offsetof(struct xt_bpf_info_v1, filter)))
		return false;
	if (m.mode == XT_BPF_MODE_PATH_PINNED) {
		str_puts(out, " --object-pinned ");
		text_show(out, xt_name(m.path, sizeof(m.path)), TEXT_ASCII);
		return true;
	}
	if (m.mode != XT_BPF_MODE_BYTECODE || m.bpf_program_num_elem > XT_BPF_MAX_NUM_INSTR)
		return false;
	str_printf(out, " --bytecode \"%u", m.bpf_program_num_elem);
	for (unsigned i = 0; i < m.bpf_program_num_elem; i++) {
		const struct sock_filter *f = &m.bpf_program[i];

		str_printf(out, ",%u %u %u %u", f->code, f->jt, f->jf, f->k);
	}
	str_putc(out, '"');
	return true;
}

static bool comment(struct str *out, struct text info, uint8_t family)
{
	(void)family;
	str_puts(out, " --comment");
	xt_quote(out, xt_name(info.bytes, info.len));
	return true;
}

static const struct xt_row rows[] = {
	{"comment", 0, 0, comment},
	{"string", 1, 0, string},
	{"u32", 0, 0, u32},
	{"bpf", 1, 0, bpf},
};

const struct xt_rows xt_content_rows = {rows, sizeof(rows) / sizeof(*rows)};
