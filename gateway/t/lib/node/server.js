// A server for the gateway's tests: says what it got, in the framing it is asked for.
'use strict';
const http = require('http');
const crypto = require('crypto');

const server = http.createServer((request, response) => {
	const hash = crypto.createHash('md5');
	let size = 0;

	request.on('data', piece => { size += piece.length; hash.update(piece); });
	request.on('error', () => {});
	request.on('end', () => {
		const url = new URL(request.url, 'http://h');
		const length = Number(url.searchParams.get('length') || 0);
		const pieces = Number(url.searchParams.get('pieces') || 0);
		const body = Buffer.alloc(length, url.searchParams.get('letter') || 'x');

		response.setHeader('X-Got', `${size} ${hash.digest('hex')}`);
		response.setHeader('X-Got-Trailers', JSON.stringify(request.trailers));
		response.setHeader('X-Te', request.headers.te || '');
		if (pieces === 0 || request.method === 'HEAD') {
			response.setHeader('Content-Length', length);
			response.end(body);
			return;
		}
		response.setHeader('Trailer', 'X-Sum');
		for (let i = 0; i < pieces; i++)
			response.write(body);
		response.addTrailers({ 'X-Sum': String(length * pieces) });
		response.end();
	});
});

// Upgraded connections send back what they get.
server.on('upgrade', (request, socket, head) => {
	socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n');
	socket.write(head);
	socket.on('error', () => {});
	socket.pipe(socket);
});

server.listen(0, '127.0.0.1', () => console.log(`listening on ${server.address().port}`));
