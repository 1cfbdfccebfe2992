/*
 * shop.c: a small shop, to be put behind the gateway
 *
 *   shop --version v1|v2 --listen 127.0.0.1:0 --database <conninfo> [--strict]
 *
 * One program plays both versions: v1 sees the production tables, v2 has the gray
 * schema ahead in its search_path.  Who the user is says the header X-User-Id.
 * When the database says that the user's data is on the other side (GR001), the
 * shop answers 421.  A few processes share the listening socket, each with a
 * database connection of its own, so that one slow request stops no other.
 */
#include <arpa/inet.h>
#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>
#include <event2/util.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "routes.h"
#include "store.h"

#define WORKERS 4
#define MAX_BODY_BYTES (1024 * 1024)

typedef struct Shop
{
	Version		version;
	bool		strict;
	const char *listen;
	const char *database;
	const char *search_path;
	Store	   *store;
} Shop;

static const char *const version_names[] = {"v1", "v2"};
static const char *const search_paths[] = {"public", "v2, public"};

static void			   read_options(Shop *shop, int argc, char **argv);
static evutil_socket_t listen_on(const char *address);
static void			   serve(Shop *shop, evutil_socket_t listener);
static void			   answer_request(struct evhttp_request *request, void *arg);
static char			  *read_body(struct evhttp_request *request);
static void			   send_answer(Shop *shop, struct evhttp_request *request, StoreResult result,
								   const StoreAnswer *answer);
static void			   add_json_string(struct evbuffer *out, const char *text);

int
main(int argc, char **argv)
{
	Shop			shop = {.version = VERSION_COUNT};
	evutil_socket_t listener;
	pid_t			workers[WORKERS];
	sigset_t		ends;
	int				signal_number;

	read_options(&shop, argc, argv);
	sigemptyset(&ends);
	sigaddset(&ends, SIGTERM);
	sigaddset(&ends, SIGINT);
	sigaddset(&ends, SIGCHLD);
	sigprocmask(SIG_BLOCK, &ends, NULL);
	listener = listen_on(shop.listen);
	for (int i = 0; i < WORKERS; i++)
	{
		workers[i] = fork();
		if (workers[i] == 0)
		{
			sigprocmask(SIG_UNBLOCK, &ends, NULL);
			serve(&shop, listener);
		}
	}

	/* No worker ends by itself; when one does, or we shall, all end. */
	sigwait(&ends, &signal_number);
	for (int i = 0; i < WORKERS; i++)
		if (workers[i] > 0)
			kill(workers[i], SIGTERM);
	while (wait(NULL) > 0)
		continue;
	return EXIT_SUCCESS;
}

static void
read_options(Shop *shop, int argc, char **argv)
{
	static const struct option options[] = {
		{"version", required_argument, NULL, 'v'},
		{"listen", required_argument, NULL, 'l'},
		{"database", required_argument, NULL, 'd'},
		{"strict", no_argument, NULL, 's'},
		{NULL, 0, NULL, 0},
	};
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1)
	{
		if (option == 'v' && strcmp(optarg, "v1") == 0)
			shop->version = VERSION_1;
		else if (option == 'v' && strcmp(optarg, "v2") == 0)
			shop->version = VERSION_2;
		else if (option == 'l')
			shop->listen = optarg;
		else if (option == 'd')
			shop->database = optarg;
		else if (option == 's')
			shop->strict = true;
	}
	if (shop->version == VERSION_COUNT || shop->listen == NULL || shop->database == NULL)
	{
		fprintf(stderr, "usage: shop --version v1|v2 --listen ADDRESS:PORT"
						" --database CONNINFO [--strict]\n");
		exit(EXIT_FAILURE);
	}
	shop->search_path = search_paths[shop->version];
}

/* Prints the address, since port 0 means any free one. */
static evutil_socket_t
listen_on(const char *address)
{
	struct sockaddr_in bound = {.sin_family = AF_INET};
	socklen_t		   length = sizeof(bound);
	unsigned short	   port;
	char			   ip[INET_ADDRSTRLEN];
	int				   on = 1;
	evutil_socket_t	   listener = socket(AF_INET, SOCK_STREAM, 0);

	if (sscanf(address, "%15[0-9.]:%hu", ip, &port) != 2 ||
		inet_pton(AF_INET, ip, &bound.sin_addr) != 1)
	{
		fprintf(stderr, "shop: not an IPv4 address with port: %s\n", address);
		exit(EXIT_FAILURE);
	}
	bound.sin_port = htons(port);
	if (listener < 0 || setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0 ||
		bind(listener, (struct sockaddr *) &bound, length) != 0 || listen(listener, 128) != 0 ||
		evutil_make_socket_nonblocking(listener) != 0 ||
		getsockname(listener, (struct sockaddr *) &bound, &length) != 0)
	{
		perror("shop: cannot listen");
		exit(EXIT_FAILURE);
	}
	printf("listening on %s:%d\n", ip, ntohs(bound.sin_port));
	fflush(stdout);
	return listener;
}

