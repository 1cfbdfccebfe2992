/*
 * redact.h: what the logs have in place of a uid
 *
 * Pure.  A uid is written as its hash (uid_hash.h), 16 hexadecimal digits; *** stands
 * for what could be read in several ways, or is longer than any uid, such as a token.
 */
#ifndef GATEWAY_USER_REDACT_H
#define GATEWAY_USER_REDACT_H

#include "base/buffer.h"
#include "user/uid.h"

/* Has a target anything in it that must not be seen? */
extern bool redact_wanted(const UidSources *sources);

/*
 * Appends a request line, or a URI as Referer has it, with hashes in the places of uids.
 * type: of the release's uids, which are brought into canonical form before.
 */
extern void redact_line(Buffer *out, const UidSources *sources, UidType type, Span line);
extern void redact_uri(Buffer *out, const UidSources *sources, UidType type, Span uri);

/* The hash; static, good for the next four calls. */
extern const char *redact_uid(const char *uid, size_t length);

/* Appends a text in which somebody may have named the uid. */
extern void redact_text(Buffer *out, Span text, Span uid);

#endif /* GATEWAY_USER_REDACT_H */
