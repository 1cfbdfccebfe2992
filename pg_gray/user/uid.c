/*
 * uid.c: reads, compares and hashes a user's id, in the type of its release
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/lsyscache.h"
#include "utils/uuid.h"

#include "postgres/keyed_hash.h"
#include "release/release.h"
#include "user/uid.h"

StaticAssertDecl(FLOAT8PASSBYVAL, "uids of integers are passed by value");

bool
uid_type_supported(unsigned int type)
{
	switch (type)
	{
		case INT2OID:
		case INT4OID:
		case INT8OID:
		case UUIDOID:
		case TEXTOID:
		case VARCHAROID:
			return true;
		default:
			return false;
	}
}

static char *
value_text(Oid type, Datum value)
{
	Oid	 output;
	bool is_varlena;

	getTypeOutputInfo(type, &output, &is_varlena);
	return OidOutputFunctionCall(output, value);
}

static void
uid_error_context(void *arg)
{
	const Release *release = arg;

	errhint("Uids of release \"%s\" are of type %s.", release->name,
			format_type_be(release->uid_type));
}

static Datum
parse_text(const char *text, const Release *release)
{
	ErrorContextCallback context = {.previous = error_context_stack,
									.callback = uid_error_context,
									.arg = unconstify(Release *, release)};
	Oid					 input;
	Oid					 parameter;
	Datum				 value;

	getTypeInputInfo(release->uid_type, &input, &parameter);
	error_context_stack = &context;
	value = OidInputFunctionCall(input, unconstify(char *, text), parameter, -1);
	error_context_stack = context.previous;
	return value;
}

static void
refuse_long(void)
{
	ereport(ERROR, (errcode(ERRCODE_STRING_DATA_RIGHT_TRUNCATION),
					errmsg("uid is longer than %d bytes", UID_MAX_LENGTH),
					errhint("Such a uid can't be a user's id; check what the application sends.")));
}

Uid *
uid_from_value(unsigned int type, uintptr_t value)
{
	Uid *uid = palloc(sizeof(Uid));

	uid->type = type;
	uid->value = value;
	uid->text = value_text(type, value);
	if (strlen(uid->text) > UID_MAX_LENGTH)
		refuse_long();
	return uid;
}

/* The type's own error message contains the text, so it gets a hint only. */
Uid *
uid_from_text(const char *text, const Release *release)
{
	if (strlen(text) > UID_MAX_TEXT_LENGTH)
		refuse_long();
	return uid_from_value(release->uid_type, parse_text(text, release));
}

Uid *
uid_from_arg(FunctionCallInfo fcinfo, int argument, const Release *release)
{
	Oid type = get_fn_expr_argtype(fcinfo->flinfo, argument);

	if (PG_ARGISNULL(argument))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("uid must not be null"),
				 errhint("A request without a user id goes to the production server unasked.")));
	if (!OidIsValid(type))
		elog(ERROR, "could not determine the type of the uid");

	return uid_from_text(value_text(type, PG_GETARG_DATUM(argument)), release);
}

unsigned int
uid_family(unsigned int type)
{
	switch (type)
	{
		case INT2OID:
		case INT4OID:
		case INT8OID:
			return INT8OID;
		case TEXTOID:
		case VARCHAROID:
			return TEXTOID;
		default:
			return type;
	}
}

static int
integer_width(Oid type)
{
	switch (type)
	{
		case INT2OID:
			return sizeof(int16);
		case INT4OID:
			return sizeof(int32);
		case INT8OID:
			return sizeof(int64);
		default:
			return 0;
	}
}

unsigned int
uid_wider(unsigned int type, unsigned int other)
{
	if (uid_family(type) != uid_family(other))
		return InvalidOid;
	return integer_width(other) > integer_width(type) ? other : type;
}

uintptr_t
uid_widened(unsigned int type, uintptr_t value)
{
	switch (type)
	{
		case INT2OID:
			return Int64GetDatum(DatumGetInt16(value));
		case INT4OID:
			return Int64GetDatum(DatumGetInt32(value));
		default:
			return value;
	}
}

static bool
equal_bytes(text *a, text *b)
{
	Size length = VARSIZE_ANY_EXHDR(a);

	return length == VARSIZE_ANY_EXHDR(b) && memcmp(VARDATA_ANY(a), VARDATA_ANY(b), length) == 0;
}

bool
uid_equal(unsigned int type, uintptr_t a, uintptr_t b)
{
	switch (type)
	{
		case INT2OID:
			return DatumGetInt16(a) == DatumGetInt16(b);
		case INT4OID:
			return DatumGetInt32(a) == DatumGetInt32(b);
		case INT8OID:
			return DatumGetInt64(a) == DatumGetInt64(b);
		case UUIDOID:
			return memcmp(DatumGetUUIDP(a)->data, DatumGetUUIDP(b)->data, UUID_LEN) == 0;
		case TEXTOID:
		case VARCHAROID:
			return equal_bytes(DatumGetTextPP(a), DatumGetTextPP(b));
		default:
			elog(ERROR, "unsupported uid type %u", type);
	}
}

uintptr_t
uid_copy(unsigned int type, uintptr_t value)
{
	switch (type)
	{
		case INT2OID:
		case INT4OID:
		case INT8OID:
			return value;
		case UUIDOID:
			return datumCopy(value, false, UUID_LEN);
		default:
			return datumCopy(value, false, -1);
	}
}

/*
 * The hash shows in pg_locks, where everybody may look, so it must not tell the uid.  Nor must a
 * client who chooses a name to sign up with know the hash in advance: otherwise many users could
 * be made to share one hash.
 */
static uint64
hash_integer(int release_id, int64 value)
{
	return keyed_hash(&value, sizeof(value), release_id);
}

uint64_t
uid_hash(int release_id, unsigned int type, uintptr_t value)
{
	switch (type)
	{
		case INT2OID:
			return hash_integer(release_id, DatumGetInt16(value));
		case INT4OID:
			return hash_integer(release_id, DatumGetInt32(value));
		case INT8OID:
			return hash_integer(release_id, DatumGetInt64(value));
		case UUIDOID:
			return keyed_hash(DatumGetUUIDP(value)->data, UUID_LEN, release_id);
		case TEXTOID:
		case VARCHAROID:
		{
			text *bytes = DatumGetTextPP(value);

			return keyed_hash(VARDATA_ANY(bytes), VARSIZE_ANY_EXHDR(bytes), release_id);
		}
		default:
			elog(ERROR, "unsupported uid type %u", type);
	}
}
