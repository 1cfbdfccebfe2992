/*
 * check_publication.c: publications by which subscribers stop
 */
#include "postgres.h"

#include "nodes/pg_list.h"
#include "utils/builtins.h"

#include "check_publication.h"
#include "publication.h"
#include "release.h"

void
check_publications(const Release *release, Findings *findings)
{
	ListCell *cell;

	foreach(cell, publication_find(release->gray_schema))
	{
		const WidePublication *publication = lfirst(cell);

		finding_add(findings, true, psprintf("publication %s", quote_identifier(publication->name)),
					psprintf("publishes %s, and so those of the release too: a subscriber, which does not have them, stops at the first row written to one",
							 publication->content),
					publication->advice);
	}
}
