/*
 * call.h: what every SQL-callable function begins and ends with, and how it returns rows
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
 * Connect to SPI, become the catalog owner, and load the release that the
 * given argument names (the only one if null).  Memory of the call is SPI's:
 * gone after call_end.
 */
extern void call_begin(ReleaseCall *call, struct FunctionCallInfoBaseData *fcinfo,
					   int release_argument);
extern void call_end(ReleaseCall *call);

/* The same for functions (uid, release), and for those (uid, ..., release). */
extern void call_begin_user(UserCall *call, struct FunctionCallInfoBaseData *fcinfo);
extern void call_begin_user_at(UserCall *call, struct FunctionCallInfoBaseData *fcinfo,
							   int release_argument);
extern void call_end_user(UserCall *call);

/* A name argument, or null. */
extern char *call_name(struct FunctionCallInfoBaseData *fcinfo, int argument);

/* Raise null_value_not_allowed for a null argument. */
extern void call_refuse_null(struct FunctionCallInfoBaseData *fcinfo, int argument,
							 const char *name);

/* Prepare the result; call it before SPI_connect. */
extern void rows_begin(struct FunctionCallInfoBaseData *fcinfo);

/* Append a row of texts (null: SQL NULL), one per OUT column. */
extern void rows_put(struct FunctionCallInfoBaseData *fcinfo, const char **values);

/* Append all rows of the last query; its columns must be of the result's types. */
extern void rows_put_result(struct FunctionCallInfoBaseData *fcinfo);

#endif /* PG_GRAY_USER_CALL_H */
