#!/usr/bin/env bash
# The words of the call, the exit codes, and files that are none. Over the recording of the zoo: needs no
# rights.
set -euo pipefail
DPORT=${DPORT:-$PWD/build/dport}
export LC_ALL=C TERM=xterm ASAN_OPTIONS="detect_leaks=0:${ASAN_OPTIONS-}"
TMPDIR=${TMPDIR:-$(mktemp -d)}
zoo=tests/fixtures/zoo.tar
status=0

# says CODE SENTENCE WORD...: the exit code, and what standard error begins with. Never for long.
says() {
	local want=$1 sentence=$2 got=0
	shift 2
	timeout 20 "$DPORT" "$@" </dev/null >"$TMPDIR/out" 2>"$TMPDIR/err" || got=$?
	if [ "$got" != "$want" ] || [[ "$(cat "$TMPDIR/err")" != "$sentence"* ]]; then
		echo "dport $*: exit code $got, not $want; standard error, which should begin with '$sentence':"
		cat "$TMPDIR/err"
		status=1
	fi
}

# ends CODE COMMAND: of a shell command line
ends() {
	local got=0
	DPORT=$DPORT timeout 20 bash -c "$2" </dev/null >"$TMPDIR/out" 2>"$TMPDIR/err" || got=$?
	[ "$got" = "$1" ] || { echo "$2: exit code $got, not $1"; cat "$TMPDIR/err"; status=1; }
}

# Words
says 2 "dport: there is no option '--bogus'" --bogus
says 2 "dport: there is no option '-s'; '!word' turns" list -ssh
says 2 "dport: there is no option '--re', or more than one begins so" list --re
says 2 "dport: --for needs a value" record file --for
says 2 "dport: --json=x: this option takes no value" list --json=x
says 2 "dport: --family takes 4 or 6, not '04'" list --family 04
says 2 "dport: --redact goes with list and diagnose only" doctor --redact
says 2 "dport: --redact goes with list and diagnose only" record "$TMPDIR/never" --redact
says 2 "dport: --plain goes with the console only" list --plain
says 2 "dport: --screen goes with --plain only" --screen help
says 2 "dport: --screen goes with --plain only" list --screen help
says 2 "dport: --screen takes ports, help, guide" --plain --screen nothing
says 2 "dport: --screen guide needs one TARGET" --plain --screen guide
says 2 "dport: --screen path needs one TARGET" --plain --screen path nginx:80 443
says 2 "dport: this screen cannot be printed: it goes on: dport capture" --plain --screen wire 443
says 2 "dport: --cloud-rules goes with diagnose and path only" list --cloud-rules /dev/null
says 2 "dport: the cloud rules '/nowhere/sg.json' cannot be opened" diagnose 443 --cloud-rules /nowhere/sg.json
echo '{"SecurityGroups": [' >"$TMPDIR/sg.json"
says 65 "dport: the cloud rules '$TMPDIR/sg.json' cannot be used: it is no JSON, line 2" diagnose 443 --cloud-rules "$TMPDIR/sg.json"
echo '{}' >"$TMPDIR/sg.json"
says 65 "dport: the cloud rules '$TMPDIR/sg.json' cannot be used: it has neither SecurityGroups nor NetworkAcls" path 443 --from 10.0.0.2 --cloud-rules "$TMPDIR/sg.json"
says 2 "dport: 'register' is not part of version" register
says 2 "dport: probe takes one HOST:PORT" probe
says 2 "dport: probe takes one HOST:PORT" probe web1:443 web2:443
says 2 "dport: probe needs to know which host: HOST:443" probe 443
says 2 "dport: --mtu needs a connection, and '127.0.0.1:53/udp' is UDP" probe 127.0.0.1:53/udp --mtu --replay $zoo
says 2 "dport: --expect goes with a name, and '127.0.0.1' is an address" probe 127.0.0.1:53 --expect 10.0.0.1 --replay $zoo
says 2 "dport: '127.0.0.1' is not of the family that --family names" probe 127.0.0.1:53 --family 6 --replay $zoo
says 2 "dport: --expect takes one address, not 'web1'" probe web1:443 --expect web1
says 2 "dport: --expect and --mtu go with probe and diagnose" list --mtu
says 2 "dport: --from: probe is tried from this host itself" probe web1:443 --from 10.0.0.1
says 2 "dport: capture takes one TARGET" capture 80 443
says 2 "dport: -i, -r, -w, --summary" list --summary
says 2 "dport: list has no --format jsonl; it has" list --format jsonl
says 2 "dport: -r reads a file: -i, -w" capture -r x -i eth0
says 2 "dport: -r reads a file to its end" capture -r x --for 3
says 2 "dport: --payload goes with -w" capture --payload
says 2 "dport: --summary is one document" capture --summary --format jsonl
says 2 "dport: -i takes the name" capture -i a-name-of-sixteen
says 2 "dport: capture looks into one namespace" capture --netns all
says 2 "dport: the capture file 'x/y' cannot be opened" capture -r x/y
says 2 "dport: diagnose takes one TARGET" diagnose
says 2 "dport: diagnose takes one TARGET" diagnose 80 443
says 2 "dport: --role takes server, router or client" diagnose 443 --role x
says 2 "dport: --role takes server, router or client" record "$TMPDIR/never" 443 --role x
says 2 "dport: --from takes one client's address" diagnose 443 --from 0.0.0.0
says 2 "dport: --from, --role and --no-connect go with diagnose, path and record FILE TARGET only" list --no-connect
says 2 "dport: --from, --role and --no-connect go with diagnose, path and record FILE TARGET only" record "$TMPDIR/never" --from 10.0.0.2
says 2 "dport: --prove needs to know whose packets: --from ADDR" diagnose 443 --prove
says 2 "dport: --prove goes with diagnose only" list --prove
says 2 "dport: --client takes ssh:USER@HOST, not 'bob@c1'" diagnose web1:443 --client bob@c1
says 2 "dport: --client takes ssh:USER@HOST, not 'ssh:-oProxyCommand=x'" diagnose web1:443 --client ssh:-oProxyCommand=x
says 2 "dport: --client, --join and --symptom go with diagnose" list --client ssh:a@b
says 2 "dport: --symptom takes refused, timeout" diagnose 443 --symptom odd
says 2 "dport: the file to join '/nowhere/x' cannot be opened" diagnose 443 --join /nowhere/x
says 2 "dport: --client needs to know what the client connects to" diagnose 443 --client ssh:a@b --replay $zoo
says 2 "dport: --wait goes with diagnose and probe only" record "$TMPDIR/never" 443 --wait 3
says 2 "dport: the console needs a terminal; this prints the same: dport diagnose 443" 443
says 2 "dport: the console needs a terminal; this prints the same: dport list nginx" nginx
says 2 "dport: --netns takes a name beneath /run/netns" list --netns ../x
says 2 "dport: '443,' is no port" list 443,
[ ! -e "$TMPDIR/never" ] || { echo "a refused call made a file"; status=1; }

