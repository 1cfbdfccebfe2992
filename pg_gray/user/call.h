/*
 * call.h: begins and ends every SQL-callable function, and returns rows from it
 */
#ifndef PG_GRAY_USER_CALL_H
#define PG_GRAY_USER_CALL_H

#include "postgres/role.h"

struct FunctionCallInfoBaseData;
struct Release;
struct Uid;

typedef struct ReleaseCall
{
	RoleSwitch		before;
	struct Release *release;
} ReleaseCall;

typedef struct UserCall
{
	RoleSwitch		before;
	struct Release *release;
	struct Uid	   *uid;
} UserCall;

/*
 * Connect to SPI, become the catalog owner, and load the release that the given argument names
 * (null: the only release).  Memory of the call is SPI's, and is freed by call_end.
 */
extern void call_begin(ReleaseCall *call, struct FunctionCallInfoBaseData *fcinfo,
					   int release_argument);
extern void call_end(ReleaseCall *call);

/* The same for functions with arguments (uid, release), and for those with (uid, ..., release). */
extern void call_begin_user(UserCall *call, struct FunctionCallInfoBaseData *fcinfo);
extern void call_begin_user_at(UserCall *call, struct FunctionCallInfoBaseData *fcinfo,
							   int release_argument);
extern void call_end_user(UserCall *call);

/* Return a name argument, or null. */
extern char *call_name(struct FunctionCallInfoBaseData *fcinfo, int argument);

/* Raise null_value_not_allowed for a null argument. */
extern void call_refuse_null(struct FunctionCallInfoBaseData *fcinfo, int argument,
							 const char *name);

/* Prepare the result; to be called before SPI_connect. */
extern void rows_begin(struct FunctionCallInfoBaseData *fcinfo);

/* Append a row of texts (null: SQL NULL), one per OUT column. */
extern void rows_put(struct FunctionCallInfoBaseData *fcinfo, const char **values);

/* Append all rows of the last query; its columns must have the result's types. */
extern void rows_put_result(struct FunctionCallInfoBaseData *fcinfo);

#endif /* PG_GRAY_USER_CALL_H */
