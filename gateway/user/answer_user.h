/*
 * answer_user.h: the user whom a server names in its answer
 *
 * Pure.  X-Gray-User has the uid, percent-encoded; "-" is nobody.
 */
#ifndef GATEWAY_USER_ANSWER_USER_H
#define GATEWAY_USER_ANSWER_USER_H

#include "base/buffer.h"
#include "http/head.h"
#include "user/uid.h"

typedef enum AnswerUser
{
	ANSWER_USER_NONE, /* it does not say */
	ANSWER_USER_NAMED,
	ANSWER_USER_NOBODY, /* who was remembered is to be forgotten */
	ANSWER_USER_BAD		/* no uid of the type, or two users */
} AnswerUser;

/* uid is set, in canonical form, where the answer is ANSWER_USER_NAMED. */
extern AnswerUser answer_user_read(const Head *answer, UidType type, Uid *uid);

/* Appends the field that says the same to a server. */
extern void answer_user_append(Buffer *out, Span uid);

/* May caches keep the answer for everybody, as it says of itself?  Then it is about nobody. */
extern bool answer_user_public(const Head *answer);

#endif /* GATEWAY_USER_ANSWER_USER_H */
