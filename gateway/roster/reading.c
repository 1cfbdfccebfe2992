/*
 * reading.c: the statement by which a release and its users are read
 */
#include "roster/reading.h"

#include "base/buffer.h"

/*
 * The columns. The release's line has all of them. A user has the uid, the state and listed,
 * and no snapshot. An announced user has the uid alone.
 */
enum
{
	COLUMN_SEEN,
	COLUMN_ID,	 /* or the uid */
	COLUMN_WORD, /* stuck_side, or the state */
	COLUMN_FLAG, /* is_open, or listed */
	COLUMN_UID_TYPE,
	COLUMN_PERCENT
};

void
reading_send(Database *database, const char *schema, const char *release, const char *since,
			 const char *gateway)
{
	const char *parameters[] = {release, since, gateway};
	Buffer		sql = {0};

	buffer_format(&sql,
				  "SELECT pg_catalog.pg_current_snapshot()::pg_catalog.text, r.id::pg_catalog.text,"
				  " r.stuck_side::pg_catalog.text, r.is_open, r.uid_type, r.percent::pg_catalog.text"
				  " FROM gray.release r WHERE r.release OPERATOR(pg_catalog.=) $1::pg_catalog.name"
				  " UNION ALL SELECT NULL, u.uid, u.state::pg_catalog.text, u.listed, NULL, NULL"
				  " FROM gray.release r, %s.%s u"
				  " WHERE r.release OPERATOR(pg_catalog.=) $1::pg_catalog.name",
				  schema,
				  since != NULL ? "gray_changes($2::pg_catalog.pg_snapshot, r.release)"
								: "gray_roster(r.release)");
	if (gateway != NULL)
		buffer_format(&sql,
					  " UNION ALL SELECT NULL, a.uid, NULL, NULL, NULL, NULL FROM gray.release r,"
					  " %s.gray_announced($3::pg_catalog.uuid, r.release) a"
					  " WHERE r.release OPERATOR(pg_catalog.=) $1::pg_catalog.name",
					  schema);
	database_send(database, sql.bytes,
				  gateway != NULL ? 3
				  : since != NULL ? 2
								  : 1,
				  parameters, true);
	buffer_free(&sql);
}

static Span
cell(const PGresult *result, int row, int column)
{
	return (Span){PQgetvalue(result, row, column), (size_t) PQgetlength(result, row, column)};
}

bool
reading_row(const PGresult *result, int row, int server_version, FollowRow *out)
{
	bool flag = span_equals(cell(result, row, COLUMN_FLAG), "t");
	Span word = cell(result, row, COLUMN_WORD);

	*out = (FollowRow){.is_line = !PQgetisnull(result, row, COLUMN_SEEN),
					   .server_version = server_version};
	if (!out->is_line)
	{
		out->uid = cell(result, row, COLUMN_ID);
		out->is_announced = PQgetisnull(result, row, COLUMN_WORD);
		if (out->is_announced)
			return true;
		out->listed = flag;
		return state_parse(word.bytes, word.length, &out->state);
	}
	out->seen = cell(result, row, COLUMN_SEEN);
	out->id = cell(result, row, COLUMN_ID);
	out->uid_type = cell(result, row, COLUMN_UID_TYPE);
	out->release.is_open = flag;
	return decide_parse_percent(cell(result, row, COLUMN_PERCENT),
								&out->release.percent_hundredths) &&
		   side_parse(word.bytes, word.length, &out->release.stuck_side);
}
