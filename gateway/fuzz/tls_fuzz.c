/*
 * tls_fuzz.c: a connection by TLS in all its states, with a client that does anything
 *
 * Each byte of the input is a step of the client, of the wire between, or of ours: bytes
 * in any pieces, garbage, ends and closes in any order.  Whoever is told to wait must have
 * something to wait for; what comes through is what was sent; and nothing is left at last.
 */
#include "fuzz.h"

#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/channel.h"
#include "net/ticket.h"
#include "net/tls.h"

#define PIECE_BYTES 20000
#define STEPS_MOST 512

extern int LLVMFuzzerInitialize(int *argc, char ***argv);

static SSL_CTX	   *client_context;
static SSL_SESSION *session; /* of an earlier connection: to be resumed */

/* Both ends.  Every stream is the same pattern, so that its place says what it must be. */
typedef struct Link
{
	Channel channel; /* ours; ssl NULL once it is closed */
	bool	open;
	SSL	   *ssl;	/* the client's, between two memory BIOs */
	int		socket; /* its end; -1: closed */
	BIO	   *in;
	BIO	   *out;
	size_t	written; /* by the client, and so on */
	size_t	received;
	size_t	sent;
	size_t	pending; /* what the last call was given, when it has to wait */
	size_t	read;
} Link;

static unsigned char
pattern(size_t at)
{
	return (unsigned char) (at * 7 + at / 251);
}

static void
fill(unsigned char *bytes, size_t length, size_t at)
{
	for (size_t i = 0; i < length; i++)
		bytes[i] = pattern(at + i);
}

static void
compare(const unsigned char *bytes, size_t length, size_t at)
{
	for (size_t i = 0; i < length; i++)
		PROMISE(bytes[i] == pattern(at + i));
}

static bool
ready(const Link *link, short what)
{
	struct pollfd poll_fd = {.fd = link->channel.fd, .events = what};

	return poll(&poll_fd, 1, 0) > 0;
}

/* A loop would call again at once if the socket were ready for that. */
static void
must_wait(const Link *link, ChannelResult result)
{
	if (result == CHANNEL_TO_READ)
		PROMISE(!ready(link, POLLIN));
	else if (result == CHANNEL_TO_WRITE)
		PROMISE(!ready(link, POLLOUT));
}

static int
unread(const Link *link)
{
	int bytes = 0;

	if (link->open)
		PROMISE(ioctl(link->channel.fd, FIONREAD, &bytes) == 0);
	return bytes;
}

static void
we_receive(Link *link)
{
	static unsigned char bytes[CHANNEL_RECORD_BYTES];
	size_t				 got = 1;
	int					 before = unread(link);
	bool				 held = link->open && SSL_has_pending(link->channel.ssl);
	ChannelResult		 result;

	if (!link->open)
		return;
	result = channel_recv(&link->channel, bytes, sizeof(bytes), &got);
	PROMISE((got > 0) == (result == CHANNEL_DONE));
	PROMISE(link->channel.read_to_send == (result == CHANNEL_TO_WRITE));
	compare(bytes, got, link->received);
	link->received += got;
	PROMISE(link->received <= link->written);
	/* A record without data was taken, or the rest of one, and there may be more. */
	if (result != CHANNEL_TO_READ ||
		(unread(link) == before && held == SSL_has_pending(link->channel.ssl)))
		must_wait(link, result);
}

static void
we_send(Link *link, size_t length)
{
	static unsigned char bytes[PIECE_BYTES];
	size_t				 sent = 1;
	ChannelResult		 result;

	if (!link->open || !channel_ready(&link->channel))
		return;
	/* What did not go is sent again, from another place and with more behind it. */
	fill(bytes, PIECE_BYTES, link->sent);
	length = length > link->pending ? length : link->pending;
	result = channel_send(&link->channel, bytes, length < 1 ? 1 : length, &sent);
	link->pending = result == CHANNEL_TO_WRITE ? length : 0;
	PROMISE((sent > 0) == (result == CHANNEL_DONE));
	PROMISE(result != CHANNEL_TO_READ && result != CHANNEL_END);
	link->sent += sent;
	must_wait(link, result);
}

