/*
 * announced.c: the users whom other gateways are about to move
 */
#include "roster/announced.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

void
announced_add(Announced *announced, Span uid)
{
	AnnouncedUser *user;

	if (uid.length > UID_MAX_BYTES)
		return;
	if (announced->count == announced->size)
	{
		announced->size = announced->size * 2 + 8;
		announced->users = memory_resize(announced->users, announced->size * sizeof(AnnouncedUser));
	}
	user = &announced->users[announced->count++];
	user->length = (unsigned char) uid.length;
	memcpy(user->uid, uid.bytes, uid.length);
}

static int
compare(const void *one, const void *other)
{
	const AnnouncedUser *a = one;
	const AnnouncedUser *b = other;

	if (a->length != b->length)
		return a->length < b->length ? -1 : 1;
	return memcmp(a->uid, b->uid, a->length);
}

void
announced_sort(Announced *announced)
{
	if (announced->count > 1)
		qsort(announced->users, announced->count, sizeof(AnnouncedUser), compare);
}

bool
announced_has(const Announced *announced, Span uid)
{
	AnnouncedUser user;

	if (announced->count == 0 || uid.length > UID_MAX_BYTES)
		return false;
	user.length = (unsigned char) uid.length;
	memcpy(user.uid, uid.bytes, uid.length);
	return bsearch(&user, announced->users, announced->count, sizeof(user), compare) != NULL;
}

void
announced_clear(Announced *announced)
{
	free(announced->users);
	*announced = (Announced){0};
}
