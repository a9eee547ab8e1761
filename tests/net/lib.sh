# For the namespace tests: `. tests/net/lib.sh`. They run inside tests/net/alone, so nothing needs
# to be taken down: links, namespaces, processes and files under $TMPDIR end with the test.
set -euo pipefail

DPORT=${DPORT:-$PWD/build/dport}

# This cannot be tried here; the runner counts it and says why.
skip() {
	echo "$*"
	exit 77
}

fail() {
	echo "FAIL: $*" >&2
	exit 1
}

# needs PROGRAM...: skips where one is not installed.
needs() {
	local program
	for program; do
		command -v "$program" >/dev/null || skip "$program is not installed"
	done
}

# ns NAME: a named network namespace whose loopback is up.
ns() {
	ip netns add "$1"
	ip -n "$1" link set lo up
}

# wire NS1 DEV1 ADDR1 NS2 DEV2 ADDR2: a veth pair between two namespaces; ADDR with its length.
wire() {
	ip -n "$1" link add "$2" type veth peer name "$5" netns "$4"
	ip -n "$1" address add "$3" dev "$2" nodad
	ip -n "$4" address add "$6" dev "$5" nodad
	ip -n "$1" link set "$2" up
	ip -n "$4" link set "$5" up
}

# wait_for SECONDS COMMAND...: until it succeeds; fails the test if it does not in time.
wait_for() {
	local end=$((SECONDS + $1))
	shift
	until "$@" >/dev/null 2>&1; do
		[ $SECONDS -lt $end ] || fail "did not happen in time: $*"
		sleep 0.05
	done
}

# exits CODE COMMAND...: fails the test if it ends otherwise; its output stays on standard output.
exits() {
	local want=$1 got=0
	shift
	"$@" || got=$?
	[ "$got" = "$want" ] || fail "exit code $got, not $want: $*"
}
