/*
 * head.c: parses the head of one HTTP/1.x request or response
 */
#include "http/head.h"

#include <arpa/inet.h>
#include <endian.h>
#include <llhttp.h>
#include <string.h>

/* Behind an empty line the body begins. The first byte of the body may be any byte. */
static bool
ends_head(const char *bytes, size_t at)
{
	return at >= 3 && bytes[at] == '\n' && bytes[at - 1] == '\r' && bytes[at - 2] == '\n';
}

static void
scan_line_feed(const char *bytes, size_t length, size_t at, const char **problem)
{
	if (at == 0 || bytes[at - 1] != '\r')
		*problem = "line feed without carriage return";
	else if (at + 1 < length && (bytes[at + 1] == ' ' || bytes[at + 1] == '\t'))
		*problem = "folded header line";
}

/*
 * Return how many bytes there are before the first control character. Each step looks at eight
 * bytes.
 */
static size_t
printable_bytes(const char *bytes, size_t length)
{
	const uint64_t ones = UINT64_C(0x0101010101010101);
	size_t		   count = 0;
	uint64_t	   word;

	for (; count + sizeof(word) <= length; count += sizeof(word))
	{
		memcpy(&word, bytes + count, sizeof(word));
		word = le64toh(word);
		/* The lowest bit that is left belongs to the first byte that is less than 0x20. */
		word = (word - ones * 0x20) & ~word & (ones * 0x80);
		if (word != 0)
			return count + (size_t) __builtin_ctzll(word) / 8;
	}
	while (count < length && (unsigned char) bytes[count] >= 0x20)
		count++;
	return count;
}

HeadResult
head_scan(const char *bytes, size_t length, size_t *scanned, const char **problem)
{
	*problem = NULL;
	for (size_t i = *scanned; (i += printable_bytes(bytes + i, length - i)) < length; i++)
	{
		char byte = bytes[i];

		if (byte == '\0')
			*problem = "NUL byte";
		else if (byte == '\r' && i + 1 < length && bytes[i + 1] != '\n')
			*problem = "carriage return without line feed";
		else if (ends_head(bytes, i))
		{
			*scanned = i + 1;
			return HEAD_COMPLETE;
		}
		else if (byte == '\n')
			scan_line_feed(bytes, length, i, problem);
		if (*problem != NULL)
			return HEAD_BAD;
	}
	/* The next call looks at the last byte again: the byte behind it decides. */
	*scanned = length > 0 ? length - 1 : 0;
	return HEAD_MORE;
}

size_t
head_blank(const char *bytes, size_t length)
{
	size_t skip = 0;

	while (skip + 1 < length && bytes[skip] == '\r' && bytes[skip + 1] == '\n')
		skip += 2;
	return skip;
}

bool
head_find(const Head *head, const char *name, Span *value)
{
	for (size_t i = 0; i < head->field_count; i++)
	{
		if (span_equals_nocase(head->fields[i].name, name))
		{
			*value = head->fields[i].value;
			return true;
		}
	}
	return false;
}

/* Refuse request lines that llhttp accepts: several spaces, and names of other protocols. */
static bool
request_line_valid(const Head *head)
{
	static const char version[] = " HTTP/1.";
	const char		 *end = head->line.bytes + head->line.length;
	const char		 *target_end = head->target.bytes + head->target.length;

	return head->method_text.bytes == head->line.bytes &&
		   head->target.bytes == head->line.bytes + head->method_text.length + 1 &&
		   end == target_end + strlen(version) + 1 &&
		   memcmp(target_end, version, strlen(version)) == 0;
}

static bool
is_digit(char byte)
{
	return byte >= '0' && byte <= '9';
}

/*
 * Refuse status lines that llhttp accepts: empty lines before it, a status of fewer digits, and
 * any byte in the reason.
 */
static bool
status_line_valid(const Head *head)
{
	static const char version[] = "HTTP/1.";
	const char		 *line = head->line.bytes;
	size_t			  length = head->line.length;

	if (length < strlen("HTTP/1.1 200") || memcmp(line, version, strlen(version)) != 0 ||
		line[8] != ' ' || line[9] == '0' || !is_digit(line[9]) || !is_digit(line[10]) ||
		!is_digit(line[11]) || (length > 12 && line[12] != ' '))
		return false;
	for (size_t i = 12; i < length; i++)
	{
		unsigned char byte = (unsigned char) line[i];

		if ((byte < ' ' && byte != '\t') || byte == 0x7f)
			return false;
	}
	return true;
}

