/* What each attribute of each expression is, for nft_exprs.c. */
#ifndef CORE_FIREWALL_NFT_ROWS_H
#define CORE_FIREWALL_NFT_ROWS_H

#include "core/firewall/expr.h"
#include "core/firewall/nft/nft_attributes.h"

enum nft_how {
	NFT_IGNORED,  /* known, and nothing hangs on it */
	NFT_INTEGER,  /* big endian, into a field of any width */
	NFT_REGISTER, /* a word */
	NFT_NAME,
	NFT_BYTES,
	NFT_DATA, /* value or verdict */
	NFT_NEST, /* an expression */
	NFT_LIST  /* expressions */
};

struct nft_field {
	uint8_t attribute; /* 0: the last */
	enum nft_how how;
	size_t offset, size; /* in struct fw_expr */
};

enum { NFT_FIELDS = 12 };

struct nft_row {
	struct nft_field fields[NFT_FIELDS];
	/* Last touches, and what the kernel would refuse; false: not understood. NULL:
	 * none. */
	bool (*finish)(struct fw_expr *e, const struct nft_attributes *a);
};

/* An OPAQUE or nameless kind has an empty row. */
extern const struct nft_row nft_rows[N_FW_EXPRS];

#endif
