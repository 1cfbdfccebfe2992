/*
 * channel_test.c: nobody keeps a connection by TLS busy with records that have no data
 */
#include "gateway_test.h"

#include <fcntl.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/channel.h"
#include "net/tls.h"

#define UPDATES 100

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
	ck_assert_int_gt(X509_sign(certificate, key, EVP_sha256()), 0);
	ck_assert_int_eq(PEM_write_X509(file, certificate), 1);
	ck_assert_int_eq(PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL), 1);
	fclose(file);
	X509_free(certificate);
	EVP_PKEY_free(key);
	return fd;
}

static void
use_certificate(void)
{
	static const AddressList listen = {.count = 1, .addresses = {{.tls = true}}};
	char					 path[64];
	char					 none[] = "";
	char					 ciphers[] = "TLS_AES_128_GCM_SHA256:ECDHE+AESGCM";
	char					 problem[256];
	Settings settings = {.tls_key = none, .tls_ciphers = ciphers, .tls_ticket_s = 3600};
	int		 fd = make_certificate();

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	settings.tls_certificate = path;
	ck_assert_msg(tls_prepare(&settings, &listen, problem, sizeof(problem)), "%s", problem);
	tls_use_prepared();
	close(fd);
}

/* Both ends of a connection whose handshake is over, with nothing on the way to us. */
static SSL *
connected(Channel *channel, SSL_CTX *context)
{
	int	   sockets[2];
	SSL	  *client = SSL_new(context);
	char   byte;
	size_t got;

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, sockets), 0);
	*channel = (Channel){.fd = sockets[0], .ssl = tls_for_client(sockets[0])};
	SSL_set_fd(client, sockets[1]);
	while (SSL_connect(client) != 1)
		ck_assert_int_eq(channel_recv(channel, &byte, 1, &got), CHANNEL_TO_READ);
	ck_assert_int_eq(channel_recv(channel, &byte, 1, &got), CHANNEL_TO_READ);
	return client;
}

START_TEST(test_records_without_data)
{
	SSL_CTX *context = SSL_CTX_new(TLS_client_method());
	Channel	 channel;
	SSL		*client;
	char	 byte = 'x';
	size_t	 got;

	use_certificate();
	client = connected(&channel, context);
	for (int i = 0; i < UPDATES; i++)
	{
		ck_assert_int_eq(SSL_key_update(client, SSL_KEY_UPDATE_NOT_REQUESTED), 1);
		ck_assert_int_eq(SSL_do_handshake(client), 1);
	}
	ck_assert_int_eq(SSL_write(client, &byte, 1), 1);
	ck_assert(!channel_quiet(&channel));
	for (int i = 8; i < UPDATES; i++)
		ck_assert_int_eq(channel_recv(&channel, &byte, 1, &got), CHANNEL_TO_READ);
	ck_assert_int_eq(channel_recv(&channel, &byte, 1, &got), CHANNEL_DONE);
	ck_assert_uint_eq(got, 1);
	ck_assert(channel_quiet(&channel));
	channel_close(&channel, false);
	close(SSL_get_fd(client));
	SSL_free(client);
	SSL_CTX_free(context);
	tls_close();
}
END_TEST

TCase *
channel_cases(void)
{
	TCase *cases = tcase_create("channel");

	tcase_add_test(cases, test_records_without_data);
	return cases;
}
