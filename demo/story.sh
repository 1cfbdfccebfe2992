# story.sh: how the scenario is told and checked (sourced by demo/run)
#
# shellcheck shell=bash

checks=0
failures=0

step() {
	printf '\n%s\n' "$*"
}

say() {
	printf '   %s\n' "$*"
}

# check WHAT ACTUAL EXPECTED
check() {
	checks=$((checks + 1))
	if [[ $2 == "$3" ]]; then
		printf '   ok      %s\n' "$1"
	else
		failures=$((failures + 1))
		printf '   FAILED  %s\n           expected: %s\n           found:    %s\n' "$1" "${3:0:400}" "${2:0:400}"
	fi
}

# check_has WHAT ACTUAL PART: the actual text has this part
check_has() {
	if [[ $2 == *"$3"* ]]; then
		check "$1" same same
	else
		check "$1" "$2" "… $3 …"
	fi
}

# Ends the story.  Returns 0 only when every check held.
story_end() {
	printf '\n'
	if [[ $failures == 0 ]]; then
		printf 'All %d checks held.\n' "$checks"
	else
		printf '%d of %d checks FAILED.\n' "$failures" "$checks"
		return 1
	fi
}

# until_true WHAT COMMAND…: waits until the command succeeds; gives up, and ends the
# story, after 20 seconds.
until_true() {
	local what=$1 deadline=$((SECONDS + 20))
	shift
	until "$@" >/dev/null 2>&1; do
		if ((SECONDS > deadline)); then
			printf '   FAILED  waited 20 seconds for: %s\n' "$what"
			exit 1
		fi
		sleep 0.05
	done
}
