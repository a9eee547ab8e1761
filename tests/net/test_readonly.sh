#!/usr/bin/env bash
# Looking changes nothing: modules, tables, rules, links and the kernel's log are the same before and
# after, only GET requests are sent, nothing is opened for writing but what was asked for, and where
# asking for sockets would load a module, the text tables are read in place of it.
# Runs inside tests/net/alone; makes private mounts only.
. "$(dirname "$0")/lib.sh"

[ "$(id -u)" = 0 ] || skip "needs root for network namespaces"
if [ -z "${TMPDIR:-}" ]; then
	TMPDIR=$(mktemp -d)
	trap 'rm -rf "$TMPDIR"' EXIT
fi
export ASAN_OPTIONS=detect_leaks=0:${ASAN_OPTIONS:-}

n=0
bad=0

# ok STATUS SENTENCE [FILE]: one line of the result; the file is shown behind a failure.
ok() {
	n=$((n + 1))
	if [ "$1" = 0 ]; then
		echo "ok $n - $2"
		return
	fi
	bad=$((bad + 1))
	echo "not ok $n - $2"
	[ -z "${3:-}" ] || sed 's/^/# /' "$3" | head -40
}

# is COMMAND...: its exit status, also where a failure would end the script.
is() {
	"$@" >"$TMPDIR/said" 2>&1 && echo 0 || echo $?
}

not() {
	! "$@"
}

# What a reader could have changed, as text.
state() {
	local file
	for file in /proc/modules /proc/net/ip_tables_names /proc/net/ip6_tables_names \
		/proc/net/arp_tables_names; do
		echo "== $file"
		cat "$file" 2>/dev/null || true
	done
	echo "== rules" && { nft -a list ruleset 2>/dev/null || true; }
	echo "== links" && ip -d link
	echo "== addresses" && ip address
	echo "== routes" && ip route show table all && ip -6 route show table all
	echo "== names" && ls /run/netns 2>/dev/null || true
	echo "== log" && { dmesg 2>/dev/null || true; }
}

# is_unchanged COMMAND...: fails if the state is another one behind it. The log has other writers: only a
# change at each of three tries counts.
is_unchanged() {
	local try
	for try in 1 2 3; do
		state >"$TMPDIR/before"
		"$@" >"$TMPDIR/diff" 2>&1 || return 1
		state >"$TMPDIR/after"
		diff "$TMPDIR/before" "$TMPDIR/after" >"$TMPDIR/diff" && return 0
	done
	return 1
}

# Something to look at.
ns blue
if command -v nft >/dev/null; then
	nft 'add table inet seen; add chain inet seen in { type filter hook input priority 0; };
		add rule inet seen in tcp dport 7070 accept' 2>/dev/null || true
fi
coproc LISTENER {
	exec /usr/bin/python3 -c '
import socket, sys
s = socket.create_server(("127.0.0.1", 7070))
print("ready", flush=True)
sys.stdin.read()'
}
read -r _ <&"${LISTENER[0]}"

for words in "list" "list --netns all" "doctor" "record $TMPDIR/unchanged.tar"; do
	rm -f "$TMPDIR/unchanged.tar"
	run=("$DPORT" $words)
	[ "${words%% *}" != record ] || run=(sh -c 'rm -f "$2" && exec "$0" "$@"' "$DPORT" $words)
	ok "$(is is_unchanged "${run[@]}")" "dport ${words%% /*} changes nothing" "$TMPDIR/diff"
done
"$DPORT" list >"$TMPDIR/out" 2>&1
ok "$(is grep -q '^7070/tcp' "$TMPDIR/out")" "there was something to see" "$TMPDIR/out"

# ---- what it asks of the kernel ----

CALLS=network,open,openat,openat2,creat,unlink,unlinkat,rename,renameat,renameat2,mkdir,mkdirat
CALLS=$CALLS,truncate,ftruncate,chmod,fchmod,fchmodat,mount,umount2,init_module,finit_module
CALLS=$CALLS,ptrace,bpf,sethostname,settimeofday,syslog

trace() {
	strace -f -qq -s 256 -e trace="$CALLS" -o "$TMPDIR/trace" "$@" >"$TMPDIR/out" 2>&1
}

