#!/usr/bin/env bash
# Every form of every command over the recording of the zoo, as it stands in tests/golden/cli. Needs no rights.
# UPDATE_GOLDEN=1 writes them anew.
set -euo pipefail
DPORT=${DPORT:-$PWD/build/dport}
golden=tests/golden/cli
export LC_ALL=C TZ=UTC TERM=xterm ASAN_OPTIONS="detect_leaks=0:${ASAN_OPTIONS-}"
status=0

# same NAME WORD...: what `dport WORD...` prints
same() {
	local name=$1
	shift
	"$DPORT" "$@" --replay tests/fixtures/zoo.tar </dev/null |
		sed -e 's/"version": "[0-9.]*"/"version": "V"/' -e 's/^dport [0-9.]*/dport V/' >"$TMPDIR/now"
	[ -z "${UPDATE_GOLDEN-}" ] || cp "$TMPDIR/now" "$golden/$name"
	diff -u "$golden/$name" "$TMPDIR/now" || { echo "$name differs" >&2; status=1; }
}

TMPDIR=${TMPDIR:-$(mktemp -d)}
same list.txt list
same list.json list --json
same list.csv list --format csv
same list.md list --format markdown
same list-filtered.txt list state:full
same list-v6.txt list --family 6
same list-redacted.json list --json --redact 7018
same doctor.txt doctor
same doctor.json doctor --json
same plain.txt --plain --ascii
same plain-events.txt --plain --screen events
same plain-details.txt --plain --screen details 7014 --ascii

# Two instances of the same words give the same bytes.
"$DPORT" list --json --replay tests/fixtures/zoo.tar >"$TMPDIR/again"
cmp "$golden/list.json" "$TMPDIR/again" || status=1
exit $status
