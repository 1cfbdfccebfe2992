-- users.lua: requests of 10,000 users, for wrk; arguments: path, bytes to upload.
-- At the end one line: requests, bytes, microseconds, microseconds that 99 % took,
-- requests that failed.
local path, upload = '/small', 0
local requests, next_request = {}, 0

function init(args)
	path = args[1] or path
	upload = tonumber(args[2] or 0)
	local body = string.rep('u', upload)
	local method = upload > 0 and 'POST' or 'GET'

	math.randomseed(7)
	-- Uploads are large: few prepared requests are enough.
	for i = 1, upload > 0 and 100 or 10000 do
		local uid = upload > 0 and math.random(10000) or i
		requests[i] = wrk.format(method, path, { ['X-User-Id'] = tostring(uid) }, upload > 0 and body or nil)
	end
	-- In an order that is not that of the numbers, the same in each run.
	for i = #requests, 2, -1 do
		local j = math.random(i)
		requests[i], requests[j] = requests[j], requests[i]
	end
end

function request()
	next_request = next_request % #requests + 1
	return requests[next_request]
end

function done(summary, latency)
	local wrong = summary.errors
	io.write(string.format('result %d %d %d %d %d\n', summary.requests, summary.bytes, summary.duration,
		latency:percentile(99), wrong.connect + wrong.read + wrong.write + wrong.status + wrong.timeout))
end