# "PROTOCOL TYPE" of every message sent. In another namespace strace cannot name the type: RTM_GETLINK
# is 0x12, GETADDR 0x16, GETROUTE 0x1a, SOCK_DIAG_BY_FAMILY 0x14, TCPDIAG_GETSOCK 0x12 there.
sent_messages() {
	awk '
	/socket\(AF_NETLINK/ { match($0, /NETLINK_[A-Z_]+/); kind = substr($0, RSTART, RLENGTH); last[$1] = kind }
	/socket\(AF_NETLINK.*= [0-9]+$/ { of[$NF] = kind }
	/socket resumed.*= [0-9]+$/ { of[$NF] = last[$1] }
	/send(to|msg|mmsg)\([0-9]+,.*nlmsg_type=/ {
		match($0, /send[a-z]+\([0-9]+/); fd = substr($0, RSTART, RLENGTH); sub(/.*\(/, "", fd)
		match($0, /nlmsg_type=[A-Za-z_0-9]+/); print of[fd], substr($0, RSTART + 11, RLENGTH - 11)
	}' "$TMPDIR/trace"
}

# Calls that open for writing, but for the terminal and nowhere.
opened_for_writing() {
	grep -E 'open(at2?)?\(.*O_(WRONLY|RDWR|CREAT)' "$TMPDIR/trace" |
		grep -vE '"/dev/(null|tty|pts/[0-9]+)"' || true
}

changing_calls() {
	grep -E '(creat|unlink|unlinkat|rename|renameat2?|mkdir|mkdirat|truncate|mount|umount2|chmod|fchmod|fchmodat|(f?init_module)|ptrace|bpf|sethostname|settimeofday)\(' \
		"$TMPDIR/trace" |
		grep -vE 'bpf\(BPF_(PROG_QUERY|PROG_GET_FD_BY_ID|OBJ_GET_INFO_BY_FD)' || true
}

if ! command -v strace >/dev/null; then
	echo "# no strace here: what is asked of the kernel was not looked at"
else
	for words in "list" "list --netns all" "doctor"; do
		trace "$DPORT" $words || true
		sent_messages | sort | uniq -c >"$TMPDIR/sent"
		ok "$(is grep -q 'NETLINK_SOCK_DIAG' "$TMPDIR/sent")" "dport $words asks over netlink" "$TMPDIR/trace"
		ok "$(is not grep -vE ' (NETLINK_ROUTE (RTM_GET(LINK|ADDR|ROUTE)|0x1[26a])|NETLINK_SOCK_DIAG (SOCK_DIAG_BY_FAMILY|TCPDIAG_GETSOCK|0x1[24]))$' "$TMPDIR/sent")" \
			"dport $words sends nothing but the requests to list" "$TMPDIR/sent"
		opened_for_writing >"$TMPDIR/writes"
		ok "$(is not test -s "$TMPDIR/writes")" "dport $words opens nothing for writing" "$TMPDIR/writes"
		changing_calls >"$TMPDIR/writes"
		ok "$(is not test -s "$TMPDIR/writes")" "dport $words makes no call that changes the host" \
			"$TMPDIR/writes"
	done

	rm -f "$TMPDIR/one.tar"
	trace "$DPORT" record "$TMPDIR/one.tar" || true
	opened_for_writing >"$TMPDIR/writes"
	ok "$(is test "$(wc -l <"$TMPDIR/writes")" = 1)" "dport record opens one file for writing" "$TMPDIR/writes"
	ok "$(is grep -qE '"[^"]*/one\.tar", [^)]*O_CREAT\|O_EXCL' "$TMPDIR/writes")" \
		"and that is a new one, of the name that was given" "$TMPDIR/writes"
fi

# ---- a kernel whose diag modules are not loaded ----

# /proc as it is, by links into another mount of it, but with another list of modules: the file can be
# replaced also where this kernel has none.
without_diag_modules() {
	exec unshare -m --propagation private bash -euo pipefail -c '
		mkdir -p /run/realproc
		mount --bind /proc /run/realproc
		mount -t tmpfs -o mode=755 tmpfs /proc
		for entry in /run/realproc/*; do
			ln -s "$entry" "/proc/${entry##*/}"
		done
		rm -f /proc/modules
		echo "nf_tables 311296 1 - Live 0x0000000000000000" >/proc/modules
		[ ! -d /lib/modules ] || mount -t tmpfs tmpfs /lib/modules
		exec "$@"' sh "$@"
}

if (without_diag_modules true) >/dev/null 2>&1; then
	(without_diag_modules "$DPORT" list --json) >"$TMPDIR/list.json" 2>"$TMPDIR/err" || true
	ok "$(is grep -q '"port": *7070' "$TMPDIR/list.json")" \
		"without tcp_diag the listener is found in /proc/net" "$TMPDIR/err"
	ok "$(is grep -q 'tcp_diag' "$TMPDIR/list.json")" "and the module that would tell more is named" \
		"$TMPDIR/list.json"
	if command -v strace >/dev/null; then
		(without_diag_modules strace -f -qq -e trace=network,openat -o "$TMPDIR/trace" "$DPORT" list) \
			>"$TMPDIR/out" 2>&1 || true
		ok "$(is grep -q '/net/tcp"' "$TMPDIR/trace")" "the text tables are read"
		ok "$(is not grep -qE 'SOCK_DIAG' "$TMPDIR/trace")" "no request is sent that would load a module"
	fi
else
	echo "# no private mounts here: the look without tcp_diag was not tried"
fi

exec {LISTENER[1]}>&-
echo "1..$n"
[ "$bad" = 0 ]
