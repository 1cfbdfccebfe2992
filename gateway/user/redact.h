/*
 * redact.h: replaces uids in texts for the logs
 *
 * Pure. A log has the hash of a uid (uid_hash.h), 16 hexadecimal digits, in place of the uid. It
 * has *** in place of a text that can be read in several ways, or that is longer than any uid,
 * such as a token.
 */
#ifndef GATEWAY_USER_REDACT_H
#define GATEWAY_USER_REDACT_H

#include "base/buffer.h"
#include "user/uid.h"

/* Can a target have anything in it that the logs must not show? */
extern bool redact_wanted(const UidSources *sources);

/*
 * Append a request line, or a URI as in Referer, with a hash in place of each uid. type is the
 * type of the release's uids; a uid is brought into canonical form before it is hashed.
 */
extern void redact_line(Buffer *out, const UidSources *sources, UidType type, Span line);
extern void redact_uri(Buffer *out, const UidSources *sources, UidType type, Span uri);

/* Return the hash of a uid. The text is static; the next four calls leave it alone. */
extern const char *redact_uid(const char *uid, size_t length);

/* Append a text in which somebody may have named the uid, with the hash in place of the uid. */
extern void redact_text(Buffer *out, Span text, Span uid);

#endif /* GATEWAY_USER_REDACT_H */
