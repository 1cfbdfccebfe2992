/*
 * difference.c: one difference between gray and production
 */
#include "postgres.h"

#include "structure/difference.h"

const char *
difference_kind_name(const Difference *difference)
{
	switch (difference->subject)
	{
		case DIFF_TABLE:
			return "table";
		case DIFF_COLUMN:
			return "column";
		case DIFF_PARTITION:
			return "partition";
		case DIFF_OWN:
			return difference->kind;
		case DIFF_PIECE:
			break;
	}
	return piece_kind_name(difference->piece);
}
