/* OSC 52 with base64 (RFC 4648). Sends nothing. */
#include "tui/terminal/clipboard.h"

#include <errno.h>
#include <stdint.h>

#define SCREEN_PIECE 700 /* of one device control string; screen's limit is 768 */

static void put_base64(struct str *out, struct text t)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	for (size_t i = 0; i < t.len; i += 3) {
		size_t n = t.len - i < 3 ? t.len - i : 3;
		uint32_t group = 0;

		for (size_t k = 0; k < 3; k++)
			group = group << 8 | (k < n ? (unsigned char)t.bytes[i + k] : 0);
		for (size_t k = 0; k < 4; k++)
			str_putc(out, k <= n ? digits[group >> (18 - 6 * k) & 63] : '=');
	}
}

/* ESC P ... ESC \ around every piece; screen takes them off again. */
static void put_pieces(struct str *out, struct text sequence)
{
	for (size_t i = 0; i < sequence.len; i += SCREEN_PIECE) {
		size_t left = sequence.len - i;

		str_puts(out, "\033P");
		str_append(out, sequence.bytes + i,
			   left < SCREEN_PIECE ? left : SCREEN_PIECE);
		str_puts(out, "\033\\");
	}
}

int clipboard_bytes(struct str *out, struct text t, bool in_screen)
{
	struct str sequence = {0};

	if (t.len > CLIPBOARD_MAX)
		return -EMSGSIZE;
	str_puts(&sequence, "\033]52;c;");
	put_base64(&sequence, t);
	str_putc(&sequence, '\a');
	if (in_screen)
		put_pieces(out, text_of_str(&sequence));
	else
		str_append(out, str_text(&sequence), sequence.len);
	if (sequence.failed)
		out->failed = true;
	str_release(&sequence);
	return out->failed ? -ENOMEM : 0;
}
