/*
 * uid.h: reads, compares and hashes a user's id, in the type of its release
 */
#ifndef PG_GRAY_USER_UID_H
#define PG_GRAY_USER_UID_H

#include <stdbool.h>
#include <stdint.h>

struct Release;
struct FunctionCallInfoBaseData;

/* Greatest length in bytes of a uid's canonical text. */
#define UID_MAX_LENGTH 255

/* Greatest length in bytes of any spelling of a uid, such as 0000042. */
#define UID_MAX_TEXT_LENGTH 1000

typedef struct Uid
{
	unsigned int type;	/* Oid of a supported base type */
	uintptr_t	 value; /* Datum */
	char		*text;	/* canonical: the type's output */
} Uid;

/* True for smallint, integer, bigint, uuid, text, character varying (base types only). */
extern bool uid_type_supported(unsigned int type);

/*
 * Return the uid in an argument of any type, converted to the release's type through its text
 * form, so that 42, '42' and '042' are one user.  Raises null_value_not_allowed, the errors of the
 * type's input function (with a hint), and string_data_right_truncation.
 */
extern Uid *uid_from_arg(struct FunctionCallInfoBaseData *fcinfo, int argument,
						 const struct Release *release);

/* Make a uid from a value of the release's type. */
extern Uid *uid_from_value(unsigned int type, uintptr_t value);

/* Convert a text to a uid of the release's type; raises the errors of the type's input function. */
extern Uid *uid_from_text(const char *text, const struct Release *release);

/*
 * Return the widest type of a type's family.  The uid columns of a release may be of different
 * types of one family: integers, or text and varchar.  The widest type can hold, and compare, them
 * all.
 */
extern unsigned int uid_family(unsigned int type);

/*
 * Return the type, of two, that can hold the uids of both; the first, if either can.  InvalidOid
 * when they are not of one family.
 */
extern unsigned int uid_wider(unsigned int type, unsigned int other);

/* Return a uid as a value of its family's widest type; not copied. */
extern uintptr_t uid_widened(unsigned int type, uintptr_t value);

/* True when two uids of a release, both of one type, belong to one user. */
extern bool uid_equal(unsigned int type, uintptr_t a, uintptr_t b);

/* Copy the uid's value into the current memory context. */
extern uintptr_t uid_copy(unsigned int type, uintptr_t value);

/* Return the hash that represents the user in the lock space; equal uids have equal hashes. */
extern uint64_t uid_hash(int release_id, unsigned int type, uintptr_t value);

#endif /* PG_GRAY_USER_UID_H */
