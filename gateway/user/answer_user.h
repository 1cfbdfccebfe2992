/*
 * answer_user.h: reads the user whom a server names in its answer
 *
 * Pure. The field X-Gray-User has the uid, percent-encoded; "-" stands for nobody.
 */
#ifndef GATEWAY_USER_ANSWER_USER_H
#define GATEWAY_USER_ANSWER_USER_H

#include "base/buffer.h"
#include "http/head.h"
#include "user/uid.h"

typedef enum AnswerUser
{
	ANSWER_USER_NONE, /* the answer says nothing about a user */
	ANSWER_USER_NAMED,
	ANSWER_USER_NOBODY, /* the gateway is to forget the user that it remembered */
	ANSWER_USER_BAD		/* the value is no uid of the type, or the answer names two users */
} AnswerUser;

/* Set uid, in canonical form, where the answer is ANSWER_USER_NAMED. */
extern AnswerUser answer_user_read(const Head *answer, UidType type, Uid *uid);

/* Append the field X-Gray-User that names this user to a server. */
extern void answer_user_append(Buffer *out, Span uid);

/* Does the answer say that shared caches may keep it for everybody? Then it is about no user. */
extern bool answer_user_public(const Head *answer);

#endif /* GATEWAY_USER_ANSWER_USER_H */
