/*
 * uid.h: a user's id, in its release's own type
 */
#ifndef PG_GRAY_USER_UID_H
#define PG_GRAY_USER_UID_H

#include <stdbool.h>
#include <stdint.h>

struct Release;
struct FunctionCallInfoBaseData;

/* A uid's canonical text may have this many bytes. */
#define UID_MAX_LENGTH 255

/* And so many, in any spelling: 0000042. */
#define UID_MAX_TEXT_LENGTH 1000

typedef struct Uid
{
	unsigned int type;	/* Oid of a supported base type */
	uintptr_t	 value; /* Datum */
	char		*text;	/* canonical: the type's output */
} Uid;

/* smallint, integer, bigint, uuid, text, character varying (base types only). */
extern bool uid_type_supported(unsigned int type);

/*
 * The uid in an argument of any type, converted to the release's type through
 * its text form, so that 42, '42' and '042' are one user.  Raises
 * null_value_not_allowed, what the type's input raises (with a hint), and
 * string_data_right_truncation.
 */
extern Uid *uid_from_arg(struct FunctionCallInfoBaseData *fcinfo, int argument,
						 const struct Release *release);

/* A uid that is already of the release's type. */
extern Uid *uid_from_value(unsigned int type, uintptr_t value);

/* The uid that a text stands for in the release's type; raises what the type's input raises. */
extern Uid *uid_from_text(const char *text, const struct Release *release);

/*
 * Columns of a release that hold uids may be of different types of one family: integers, or
 * text and varchar.  The widest type of the family can hold, and compare, them all.
 */
extern unsigned int uid_family(unsigned int type);

/*
 * Of two types, the one that can hold the uids of both; the first, if either can.  InvalidOid when
 * they are not of one family.
 */
extern unsigned int uid_wider(unsigned int type, unsigned int other);

/* A uid as a value of its family's widest type; not copied. */
extern uintptr_t uid_widened(unsigned int type, uintptr_t value);

/* True for two uids of a release that are of one user; both are of one type. */
extern bool uid_equal(unsigned int type, uintptr_t a, uintptr_t b);

/* A copy of the uid's value in the current memory context. */
extern uintptr_t uid_copy(unsigned int type, uintptr_t value);

/* Hash that stands for the user in the lock space; equal uids have equal hashes. */
extern uint64_t uid_hash(int release_id, unsigned int type, uintptr_t value);

#endif /* PG_GRAY_USER_UID_H */