/* What a loop does: reads while that can be done, and finds an end of it. */
static void
we_drain(Link *link)
{
	for (unsigned i = 0; link->open && ready(link, POLLIN); i++)
	{
		size_t before = link->received;
		int	   bytes = unread(link);

		PROMISE(i < 1000);
		we_receive(link);
		if (link->received == before && unread(link) == bytes)
			return; /* an end, or broken: client_close */
	}
}

static void
we_close(Link *link, bool reset)
{
	int fd = link->channel.fd;

	if (!link->open)
		return;
	channel_close(&link->channel, reset);
	link->open = false;
	PROMISE(link->channel.ssl == NULL && fcntl(fd, F_GETFD) == -1);
}

static void
client_writes(Link *link, size_t length)
{
	static unsigned char bytes[PIECE_BYTES];
	size_t				 written = 0;

	fill(bytes, length, link->written);
	if (length > 0 && SSL_write_ex(link->ssl, bytes, length, &written) == 1)
		link->written += written;
	ERR_clear_error();
}

static void
client_reads(Link *link)
{
	static unsigned char bytes[PIECE_BYTES];
	size_t				 got = 0;

	if (SSL_read_ex(link->ssl, bytes, sizeof(bytes), &got) != 1)
		got = 0;
	ERR_clear_error();
	compare(bytes, got, link->read);
	link->read += got;
	PROMISE(link->read <= link->sent + PIECE_BYTES);
}

/* Carries so many bytes from the client to us, or from us to the client. */
static void
carry_in(Link *link, size_t most)
{
	char   *bytes;
	long	length = BIO_get_mem_data(link->out, &bytes);
	ssize_t sent;
	char	gone[PIECE_BYTES];

	if (link->socket < 0 || length <= 0)
		return;
	most = most < (size_t) length ? most : (size_t) length;
	sent = send(link->socket, bytes, most < sizeof(gone) ? most : sizeof(gone),
				MSG_NOSIGNAL | MSG_DONTWAIT);
	if (sent > 0)
		PROMISE(BIO_read(link->out, gone, (int) sent) == sent);
}

static void
carry_out(Link *link, size_t most)
{
	char	bytes[PIECE_BYTES];
	ssize_t got =
		link->socket >= 0
			? recv(link->socket, bytes, most < sizeof(bytes) ? most : sizeof(bytes), MSG_DONTWAIT)
			: 0;

	if (got > 0)
		PROMISE(BIO_write(link->in, bytes, (int) got) == got);
}

/* All that there is, to and fro, as far as it goes. */
static void
exchange_all(Link *link)
{
	for (unsigned i = 0; i < 8; i++)
	{
		carry_in(link, PIECE_BYTES);
		we_receive(link);
		carry_out(link, PIECE_BYTES);
		client_reads(link);
	}
}

static void
client_garbles(Link *link, size_t seed)
{
	char garbage[64];

	for (size_t i = 0; i < sizeof(garbage); i++)
		garbage[i] = (char) (seed * 31 + i * i);
	garbage[0] = (char) (0x14 + seed % 5); /* a kind of record, mostly */
	garbage[1] = 3;
	garbage[2] = (char) (seed % 5);
	garbage[3] = 0;
	if (link->socket >= 0 &&
		send(link->socket, garbage, 1 + seed % sizeof(garbage), MSG_NOSIGNAL | MSG_DONTWAIT) > 0)
		link->written = SIZE_MAX / 2; /* nothing is promised of what comes then */
}

static void
client_closes(Link *link)
{
	if (link->socket >= 0)
		close(link->socket);
	link->socket = -1;
}

