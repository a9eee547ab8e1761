/* Words of packets as the programs of the namespace tests read them. */
#ifndef TESTS_NET_PACKET_WORDS_H
#define TESTS_NET_PACKET_WORDS_H

#include <stdint.h>
#include <string.h>

/* Letters of TCP's flags; others are passed over. */
static inline uint8_t flags_of(const char *word)
{
	static const char letters[] = "FSRPAUEW";
	unsigned flags = 0;

	for (; *word; word++) {
		const char *at = strchr(letters, *word);

		if (at)
			flags |= 1U << (at - letters);
	}
	return (uint8_t)flags;
}

#endif
