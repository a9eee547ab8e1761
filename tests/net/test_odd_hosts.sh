#!/usr/bin/env bash
# Hosts on which something is not as usual: a container's /proc or none, files that are none, names of no
# namespace, a reader who has stopped reading. What cannot be known must be said so, with its reason.
# Runs inside tests/net/alone; makes private mounts only.
. "$(dirname "$0")/lib.sh"

[ "$(id -u)" = 0 ] || skip "needs root for network namespaces"
needs jq python3
export ASAN_OPTIONS=${ASAN_OPTIONS:-}:detect_leaks=0

# Two listeners of a process that goes on.
python3 -c '
import socket, time
a = [socket.create_server(("127.0.0.1", port)) for port in (7001, 7002)]
time.sleep(600)' &
listener=$!
wait_for 10 sh -c "ss -tlnH | grep -q 7002"

# port FILTER [JQ]: of the document about 7001
port() {
	jq -e ".listeners[] | select(.port == 7001) | $1" "$TMPDIR/list.json" >/dev/null ||
		fail "$2: not so: $1: $(cat "$TMPDIR/list.json")"
}

missing() {
	jq -e ".missing[] | select(.source == \"$1\" and (.reason | startswith(\"$2\")))" \
		"$TMPDIR/list.json" >/dev/null || fail "not missing: $1: $2: $(cat "$TMPDIR/list.json")"
}

echo "# owners outside the PID namespace are not known"
"$DPORT" list --json 7001 >"$TMPDIR/list.json"
port '.owners_complete and (.owners | length) == 1' "beside the listener"
unshare --pid --fork --mount-proc "$DPORT" list --json 7001 >"$TMPDIR/list.json"
port '.owners == [] and .owners_complete == false and .unit == null' "in a container"
port '.owners_missing.reason == "processes outside this PID namespace cannot be seen"' "in a container"
missing owners "processes outside this PID namespace"
unshare --pid --fork --mount-proc "$DPORT" list 7001 2>/dev/null | grep -q '? outside' ||
	fail "the cell does not say why"
unshare --pid --fork --mount-proc "$DPORT" list state:unowned 2>/dev/null | grep -q 7001 &&
	fail "what is not known is not unowned"

echo "# the same without --mount-proc sees them"
unshare --pid --fork "$DPORT" list --json 7001 >"$TMPDIR/list.json"
port '(.owners | length) == 1' "with the /proc of an outer namespace"

echo "# no /proc" # but for what the sanitizers read there
# shellcheck disable=SC2016
unshare --mount sh -c 'mount -t tmpfs none /proc; mkdir /proc/self
	printf "ASAN_OPTIONS=detect_leaks=0\\0" >/proc/self/environ
	exec "$0" list --json 7001' "$DPORT" >"$TMPDIR/list.json" 2>"$TMPDIR/err" || fail "$(cat "$TMPDIR/err")"
port '.owners_complete == false' "without /proc"
missing owners "/proc is not mounted"
jq -e '.host != null' "$TMPDIR/list.json" >/dev/null || fail "the host has a name without /proc too"

echo "# /etc/services is long, or a FIFO, which is not waited for"
{
	seq 1 12000 | sed 's|.*|filler& 9&/sctp  # a line of its own|'
	echo "behind-it 7001/tcp"
} >"$TMPDIR/services"
[ "$(stat -c %s "$TMPDIR/services")" -gt 200000 ] || fail "the file is not long"
mkfifo "$TMPDIR/fifo"
# shellcheck disable=SC2016 # expanded inside
unshare --mount sh -c 'mount --bind "$1" /etc/services; exec "$0" list --json 7001' \
	"$DPORT" "$TMPDIR/services" >"$TMPDIR/list.json"
port '.service == "behind-it"' "a long file"
# shellcheck disable=SC2016
unshare --mount sh -c 'mount --bind "$1" /etc/services; mount --bind "$1" /etc/passwd
	exec timeout 20 "$0" list --json 7001' "$DPORT" "$TMPDIR/fifo" >"$TMPDIR/list.json"
missing services "/etc/services could not be read (not a regular file)"
missing users "/etc/passwd could not be read (not a regular file)"

echo "# names of no namespace"
ip netns add blue
exits 0 "$DPORT" list --netns blue >/dev/null

# A recording shows what was recorded, without the words that made it.
for netns in blue all; do
	"$DPORT" record "$TMPDIR/$netns.tar" --netns $netns 2>/dev/null
	"$DPORT" list --json --replay "$TMPDIR/$netns.tar" >"$TMPDIR/list.json"
	jq -e '.view == "full"' "$TMPDIR/list.json" >/dev/null || fail "$netns: $(cat "$TMPDIR/list.json")"
done
jq -e '.listeners | length == 2' "$TMPDIR/list.json" >/dev/null || fail "all: $(cat "$TMPDIR/list.json")"

touch /run/netns/file
for name in nosuch 999999999 file; do
	exits 2 "$DPORT" list --netns $name 2>"$TMPDIR/err" >/dev/null
	[ "$(wc -l <"$TMPDIR/err")" = 1 ] || fail "--netns $name: $(cat "$TMPDIR/err")"
done
exits 2 "$DPORT" record "$TMPDIR/nosuch.tar" --netns nosuch 2>/dev/null
if command -v setpriv >/dev/null; then
	exits 77 setpriv --reuid=65534 --clear-groups "$DPORT" list --netns blue 2>"$TMPDIR/err" >/dev/null
	grep -q '^namespace blue: .*cap_sys_admin' "$TMPDIR/err" || fail "no grant: $(cat "$TMPDIR/err")"
fi

echo "# a full disk, and what is left of the recording"
mkdir "$TMPDIR/small"
mount -t tmpfs -o size=16k none "$TMPDIR/small"
exits 74 "$DPORT" record "$TMPDIR/small/x.tar" 2>/dev/null
exits 65 "$DPORT" list --replay "$TMPDIR/small/x.tar" >/dev/null 2>"$TMPDIR/err"
grep -q 'ends early' "$TMPDIR/err" || fail "it is not told that more was to come: $(cat "$TMPDIR/err")"

echo "# Ctrl-C reaches it while the reader of its output has stopped reading"
python3 - "$DPORT" <<'P'
import fcntl, os, signal, subprocess, sys, time

reader, writer = os.pipe()
fcntl.fcntl(writer, 1031, 4096)  # F_SETPIPE_SZ
os.write(writer, b"x" * 4000)
for number in signal.SIGINT, signal.SIGTERM:
    program = subprocess.Popen([sys.argv[1], "list", "--json"], stdout=writer, stderr=subprocess.PIPE,
                               preexec_fn=os.setpgrp)
    time.sleep(1.5)
    os.killpg(program.pid, number)
    code = program.wait(10)
    said = program.stderr.read()
    if code != 130 or b"killed" in said:
        sys.exit(f"{number!r}: exit code {code}: {said!r}")
P
kill $listener
echo done
