# stage.sh: what the scenario plays on: a private PostgreSQL, the shop in two
# versions, the gateway (sourced by demo/run)
#
# All of it lives in $dir and ends with stage_end.
#
# shellcheck shell=bash disable=SC2034,SC2154 # variables shared with demo/run and story.sh

dir=$(mktemp -d /tmp/pg_gray.XXXXXX)
declare -A address=() # of each daemon
pids=()

stage_end() {
	local status=$? log
	trap '' INT TERM HUP # make passes a signal on that we had already
	exec 9>&-
	# What a daemon said last may tell why the story failed.
	if ((status > 0 && status < 128)); then
		for log in v1 v2 gateway server; do
			[[ -s $dir/$log.log ]] || continue
			printf '\n-- end of %s.log\n' "$log" >&2
			tail -n 20 "$dir/$log.log" >&2
		done
	fi
	((${#pids[@]} == 0)) || kill "${pids[@]}" 2>/dev/null || true
	dev/server stop "$dir" || true
	rm -rf "$dir"
}

# Everything keeps running; prints the command that ends it.
stage_keep() {
	[[ -z ${PG_GRAY_COPY:-} ]] || touch "$PG_GRAY_COPY/keep"
	# pg_ctl refuses root; a signal works for root and for the server's owner.
	cat >"$dir/stop" <<-END
		#!/bin/sh
		kill ${pids[*]}
		kill -INT \$(head -n 1 "$dir/data/postmaster.pid")
		while [ -e "$dir/data/postmaster.pid" ]; do sleep 0.1; done
		rm -rf "$dir" ${PG_GRAY_COPY:-}
	END
	chmod +x "$dir/stop"
	printf '%s\n' "$dir/stop"
}

stage_server() {
	# No setting of the caller's reaches our clients.
	unset PGSERVICE PGPASSFILE PGOPTIONS PGSSLMODE PGHOSTADDR http_proxy
	dev/server start "$dir"
	export PGHOST=$dir PGPORT=5432 PGUSER=postgres PGDATABASE=shop
	createdb shop
}

# sql QUERY: as the operator; prints values only, columns separated by |
sql() {
	psql -X -v ON_ERROR_STOP=1 -qAt -c "$1"
}

# daemon NAME COMMAND…: starts it in a session of its own, out of reach of Ctrl-C
daemon() {
	local name=$1
	shift
	setsid "$@" </dev/null >"$dir/$name.log" 2>&1 9>&- &
	pids+=($!)
}

# stage_shop v1|v2 [OPTION…]
stage_shop() {
	local version=$1
	shift
	daemon "$version" demo/build/shop --version "$version" --listen 127.0.0.1:0 \
		--database "host=$dir port=5432 dbname=shop user=shop" "$@"
	until_true "shop $version to listen" grep -q '^listening on ' "$dir/$version.log"
	address[$version]=$(sed -n 's/^listening on //p' "$dir/$version.log")
}

free_port() {
	perl -MIO::Socket::INET -e \
		'print IO::Socket::INET->new(Listen => 1, LocalAddr => "127.0.0.1")->sockport'
}

stage_gateway() {
	address[gateway]=127.0.0.1:$(free_port)
	address[admin]=127.0.0.1:$(free_port)
	cat >"$dir/gateway.ini" <<-END
		[gateway]
		listen = ${address[gateway]}
		admin = ${address[admin]}
		release = v2
		database = host=$dir port=5432 dbname=shop user=gray_gateway
		uid = header:X-User-Id
		production = ${address[v1]}
		gray = ${address[v2]}
		log_level = debug
	END
	daemon gateway gateway/build/gray-gateway -c "$dir/gateway.ini"
	until_true "the gateway to answer" curl -sf "http://${address[gateway]}/products"
}

# operate QUERY: what an operator does to the release; returns when the gateway has
# read it: when it says so of a transaction of ours that came behind.
operate() {
	local transaction
	sql "$1" >/dev/null
	transaction=$(sql "SELECT pg_current_xact_id() FROM pg_notify('pg_gray', 'v2 users')")
	until_true "the gateway to hear of: $1" has_read "$transaction"
}

# has_read TRANSACTION: does a snapshot that the gateway logged show it?
has_read() {
	awk -v wanted="$1" '/ read as of / {
		split($NF, seen, ":")
		if (seen[2] + 0 > wanted + 0 && index("," seen[3] ",", "," wanted ",") == 0)
			found = 1
	} END { exit !found }' "$dir/gateway.log"
}

# ask SERVER UID METHOD PATH [JSON]: sets status, version, schema and body.
# SERVER: gateway, v1 or v2; an empty UID: a request without user.
ask() {
	local url="http://${address[$1]}$4" options=(-sS --max-time 20 -X "$3") answer
	[[ -z $2 ]] || options+=(-H "X-User-Id: $2")
	[[ -z ${5:-} ]] || options+=(-H 'Content-Type: application/json' -d "$5")
	answer=$(curl "${options[@]}" -w '\n%{http_code}' "$url" 2>&1) || true
	status=${answer##*$'\n'}
	body=${answer%$'\n'*}
	version=$(sed -n 's/^{"version": "\([^"]*\)".*/\1/p' <<<"$body")
	schema=$(sed -n 's/^{"version": "[^"]*", "schema": "\([^"]*\)".*/\1/p' <<<"$body")
}

# The id of the order in the last answer
order_id() {
	sed -n 's/.*"data": {"id" : \([0-9]*\),.*/\1/p' <<<"$body"
}
