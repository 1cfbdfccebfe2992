/*
 * roster_image_test.c: a roster is read as it was written, or not at all
 */
#include "gateway_test.h"

#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "roster/roster_image.h"

typedef struct Bytes
{
	char  *bytes; /* owned */
	size_t length;
} Bytes;

static RosterImage
image_of(const char *database, const char *release)
{
	return (
		RosterImage){.database = database, .release = release, .id = "17", .written_s = 1700000000};
}

static Bytes
written(const Roster *roster)
{
	Bytes		bytes = {0};
	RosterImage image = image_of("host=a dbname=b ", "v2");
	FILE	   *stream = open_memstream(&bytes.bytes, &bytes.length);

	ck_assert(roster_image_write(stream, &image, roster));
	fclose(stream);
	return bytes;
}

static const char *
read_back(Bytes bytes, RosterImage *image, Roster **roster, char **id)
{
	FILE *stream =
		bytes.length > 0 ? fmemopen(bytes.bytes, bytes.length, "r") : fopen("/dev/null", "r");
	const char *problem;

	ck_assert_ptr_nonnull(stream);
	problem = roster_image_read(stream, image, roster, id);
	fclose(stream);
	return problem;
}

/* Refused, and nothing is left of it. */
static void
refuse(Bytes bytes, RosterImage image, const char *expected)
{
	Roster	   *roster = (Roster *) 1;
	char	   *id = (char *) 1;
	const char *problem = read_back(bytes, &image, &roster, &id);

	ck_assert_ptr_nonnull(problem);
	if (expected != NULL)
		ck_assert_str_eq(problem, expected);
	ck_assert_ptr_null(roster);
	ck_assert_ptr_null(id);
}

static Roster *
some_users(void)
{
	Roster *roster = roster_new("v2");

	roster_set_uid_type(roster, UID_TEXT);
	roster_release(roster)->is_open = true;
	roster_release(roster)->percent_hundredths = 1234;
	roster_release(roster)->stuck_side = SIDE_PRODUCTION;
	roster_set_state(roster, span_of("on"), STATE_ON);
	roster_set_listed(roster, span_of("listed\n"), true);
	roster_set_listed(roster, span_of("both"), true);
	roster_set_state(roster, span_of("both"), STATE_STUCK);
	roster_set_state(roster, span_of("failed"), STATE_FAILED);
	roster_set_state(roster, span_of("off again"), STATE_ON);
	roster_set_state(roster, span_of("off again"), STATE_OFF);
	return roster;
}

static void
expect(const Roster *roster, const char *uid, State expected_state, bool expected_listed)
{
	State state;
	bool  listed;

	roster_find(roster, span_of(uid), &state, &listed);
	ck_assert_int_eq(state, expected_state);
	ck_assert_int_eq(listed, expected_listed);
}

START_TEST(test_there_and_back)
{
	Roster	   *roster = some_users();
	Bytes		bytes = written(roster);
	RosterImage image = image_of("host=a dbname=b ", "v2");
	Roster	   *again;
	char	   *id;

	image.written_s = 0;
	ck_assert_ptr_null(read_back(bytes, &image, &again, &id));
	ck_assert_str_eq(id, "17");
	ck_assert_uint_eq(image.written_s, 1700000000);
	ck_assert_int_eq(roster_uid_type(again), UID_TEXT);
	ck_assert(roster_release(again)->is_open);
	ck_assert_uint_eq(roster_release(again)->percent_hundredths, 1234);
	ck_assert_int_eq(roster_release(again)->stuck_side, SIDE_PRODUCTION);
	ck_assert_str_eq(roster_release(again)->name, "v2");
	expect(again, "on", STATE_ON, false);
	expect(again, "listed\n", STATE_OFF, true);
	expect(again, "both", STATE_STUCK, true);
	expect(again, "failed", STATE_FAILED, false);
	expect(again, "off again", STATE_OFF, false);
	ck_assert_uint_eq(roster_counts(again).listed, 2);
	ck_assert_uint_eq(roster_counts(again).on, 1);
	roster_free(roster);
	roster_free(again);
	free(id);
	free(bytes.bytes);
}
END_TEST