static void
step(Link *link, unsigned what, size_t much)
{
	switch (what)
	{
		case 0:
			exchange_all(link);
			break;
		case 1:
			client_writes(link, much * 70);
			break;
		case 2:
			client_reads(link);
			break;
		case 3:
			SSL_shutdown(link->ssl);
			ERR_clear_error();
			break;
		case 4:
			SSL_key_update(link->ssl, SSL_KEY_UPDATE_REQUESTED);
			ERR_clear_error();
			break;
		case 5:
			SSL_renegotiate(link->ssl);
			SSL_do_handshake(link->ssl);
			ERR_clear_error();
			break;
		case 6:
			client_garbles(link, much);
			break;
		case 7:
			if (link->socket >= 0)
				shutdown(link->socket, much % 2 == 0 ? SHUT_WR : SHUT_RD);
			break;
		case 8:
			client_closes(link);
			break;
		case 9:
			carry_in(link, much * much);
			break;
		case 10:
			carry_out(link, much * much);
			break;
		case 11:
			we_receive(link);
			break;
		case 12:
			we_send(link, much * 70);
			break;
		case 13:
			we_drain(link);
			break;
		case 14:
			if (link->open)
				channel_shut(&link->channel);
			break;
		default:
			if (link->open && much == 0)
				we_close(link, true);
			else if (link->open && channel_ready(&link->channel))
				channel_quiet(&link->channel);
			break;
	}
}

static void
begin(Link *link, unsigned how)
{
	int sockets[2];
	int small = 1; /* the kernel makes it its least */

	PROMISE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, sockets) == 0);
	setsockopt(sockets[0], SOL_SOCKET, SO_SNDBUF, &small, sizeof(small));
	memset(link, 0, sizeof(*link));
	link->channel.fd = sockets[0];
	link->channel.ssl = tls_for_client(sockets[0]);
	link->open = true;
	link->socket = sockets[1];
	link->in = BIO_new(BIO_s_mem());
	link->out = BIO_new(BIO_s_mem());
	BIO_set_mem_eof_return(link->in, -1);
	link->ssl = SSL_new(client_context);
	SSL_set_bio(link->ssl, link->in, link->out);
	SSL_set_connect_state(link->ssl);
	if (how & 1)
		SSL_set_max_proto_version(link->ssl, TLS1_2_VERSION);
	if ((how & 2) && session != NULL)
		SSL_set_session(link->ssl, session);
	SSL_do_handshake(link->ssl);
	ERR_clear_error();
	if (how & 4)
		exchange_all(link);
}

/* Once closed, so that the rest of the client is not left waiting either. */
static void
finish(Link *link)
{
	if (SSL_is_init_finished(link->ssl) && session == NULL)
		session = SSL_get1_session(link->ssl);
	we_close(link, false);
	client_closes(link);
	SSL_free(link->ssl);
	ERR_clear_error();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	Link link;

	if (size == 0)
		return 0;
	begin(&link, data[0]);
	for (size_t i = 1; i + 1 < size && i < STEPS_MOST; i += 2)
		step(&link, data[i] % 16, data[i + 1]);
	finish(&link);
	return 0;
}

/* A certificate of its own, in a file without a name, and its key behind it. */
static int
make_certificate(void)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509	 *certificate = X509_new();
	int		  fd = memfd_create("certificate", 0);
	FILE	 *file = fdopen(dup(fd), "w");

	X509_set_version(certificate, X509_VERSION_3);
	ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
	X509_gmtime_adj(X509_getm_notBefore(certificate), -60);
	X509_gmtime_adj(X509_getm_notAfter(certificate), 86400);
	X509_set_pubkey(certificate, key);
	PROMISE(X509_sign(certificate, key, EVP_sha256()) > 0);
	PROMISE(PEM_write_X509(file, certificate) == 1);
	PROMISE(PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL) == 1);
	fclose(file);
	X509_free(certificate);
	EVP_PKEY_free(key);
	return fd;
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static Settings	   settings;
	static AddressList listen = {.count = 1, .addresses = {{.tls = true}}};
	static char		   path[64];
	static char		   none[] = "";
	static char		   ciphers[] = "TLS_AES_128_GCM_SHA256:ECDHE+AESGCM";
	char			   problem[256];

	(void) argc;
	(void) argv;
	signal(SIGPIPE, SIG_IGN); /* as main does */
	snprintf(path, sizeof(path), "/proc/self/fd/%d", make_certificate());
	settings.tls_certificate = path;
	settings.tls_key = none;
	settings.tls_ciphers = ciphers;
	settings.tls_ticket_s = 3600;
	PROMISE(tls_prepare(&settings, &listen, problem, sizeof(problem)));
	tls_use_prepared();
	client_context = SSL_CTX_new(TLS_client_method());
	SSL_CTX_set_mode(client_context,
					 SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	return 0;
}
