// A client for the gateway's tests: node client.js PORT.  Many requests of all
// framings at once on kept-alive connections; prints what was wrong, then "done".
'use strict';
const http = require('http');
const crypto = require('crypto');

const port = Number(process.argv[2]);
const agent = new http.Agent({ keepAlive: true, maxSockets: 16 });
const sizes = [0, 1, 100, 16384, 16385, 65536, 300000];
let sockets = 0;

function fail(number, what) {
	console.log(`request ${number}: ${what}`);
}

// One request, the framings of which follow from its number.
function request(number) {
	return new Promise(resolve => {
		const size = sizes[number % sizes.length];
		const back = sizes[(number * 3) % sizes.length];
		const pieces = number % 4 === 3 ? 1 + number % 3 : 0;
		const letter = String.fromCharCode(97 + number % 26);
		const body = Buffer.alloc(size, letter);
		const chunked = number % 2 === 1;
		const method = number % 11 === 5 ? 'HEAD' : 'POST';
		const options = { port, host: '127.0.0.1', agent, method, path: `/?length=${back}&pieces=${pieces}&letter=${letter}`, headers: { TE: 'trailers' } };
		if (method === 'POST' && chunked)
			options.headers.Trailer = 'X-End';
		else if (method === 'POST')
			options.headers['Content-Length'] = size;
		const outgoing = http.request(options, answer => {
			let got = 0;
			answer.on('data', piece => {
				got += piece.length;
				if (piece.length > 0 && (piece[0] !== letter.charCodeAt(0) || piece[piece.length - 1] !== letter.charCodeAt(0)))
					fail(number, 'got the answer of another');
			});
			answer.on('end', () => {
				const all = pieces === 0 ? back : back * pieces;
				const sent = method === 'HEAD' ? Buffer.alloc(0) : body;
				const hash = crypto.createHash('md5').update(sent).digest('hex');
				if (answer.statusCode !== 200)
					fail(number, `status ${answer.statusCode}`);
				if (got !== (method === 'HEAD' ? 0 : all))
					fail(number, `got ${got} bytes, not ${all}`);
				if (answer.headers['x-got'] !== `${sent.length} ${hash}`)
					fail(number, `the server got ${answer.headers['x-got']}`);
				if (answer.headers['x-te'] !== 'trailers')
					fail(number, 'TE did not arrive');
				if (pieces > 0 && method === 'POST' && answer.trailers['x-sum'] !== String(all))
					fail(number, 'no trailer came');
				if (method === 'POST' && chunked && answer.headers['x-got-trailers'] !== '{"x-end":"yes"}')
					fail(number, `the server got trailers ${answer.headers['x-got-trailers']}`);
				resolve();
			});
		});
		outgoing.on('socket', socket => {
			if (!socket.seen)
				sockets++;
			socket.seen = true;
		});
		outgoing.on('error', error => { fail(number, error.message); resolve(); });
		if (method === 'POST' && chunked) {
			outgoing.addTrailers({ 'X-End': 'yes' });
			for (let at = 0; at < size; at += 10000)
				outgoing.write(body.subarray(at, at + 10000));
			outgoing.end();
		} else
			outgoing.end(method === 'POST' ? body : undefined);
	});
}

function tunnel() {
	return new Promise(resolve => {
		const outgoing = http.request({ port, host: '127.0.0.1', headers: { Connection: 'Upgrade', Upgrade: 'echo' } });
		const all = crypto.randomBytes(3000000);
		outgoing.on('error', error => { fail('upgrade', error.message); resolve(); });
		outgoing.on('response', answer => { fail('upgrade', `status ${answer.statusCode}`); resolve(); });
		outgoing.on('upgrade', (answer, socket, head) => {
			const pieces = [head];
			socket.on('data', piece => pieces.push(piece));
			socket.on('end', () => {
				if (!Buffer.concat(pieces).equals(all))
					fail('upgrade', 'the bytes came back changed');
				resolve();
			});
			socket.end(all);
		});
		outgoing.end();
	});
}

async function main() {
	let next = 0;
	const worker = async () => { while (next < 400) await request(next++); };

	await Promise.all([...Array(16).keys()].map(worker));
	await tunnel();
	console.log(`sockets ${sockets}`);
	console.log('done');
	agent.destroy();
}

main();
