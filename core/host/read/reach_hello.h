/* The ClientHello of a connection of our own: RFC 8446, 4.1.2, which servers of TLS 1.2
 * understand as well. Sends nothing. */
#ifndef CORE_HOST_READ_REACH_HELLO_H
#define CORE_HOST_READ_REACH_HELLO_H

#include <stddef.h>
#include <stdint.h>

/* name: for the extension server_name; "": none. least: so many bytes by padding (RFC
 * 7685), as far as there is room. Returns the size; 0: it does not fit. */
size_t hello_put(const char *name, size_t least, uint8_t *out, size_t room);

#endif