START_TEST(test_another)
{
	Roster *roster = some_users();
	Bytes	bytes = written(roster);

	refuse(bytes, image_of("host=c dbname=b ", "v2"), "it is of another database");
	refuse(bytes, image_of("host=a dbname=b ", "v3"), "it is of another release");
	bytes.bytes[20]++;
	refuse(bytes, image_of("host=a dbname=b ", "v2"), "it is of another version of the gateway");
	bytes.bytes[0]++;
	refuse(bytes, image_of("host=a dbname=b ", "v2"), "it is no roster");
	roster_free(roster);
	free(bytes.bytes);
}
END_TEST

/* Whatever byte it is. */
START_TEST(test_damaged)
{
	Roster *roster = some_users();
	Bytes	bytes = written(roster);

	for (size_t i = 0; i < bytes.length; i++)
	{
		for (int bit = 0; bit < 8; bit++)
		{
			bytes.bytes[i] ^= (char) (1 << bit);
			refuse(bytes, image_of("host=a dbname=b ", "v2"), NULL);
			bytes.bytes[i] ^= (char) (1 << bit);
		}
	}
	roster_free(roster);
	free(bytes.bytes);
}
END_TEST

START_TEST(test_cut_off)
{
	Roster *roster = some_users();
	Bytes	bytes = written(roster);
	Bytes	more = {malloc(bytes.length + 1), bytes.length + 1};

	for (size_t length = 0; length < bytes.length; length++)
		refuse((Bytes){bytes.bytes, length}, image_of("host=a dbname=b ", "v2"),
			   length < 20 ? "it is no roster" : "it is cut off, or can't be read");
	memcpy(more.bytes, bytes.bytes, bytes.length);
	more.bytes[bytes.length] = '\0';
	refuse(more, image_of("host=a dbname=b ", "v2"), "it is damaged");
	roster_free(roster);
	free(bytes.bytes);
	free(more.bytes);
}
END_TEST

/* The checksum is right, and the contents can't be. */
START_TEST(test_forged)
{
	static const char head[] = "gray-gateway roster\n\x01\0\0\0\x01\0d\x02\0v2\x01\0"
							   "1\x04\0text";
	static const struct
	{
		const char *bytes;
		size_t		length;
	} rests[] = {
		{"\x02\0\0\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 20},		   /* open: 2 */
		{"\x01\xff\xff\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 20},	   /* 655.35 % */
		{"\x01\0\0\x02\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 20},		   /* a third side */
		{"\x01\0\0\x01\0\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\0\0\x01u", 23}, /* a user without anything */
		{"\x01\0\0\x01\0\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\0\x08\x01u", 23},	  /* flags */
		{"\x01\0\0\x01\0\0\0\0\0\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff", 20}, /* a count */
	};
	Bytes bytes;
	FILE *stream = open_memstream(&bytes.bytes, &bytes.length);
	char  checksum[SHA256_DIGEST_LENGTH];

	fwrite(head, 1, sizeof(head) - 1, stream);
	fwrite(rests[_i].bytes, 1, rests[_i].length, stream);
	fflush(stream);
	SHA256((const unsigned char *) bytes.bytes, bytes.length, (unsigned char *) checksum);
	fwrite(checksum, 1, sizeof(checksum), stream);
	fclose(stream);
	refuse(bytes, image_of("d", "v2"), NULL);
	free(bytes.bytes);
}
END_TEST

START_TEST(test_too_long)
{
	Roster	   *roster = some_users();
	char		name[ROSTER_IMAGE_TEXT_MAX + 2];
	RosterImage image = image_of(name, "v2");
	FILE	   *stream = fopen("/dev/null", "w");

	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	ck_assert(!roster_image_write(stream, &image, roster));
	fclose(stream);
	roster_free(roster);
}
END_TEST

TCase *
roster_image_cases(void)
{
	TCase *tcase = tcase_create("roster_image");

	tcase_add_test(tcase, test_there_and_back);
	tcase_add_test(tcase, test_another);
	tcase_add_test(tcase, test_damaged);
	tcase_add_test(tcase, test_cut_off);
	tcase_add_loop_test(tcase, test_forged, 0, 6);
	tcase_add_test(tcase, test_too_long);
	return tcase;
}
