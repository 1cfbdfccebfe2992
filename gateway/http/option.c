/*
 * option.c: finds the fields of a head that its Connection fields name
 *
 * A head has room for thousands of options, so the options are not compared with each field. The
 * names are sorted once, and each option is searched among them.
 */
#include "http/option.h"

#include <string.h>
#include <strings.h>

/* The names of the fields in order. Equal names are neighbours. */
typedef struct Names
{
	const Head *head;
	size_t		count;
	uint16_t	order[HEAD_FIELDS_MAX];
	size_t		compared;
} Names;

/* Compare the lengths first: most names differ in length. */
static int
compare(Span one, Span other)
{
	if (one.length != other.length)
		return one.length < other.length ? -1 : 1;
	return one.length == 0 ? 0 : strncasecmp(one.bytes, other.bytes, one.length);
}

static Span
name_at(const Names *names, size_t at)
{
	return names->head->fields[names->order[at]].name;
}

/* Return the position of the first name that is not less. */
static size_t
place_of(Names *names, Span name)
{
	size_t from = 0;
	size_t to = names->count;

	while (from < to)
	{
		size_t middle = (from + to) / 2;

		names->compared++;
		if (compare(name_at(names, middle), name) < 0)
			from = middle + 1;
		else
			to = middle;
	}
	return from;
}

static void
sort_names(Names *names, const Head *head)
{
	names->head = head;
	names->count = 0;
	for (size_t i = 0; i < head->field_count; i++)
	{
		size_t at = place_of(names, head->fields[i].name);

		memmove(&names->order[at + 1], &names->order[at],
				(names->count - at) * sizeof(names->order[0]));
		names->order[at] = (uint16_t) i;
		names->count++;
	}
	names->compared = 0;
}

/* Mark all fields of this name. Names that an earlier option has marked are not visited again. */
static void
mark(Names *names, Span option, bool *named)
{
	size_t at = place_of(names, option);

	for (; at < names->count && !named[names->order[at]]; at++)
	{
		names->compared++;
		if (compare(name_at(names, at), option) != 0)
			break;
		named[names->order[at]] = true;
	}
}

size_t
option_find(const Head *head, bool *named)
{
	Names names;

	memset(named, 0, head->field_count * sizeof(*named));
	sort_names(&names, head);
	for (size_t i = 0; i < head->field_count; i++)
	{
		Span list = head->fields[i].value;
		Span option;

		if (head->fields[i].kind != FIELD_CONNECTION)
			continue;
		while (span_next(&list, ',', &option))
			mark(&names, option, named);
	}
	return names.compared;
}

size_t
option_count(const Head *head)
{
	size_t count = 0;

	for (size_t i = 0; i < head->field_count; i++)
	{
		Span value = head->fields[i].value;

		if (head->fields[i].kind != FIELD_CONNECTION)
			continue;
		count++;
		for (size_t j = 0; j < value.length; j++)
			count += value.bytes[j] == ',';
	}
	return count;
}

bool
option_given(const Head *head, const char *option)
{
	for (size_t i = 0; i < head->field_count; i++)
	{
		Span list = head->fields[i].value;
		Span one;

		if (head->fields[i].kind != FIELD_CONNECTION)
			continue;
		while (span_next(&list, ',', &one))
		{
			if (span_equals_nocase(one, option))
				return true;
		}
	}
	return false;
}
