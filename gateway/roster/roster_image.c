/*
 * roster_image.c: a roster as bytes, to be kept for the next process
 */
#include "roster/roster_image.h"

#include <openssl/evp.h>
#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

#define USER_STATE 0x03
#define USER_LISTED 0x04
#define USER_FLAGS (USER_STATE | USER_LISTED)

static const char magic[] = "gray-gateway roster\n";
static const char truncated[] = "it is cut off, or can't be read";

/* A stream, and the checksum of what went through it. */
typedef struct Stream
{
	FILE	   *file;
	EVP_MD_CTX *digest;
	bool		failed;
} Stream;

static Stream
stream_open(FILE *file)
{
	Stream stream = {.file = file, .digest = EVP_MD_CTX_new()};

	if (stream.digest == NULL || EVP_DigestInit_ex(stream.digest, EVP_sha256(), NULL) != 1)
		abort(); /* out of memory */
	return stream;
}

static void
stream_close(Stream *stream, unsigned char *checksum)
{
	EVP_DigestFinal_ex(stream->digest, checksum, NULL);
	EVP_MD_CTX_free(stream->digest);
}

/*
 * Writing
 */

static void
put(Stream *stream, const void *bytes, size_t length)
{
	EVP_DigestUpdate(stream->digest, bytes, length);
	if (fwrite(bytes, 1, length, stream->file) != length)
		stream->failed = true;
}

static void
put_number(Stream *stream, uint64_t number, size_t width)
{
	unsigned char bytes[8];

	for (size_t i = 0; i < width; i++)
		bytes[i] = (unsigned char) (number >> (8 * i));
	put(stream, bytes, width);
}

static void
put_text(Stream *stream, const char *text)
{
	size_t length = strlen(text);

	if (length > ROSTER_IMAGE_TEXT_MAX)
		stream->failed = true;
	put_number(stream, length, 2);
	put(stream, text, length);
}

static void
count_user(void *context, Span uid, State state, bool listed)
{
	uint64_t *count = context;

	(void) uid;
	(void) state;
	(void) listed;
	++*count;
}

static void
put_user(void *context, Span uid, State state, bool listed)
{
	Stream *stream = context;

	put_number(stream, (unsigned) state | (listed ? USER_LISTED : 0), 1);
	put_number(stream, uid.length, 1);
	put(stream, uid.bytes, uid.length);
}

static void
put_release(Stream *stream, const Release *release)
{
	put_number(stream, release->is_open, 1);
	put_number(stream, release->percent_hundredths, 2);
	put_number(stream, release->stuck_side, 1);
}

bool
roster_image_write(FILE *file, const RosterImage *image, const Roster *roster)
{
	Stream		  stream = stream_open(file);
	uint64_t	  count = 0;
	unsigned char checksum[SHA256_DIGEST_LENGTH];

	put(&stream, magic, strlen(magic));
	put_number(&stream, ROSTER_IMAGE_VERSION, 4);
	put_text(&stream, image->database);
	put_text(&stream, image->release);
	put_text(&stream, image->id);
	put_text(&stream, uid_type_name(roster_uid_type(roster)));
	put_number(&stream, uid_type_version(roster_uid_type(roster)), 4);
	put_release(&stream, roster_release_line(roster));
	put_number(&stream, image->written_s, 8);
	roster_each(roster, count_user, &count);
	put_number(&stream, count, 8);
	roster_each(roster, put_user, &stream);
	stream_close(&stream, checksum);
	return !stream.failed && fwrite(checksum, 1, sizeof(checksum), file) == sizeof(checksum);
}

/*
 * Reading: what is not there is read as zeros, and noticed then
 */

static void
get(Stream *stream, void *bytes, size_t length)
{
	memset(bytes, 0, length);
	if (stream->failed || fread(bytes, 1, length, stream->file) != length)
		stream->failed = true;
	else
		EVP_DigestUpdate(stream->digest, bytes, length);
}

static uint64_t
get_number(Stream *stream, size_t width)
{
	unsigned char bytes[8];
	uint64_t	  number = 0;

	get(stream, bytes, width);
	for (size_t i = 0; i < width; i++)
		number |= (uint64_t) bytes[i] << (8 * i);
	return number;
}

