/*
 * option.h: which fields of a head its Connection fields name
 *
 * Pure.
 */
#ifndef GATEWAY_HTTP_OPTION_H
#define GATEWAY_HTTP_OPTION_H

#include "http/head.h"

/*
 * named[i] says whether field i is named by an option of a Connection field.  Returns how many
 * names were compared: for each option no more than the fields have bits in their number, and one.
 */
extern size_t option_find(const Head *head, bool *named);

/* How many options there are, empty ones included. */
extern size_t option_count(const Head *head);

/* Is there this option? */
extern bool option_given(const Head *head, const char *option);

#endif /* GATEWAY_HTTP_OPTION_H */