/* Is the port empty, or a colon and a number? The number may be missing. */
static bool
port_valid(Span port)
{
	unsigned number = 0;

	if (port.length == 0)
		return true;
	if (port.bytes[0] != ':' || port.length > strlen(":65535"))
		return false;
	for (size_t i = 1; i < port.length; i++)
	{
		if (!is_digit(port.bytes[i]))
			return false;
		number = 10 * number + (unsigned) (port.bytes[i] - '0');
	}
	return number <= 65535;
}

static bool
bracketed_valid(Span host)
{
	char			text[INET6_ADDRSTRLEN];
	struct in6_addr address;
	const char	   *end = memchr(host.bytes, ']', host.length);
	size_t			length = end != NULL ? (size_t) (end - host.bytes) - 1 : sizeof(text);

	if (length >= sizeof(text))
		return false;
	memcpy(text, host.bytes + 1, length);
	text[length] = '\0';
	return inet_pton(AF_INET6, text, &address) == 1 &&
		   port_valid((Span){end + 1, host.length - length - 2});
}

/*
 * Is host a name, an IPv4 address or an IPv6 address in brackets, with or without a port (RFC
 * 3986)?
 */
static bool
host_valid(Span host)
{
	static const char good[] = "-._~!$&'()*+;=%";
	size_t			  i = 0;

	if (host.length > 0 && host.bytes[0] == '[')
		return bracketed_valid(host);
	while (i < host.length && host.bytes[i] != ':')
	{
		char byte = host.bytes[i++];

		if (!is_digit(byte) && !((byte | 0x20) >= 'a' && (byte | 0x20) <= 'z') &&
			(byte == '\0' || strchr(good, byte) == NULL))
			return false;
	}
	return port_valid((Span){host.bytes + i, host.length - i});
}

/*
 * llhttp accepts any number that fits in 64 bits. A server that reads a signed number would read
 * the upper half as negative, so that half is refused.
 */
static bool
length_valid(const Head *head, Span value)
{
	for (size_t i = 0; i < value.length; i++)
	{
		if (!is_digit(value.bytes[i]))
			return false;
	}
	return value.length > 0 && head->content_length <= INT64_MAX;
}

static const char *
framing_problem(const Head *head, unsigned lengths, unsigned encodings)
{
	if (lengths > 1)
		return "more than one Content-Length";
	if (encodings > 1)
		return "more than one Transfer-Encoding";
	if (lengths > 0 && encodings > 0)
		return "both Content-Length and Transfer-Encoding";
	if (encodings > 0 && !head->chunked)
		return "a Transfer-Encoding other than chunked";
	if (encodings > 0 && head->minor == 0)
		return "Transfer-Encoding in HTTP/1.0";
	return NULL;
}

static const char *
request_problem(const Head *head, unsigned hosts)
{
	if (!request_line_valid(head))
		return "a request line that is none";
	if (hosts > 1)
		return "more than one Host";
	if (hosts == 0 && head->minor >= 1)
		return "HTTP/1.1 without Host";
	if (head->target.length == 0 || head->target.bytes[0] != '/')
		return "the target is not a path";
	if (memchr(head->target.bytes, '#', head->target.length) != NULL)
		return "the target has a fragment";
	return NULL;
}

HeadResult
head_check(Head *head, const char **problem)
{
	unsigned hosts = 0;
	unsigned lengths = 0;
	unsigned encodings = 0;

	*problem = NULL;
	head->upgrades = 0;
	for (size_t i = 0; i < head->field_count; i++)
	{
		Field *field = &head->fields[i];

		if (field->name.length == 0)
			*problem = "a header field without a name";
		else if (field->kind == FIELD_HOST)
		{
			hosts++;
			if (!host_valid(field->value))
				*problem = "a Host that is none";
		}
		else if (field->kind == FIELD_CONTENT_LENGTH)
		{
			lengths++;
			if (!length_valid(head, field->value))
				*problem = "a Content-Length that is none";
		}
		else if (field->kind == FIELD_UPGRADE)
			head->upgrades++;
		else if (field->kind == FIELD_TRANSFER_ENCODING)
		{
			encodings++;
			head->chunked = span_equals_nocase(field->value, "chunked");
		}
	}
	head->has_length = lengths > 0;
	if (*problem == NULL)
		*problem = framing_problem(head, lengths, encodings);
	if (*problem == NULL && head->is_request && head->method == HTTP_CONNECT)
	{
		*problem = "CONNECT is not served";
		return HEAD_UNSUPPORTED;
	}
	if (*problem == NULL && head->is_request)
		*problem = request_problem(head, hosts);
	if (*problem == NULL && !head->is_request && !status_line_valid(head))
		*problem = "a status line that is none";
	return *problem == NULL ? HEAD_COMPLETE : HEAD_BAD;
}