typedef struct Text
{
	char bytes[ROSTER_IMAGE_TEXT_MAX + 1];
} Text;

/* Zero-terminated, as far as it is there. */
static void
get_text(Stream *stream, Text *text)
{
	size_t length = (size_t) get_number(stream, 2);

	if (length > ROSTER_IMAGE_TEXT_MAX)
	{
		stream->failed = true;
		length = 0;
	}
	get(stream, text->bytes, length);
	text->bytes[length] = '\0';
}

/* False: there can't be such a one. */
static bool
get_release(Stream *stream, Release *release)
{
	uint64_t is_open = get_number(stream, 1);
	uint64_t percent = get_number(stream, 2);
	uint64_t side = get_number(stream, 1);

	release->is_open = is_open == 1;
	release->percent_hundredths = (unsigned) percent;
	release->stuck_side = (Side) side;
	return is_open <= 1 && percent <= 10000 && side <= SIDE_GRAY;
}

static bool
get_user(Stream *stream, Roster *roster)
{
	unsigned flags = (unsigned) get_number(stream, 1);
	Span	 uid = {.length = (size_t) get_number(stream, 1)};
	char	 bytes[UID_MAX_BYTES];

	get(stream, bytes, uid.length);
	uid.bytes = bytes;
	if (stream->failed || flags == 0 || (flags & ~USER_FLAGS) != 0)
		return false;
	roster_set_state(roster, uid, (State) (flags & USER_STATE));
	roster_set_listed(roster, uid, (flags & USER_LISTED) != 0);
	return true;
}

/* Is the next text another one? */
static bool
differs(Stream *stream, const char *expected)
{
	Text text;

	get_text(stream, &text);
	return !stream->failed && strcmp(text.bytes, expected) != 0;
}

/* What comes first.  NULL: it is of what it should be. */
static const char *
get_head(Stream *stream, RosterImage *image, Roster *roster, char **id)
{
	char start[sizeof(magic) - 1];
	Text text;

	get(stream, start, sizeof(start));
	if (memcmp(start, magic, sizeof(start)) != 0)
		return "it is no roster";
	if (get_number(stream, 4) != ROSTER_IMAGE_VERSION && !stream->failed)
		return "it is of another version of the gateway";
	if (differs(stream, image->database))
		return "it is of another database";
	if (differs(stream, image->release))
		return "it is of another release";
	get_text(stream, &text);
	*id = memory_text(text.bytes, strlen(text.bytes));
	get_text(stream, &text);
	roster_set_uid_type(roster, uid_type_parse(span_of(text.bytes), (int) get_number(stream, 4)));
	if (!get_release(stream, roster_release(roster)) && !stream->failed)
		return "it is damaged";
	image->written_s = get_number(stream, 8);
	return stream->failed ? truncated : NULL;
}

static const char *
get_users(Stream *stream, Roster *roster)
{
	uint64_t count = get_number(stream, 8);

	/* A count that is wrong is found at the end of the stream, which has a bound. */
	for (uint64_t i = 0; i < count; i++)
	{
		if (!get_user(stream, roster))
			return stream->failed ? truncated : "it is damaged";
	}
	return stream->failed ? truncated : NULL;
}

const char *
roster_image_read(FILE *file, RosterImage *image, Roster **roster, char **id)
{
	Stream		  stream = stream_open(file);
	unsigned char checksum[SHA256_DIGEST_LENGTH];
	unsigned char written[SHA256_DIGEST_LENGTH];
	const char	 *problem;

	*roster = roster_new(image->release);
	*id = NULL;
	problem = get_head(&stream, image, *roster, id);
	if (problem == NULL)
		problem = get_users(&stream, *roster);
	stream_close(&stream, checksum);
	if (problem == NULL && fread(written, 1, sizeof(written), file) != sizeof(written))
		problem = truncated;
	if (problem == NULL && (memcmp(written, checksum, sizeof(checksum)) != 0 || getc(file) != EOF))
		problem = "it is damaged";
	if (problem == NULL)
		return NULL;
	roster_free(*roster);
	free(*id);
	*roster = NULL;
	*id = NULL;
	return problem;
}
