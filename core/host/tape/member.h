/*
 * The name and the head line of a recorded part, in both directions: "SEQ/NETNS/WORD/ARGS"
 * and "part=N status=W error=N wall=NS boot=NS\n". What is written here is read back here;
 * anything else is refused. Knows neither tar nor files.
 */
#ifndef CORE_HOST_MEMBER_H
#define CORE_HOST_MEMBER_H

#include <stddef.h>
#include <stdint.h>

#include "core/host/blob.h"
#include "core/host/request.h"

#define MEMBER_NAME_MAX  (10 + 1 + 20 + 1 + REQUEST_TEXT_MAX) /* with its NUL */
#define MEMBER_LINE_MAX  128
#define MEMBER_ERROR_MAX 4095 /* the kernel's MAX_ERRNO */

/* 0, or -EINVAL if the text or a field is one that member_read_*() would refuse. */
int member_check(const char *text, const struct blob *b);

/* The name of a checked part. Returns out. */
const char *member_name(char out[MEMBER_NAME_MAX], const char *text, const struct blob *b);
/* The head line of a checked part, NUL-terminated. Returns its length. */
size_t member_line(char out[MEMBER_LINE_MAX], const struct blob *b);

/*
 * Sets seq and netns of *b and *text (borrowed from name). 0; -ENOENT: the name of no part
 * (it does not begin with eight digits and more); -EBADMSG: of a part, but malformed.
 */
int member_read_name(const char *name, struct blob *b, const char **text);

/*
 * Reads a part's data: sets part, status, error, times, bytes (borrowed) and len of *b.
 * NULL, or what is wrong, in words; then *b is untouched.
 */
const char *member_read_data(const uint8_t *data, size_t size, struct blob *b);

#endif
