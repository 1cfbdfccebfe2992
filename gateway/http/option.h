/*
 * option.h: finds the fields of a head that its Connection fields name
 *
 * Pure.
 */
#ifndef GATEWAY_HTTP_OPTION_H
#define GATEWAY_HTTP_OPTION_H

#include "http/head.h"

/*
 * Set named[i] to whether an option of a Connection field names field i. Return the number of
 * names that were compared. For each option this is at most the number of bits in the number of
 * fields, and one; each field that is found counts one more, once.
 */
extern size_t option_find(const Head *head, bool *named);

/* Return the number of options, including empty options. */
extern size_t option_count(const Head *head);

/* Does a Connection field have this option? */
extern bool option_given(const Head *head, const char *option);

#endif /* GATEWAY_HTTP_OPTION_H */
