/* Between the broker's taps, which know no packets, and the capture, which knows no broker.
 */
#ifndef TUI_TAPS_H
#define TUI_TAPS_H

#include "core/host/broker/taps.h"

/* with_payload: borrowed for as long as the broker runs. */
struct tap_ops taps_of_capture(const bool *with_payload);

#endif
