/*
 * tunnel.c: what an exchange becomes when the server switches protocols
 */
#include "proxy/tunnel.h"

#include <stdlib.h>

#include "base/log.h"
#include "base/memory.h"
#include "proxy/outbox.h"
#include "proxy/pool.h"

void
tunnel_open(Exchange *exchange)
{
	Tunnel *tunnel = memory_zeroed(sizeof(*tunnel));

	tunnel->exchange = exchange;
	exchange->tunnel = tunnel;
	exchange->traveller.tunnel = true;
	client_proxy(exchange->client)->tunnels++;
	message_switch(&exchange->request);
	message_switch(&exchange->upstream->answer);
	log_debug("client %s: tunnel to server %s", client_peer(exchange->client),
			  exchange->upstream->server->address.text);
	/* What the client sent behind its request was kept until now. */
	client_resume(exchange->client);
}

void
tunnel_client_ended(Tunnel *tunnel)
{
	Exchange *exchange = tunnel->exchange;

	if (tunnel->client_ended)
		return;
	tunnel->client_ended = true;
	exchange->request_done = true;
	if (tunnel->server_ended)
		exchange_answered(exchange, false);
	else
		upstream_shut(exchange->upstream);
}

void
tunnel_server_ended(Tunnel *tunnel, bool in_order)
{
	Exchange *exchange = tunnel->exchange;

	if (!in_order)
	{
		log_info("client %s: the server broke the tunnel", client_peer(exchange->client));
		client_reset(exchange->client);
		return;
	}
	tunnel->server_ended = true;
	if (tunnel->client_ended)
	{
		exchange_answered(exchange, false);
		return;
	}
	upstream_pause(exchange->upstream);
	outbox_flush_answer(exchange);
	client_shut(exchange->client);
}

void
tunnel_close(Tunnel *tunnel, const char *why)
{
	Client *client = tunnel->exchange->client;

	log_info("client %s: tunnel closed: %s", client_peer(client), why);
	client_close(client);
}

void
tunnel_sweep(Tunnel *tunnel, uint64_t now_ms)
{
	const Settings *settings = client_proxy(tunnel->exchange->client)->loop->settings;
	const Upstream *upstream = tunnel->exchange->upstream;
	bool			half = tunnel->client_ended || tunnel->server_ended;
	uint64_t		most_ms = settings->tunnel_timeout_ms;

	/* The other half may never come: a server that is gone says the same as one that only sends no more. */
	if (half && settings->idle_timeout_ms < most_ms)
		most_ms = settings->idle_timeout_ms;
	if (now_ms > upstream->active_ms + most_ms)
		tunnel_close(tunnel, "it was idle");
	else if (tunnel->server_ended && upstream->deaf)
		tunnel_close(tunnel, "the server is gone");
}

void
tunnel_free(Tunnel *tunnel)
{
	if (tunnel == NULL)
		return;
	client_proxy(tunnel->exchange->client)->tunnels--;
	free(tunnel);
}
