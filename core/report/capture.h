/*
 * Attempts of a capture as a document: a line of text each, JSON of the schema
 * dport.capture/1, totals and a table of ports. Decides nothing; prints nothing.
 */
#ifndef CORE_REPORT_CAPTURE_H
#define CORE_REPORT_CAPTURE_H

#include <jansson.h>

#include "core/base/text.h"
#include "core/base/vec.h"
#include "core/wire/attempts.h"

struct capture_words {
	enum text_mode text_mode;
	bool is_utc;
	/* The name of an interface, by ifindex (of a file: its number + 1); empty: not
	 * known.
	 */
	struct text (*device)(void *arg, uint32_t number);
	void *arg;
};

/* "✔ answered  10.0.0.5:51234 → 10.0.0.1:443/tcp  14:32:07 +01  rtt 0.31 ms" */
int capture_text_line(struct str *out, const struct attempt *a,
		      const struct capture_words *w);
/* The same as one line of JSON. */
int capture_json_line(struct str *out, const struct attempt *a,
		      const struct capture_words *w);

struct capture_document {
	const char *source;              /* "any", "eth0", a file's name as it was given */
	const struct attempts *attempts; /* state, problem and rows; the rows may be none */
	const struct vec *ports;         /* struct port_count, or NULL: they are not told */
};

/* The whole document. 0 or -ENOMEM. */
int capture_json(struct str *out, const struct capture_document *d,
		 const struct capture_words *w);
/* Totals, and the table of ports if there is one. */
int capture_text_totals(struct str *out, const struct capture_document *d,
			const struct capture_words *w);
/*
 * One line per loss of the capture itself: what the kernel or the device dropped, what was
 * not understood, forgotten or not told. Nothing is appended where nothing was lost.
 */
int capture_losses(struct str *out, const struct capture_state *s, uint64_t n_forgotten);

/*
 * Adds a count to those of the same port, or at the end. Bounded: the rarest go; how many,
 * is returned. -ENOMEM.
 */
long capture_ports_add(struct vec *ports, const struct port_count *p);
/* The busiest first. Returns how many went to keep the bound. */
long capture_ports_sort(struct vec *ports);

/* capture_words.c */
/* "port unreachable", "administratively prohibited", ...; NULL: a type without a name. */
const char *capture_icmp_words(uint8_t family, uint8_t type, uint8_t code);
/* "answered", of UDP "open or filtered" where the contract says so in text. */
const char *capture_outcome_words(const struct attempt *a);
/* The outcome's mark: "✔", "✖", "~", "?" or its ASCII twin. */
const char *capture_mark(enum outcome o, enum text_mode mode);

#endif
