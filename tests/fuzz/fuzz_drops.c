/* Any bytes as what the watcher of dropped packets tells, and as a kernel's own types. */
#include <assert.h>
#include <string.h>

#include "core/host/bpf/btf_names.h"
#include "core/network/drops.h"
#include "tests/fuzz/parts.h"

static void read_names(const uint8_t *bytes, size_t len)
{
	struct btf_names names = {0};

	if (btf_names_find(bytes, len, "skb_drop_reason", "SKB_DROP_REASON_", &names))
		return;
	for (size_t i = 0; i < names.n; i++)
		assert(btf_names_word(&names, names.rows[i].number));
	btf_names_release(&names);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct parts p = parts_of(data, size);
	const uint8_t *bytes;
	struct drops d;
	size_t len;

	drops_init(&d);
	while (parts_next(&p, &bytes, &len)) {
		drops_take(&d, bytes, len);
		read_names(bytes, len);
	}
	for (size_t i = 0; i < d.rows.n; i++) {
		const struct drop_row *row = drops_row(&d, i);

		assert(memchr(row->reason, 0, DROP_WORD_BYTES) && row->reason[0]);
		assert(memchr(row->function, 0, DROP_WORD_BYTES) && row->function[0]);
	}
	drops_release(&d);
	return 0;
}
