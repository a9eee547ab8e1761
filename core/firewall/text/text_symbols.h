/* The names that nft has for numbers of a data type. */
#ifndef CORE_FIREWALL_TEXT_SYMBOLS_H
#define CORE_FIREWALL_TEXT_SYMBOLS_H

#include <stdint.h>

/* NULL: it has none. nft(8), "nft describe". */
const char *text_symbol(unsigned type, uint64_t number);

#endif