# Output that nobody gets
for words in --help -h --version --help-keys-roff "list --replay $zoo" "doctor --replay $zoo"; do
	# shellcheck disable=SC2086
	ends 74 "exec \"\$DPORT\" $words >/dev/full"
	ends 74 "exec \"\$DPORT\" $words >&-"
done

# Files that are none
mkfifo "$TMPDIR/fifo"
says 65 "dport: $TMPDIR/fifo: no recording: the file is empty" list --replay "$TMPDIR/fifo"
says 65 "dport: $TMPDIR: the recording cannot be read: Is a directory" list --replay "$TMPDIR"
says 74 "dport: the debug file '$TMPDIR/fifo' cannot be opened" list --replay $zoo --debug "$TMPDIR/fifo"
says 2 "dport: '$TMPDIR/fifo' is there already and a recording replaces nothing" record "$TMPDIR/fifo"
ends 0 "cat $zoo | \"\$DPORT\" list --replay /dev/stdin"

# A damaged recording is read as far as it goes
python3 - "$zoo" "$TMPDIR/damaged.tar" <<'P'
import sys
b = bytearray(open(sys.argv[1], "rb").read())
at = next(i for i in range(len(b) // 2 // 512 * 512, len(b), 512) if b[i + 257:i + 262] == b"ustar")
b[at] ^= 1
open(sys.argv[2], "wb").write(b)
P
says 65 "dport: $TMPDIR/damaged.tar: damaged at byte" list --replay "$TMPDIR/damaged.tar"
[ "$(wc -l <"$TMPDIR/out")" -gt 1 ] || { echo "what stands before the damage was not shown"; status=1; }

# Nothing of what was asked is in it: not known, which is no want of a right
says 3 "namespace blue: the TCP listeners are not recorded" list --replay $zoo --netns blue

exit $status