static void
serve(Shop *shop, evutil_socket_t listener)
{
	struct event_base *base;
	struct evhttp	  *http;

	/* A shop that is killed leaves no workers behind. */
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	shop->store = store_create(shop->database, shop->search_path, shop->strict);
	base = event_base_new();
	http = evhttp_new(base);
	evhttp_set_max_body_size(http, MAX_BODY_BYTES);
	evhttp_set_gencb(http, answer_request, shop);
	if (evhttp_accept_socket(http, listener) != 0)
		exit(EXIT_FAILURE);
	event_base_dispatch(base);
	exit(EXIT_FAILURE);
}

static void
answer_request(struct evhttp_request *request, void *arg)
{
	static const char *const methods[] = {
		[EVHTTP_REQ_GET] = "GET",
		[EVHTTP_REQ_POST] = "POST",
		[EVHTTP_REQ_PUT] = "PUT",
		[EVHTTP_REQ_DELETE] = "DELETE",
	};
	Shop				*shop = arg;
	enum evhttp_cmd_type command = evhttp_request_get_command(request);
	const char			*method = command <= EVHTTP_REQ_DELETE ? methods[command] : NULL;
	const char			*path = evhttp_uri_get_path(evhttp_request_get_evhttp_uri(request));
	const char	*uid = evhttp_find_header(evhttp_request_get_input_headers(request), "X-User-Id");
	const char	*id = NULL;
	const Route *route = method && path ? routes_find(method, path, &id) : NULL;
	char		*body;
	StoreAnswer	 answer = {0};
	StoreResult	 result;

	if (route == NULL)
	{
		send_answer(shop, request, STORE_NOT_FOUND, &answer);
		return;
	}
	if (route->needs_user && uid == NULL)
	{
		evhttp_send_reply(request, 401, "Unauthorized", NULL);
		return;
	}

	body = read_body(request);
	result = store_run(shop->store,
					   &(StoreRequest){
						   .steps = route->steps[shop->version],
						   .uid = uid,
						   .id = id,
						   .body = body,
					   },
					   &answer);
	send_answer(shop, request, result, &answer);
	free(answer.json);
	free(answer.schema);
	free(answer.error);
	free(body);
}

/* An empty body stands for an empty object.  The caller frees it. */
static char *
read_body(struct evhttp_request *request)
{
	struct evbuffer *input = evhttp_request_get_input_buffer(request);
	size_t			 length = evbuffer_get_length(input);
	char			*body = calloc(1, length + sizeof("{}"));

	if (body == NULL)
		abort();
	if (length == 0)
		strcpy(body, "{}");
	else
		evbuffer_remove(input, body, length);
	return body;
}

static void
send_answer(Shop *shop, struct evhttp_request *request, StoreResult result,
			const StoreAnswer *answer)
{
	static const struct
	{
		int			status;
		const char *reason;
	} replies[] = {
		[STORE_OK] = {200, "OK"},
		[STORE_NOT_FOUND] = {404, "Not Found"},
		[STORE_BAD_VALUE] = {400, "Bad Request"},
		[STORE_CONFLICT] = {409, "Conflict"},
		[STORE_WRONG_SIDE] = {421, "Misdirected Request"},
		[STORE_UNAVAILABLE] = {503, "Service Unavailable"},
		[STORE_FAILED] = {500, "Internal Server Error"},
	};
	struct evbuffer *out = evhttp_request_get_output_buffer(request);

	evbuffer_add_printf(out, "{\"version\": \"%s\", \"schema\": ", version_names[shop->version]);
	add_json_string(out, answer->schema ? answer->schema : "");
	if (result == STORE_OK)
		evbuffer_add_printf(out, ", \"data\": %s}\n", answer->json ? answer->json : "null");
	else
	{
		evbuffer_add_printf(out, ", \"error\": ");
		add_json_string(out, answer->error ? answer->error : replies[result].reason);
		evbuffer_add_printf(out, "}\n");
	}
	evhttp_add_header(evhttp_request_get_output_headers(request), "Content-Type",
					  "application/json");
	evhttp_send_reply(request, replies[result].status, replies[result].reason, NULL);
}

static void
add_json_string(struct evbuffer *out, const char *text)
{
	evbuffer_add(out, "\"", 1);
	for (; *text; text++)
	{
		if (*text == '"' || *text == '\\')
			evbuffer_add_printf(out, "\\%c", *text);
		else if ((unsigned char) *text < 0x20)
			evbuffer_add_printf(out, "\\u%04x", *text);
		else
			evbuffer_add(out, text, 1);
	}
	evbuffer_add(out, "\"", 1);
}
