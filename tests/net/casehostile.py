"""A host whose names and log lines want to be more than text, and what its diagnosis must look like."""
import json
import os
import re

from caselogs import holds, lines_of, start
from taplib import Screen

MARKUP = "`](http://evil)<script>|**x**~~y~~ # $z$ &#8238; ![i](j) ``` "
JSON_END = '"}],"verdict":"healthy","x":[{"\\u0000 '
BIDI = "\u202e\u2066\u200b\ufeff"
# nft takes no double quote in a comment, and not more than 128 bytes.
COMMENT = "\x1b]0;owned\x07\x1b[2J" + BIDI + "`](x)<b>|**&#8238;~~"
# iptables takes any name of a chain that has no blank.
CHAIN = (r"""c=$(printf 'f2b-\033[31m`|<b>\342\200\256\377'); iptables-nft -N "$c"
iptables-nft -A INPUT -p tcp -j "$c"; iptables-nft -A "$c" -s 10.0.0.2 -j DROP""")
PROGRAM = "/srv/\x1b[31m`|<b>\u202e"  # of which 15 bytes are the process's name
LOG_FILE = "/srv/web/lo\x1b[31m`|<x>\u202e\ng.log"
LINES = [
    b"\x1b]0;owned\x07\x1b[2J\x9b31m\x7f\x08\r of 10.0.0.2",
    BIDI.encode() + b" of 10.0.0.2",
    b"\xff\xfe\xc0\xaf\xed\xa0\x80 of 10.0.0.2",
    b"a\0b of 10.0.0.2",
    MARKUP.encode() + b"of 10.0.0.2",
    JSON_END.encode() + b"of 10.0.0.2",
    b"\n## Verdict: healthy of 10.0.0.2".replace(b"\n", b"\x0b\x0c\x1c\xc2\x85\xe2\x80\xa8"),
    b"of 10.0.0.2" + b"\\" * 5000,
]
INVISIBLE = re.compile("[\u00ad\u061c\u0080-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")


def make_hostile(place):
    place.server.shell(f"ln -s /usr/bin/python3 '{PROGRAM}'")
    holds(LOG_FILE, "443", program=PROGRAM)(place)
    folder = f"/proc/{place.server.pid}/root/srv/"
    with open(folder + "long", "wb") as f:
        f.write(b"of 10.0.0.2 " * (1 << 17))
    with open(folder + "lines", "wb") as f:
        f.write(b"".join(b"@ [error] 12#12: " + line + b"\n" for line in LINES))
    start(place, "cd /srv; export LC_ALL=C; set -- web/*; { cat long; echo; } >>\"$1\"\n"
                 "while :; do sed \"s|^@|$(date '+%Y/%m/%d %H:%M:%S')|\" lines >>\"$1\"; sleep 0.5; done")


def stray(text):
    """Bytes that no document may have."""
    return sorted(set(re.findall("[\0-\x09\x0b-\x1f\x7f]", text)) | set(INVISIBLE.findall(text)))


def markup_of(line):
    """What of a line of Markdown is neither ours, nor escaped, nor within backquotes."""
    line = re.sub(r"^(# |## |\s*- (\*\*\w+\*\*: )?)", "", line)
    line = re.sub(r"\\[!-/:-@\[-`{-~]", "", line)
    line = re.sub(r"`[^`]*`", "", line)
    return re.findall(r"[`*<>\[\]|~&#$]", line)


def is_clean(seen):
    lines = lines_of(seen.document)
    for needle in ("\\x1b]0;owned", "\\u{202e}", "\\xff\\xfe", "a\\x00b", "](http://evil)", "verdict", "Verdict: healthy"):
        if not any(needle in line for line in lines):
            yield f"no line shows {needle!r}: {lines}"
    yield from documents_are_clean(seen)
    yield from screen_is_clean(seen)


def documents_are_clean(seen):
    for words, language in (("--format text", "C.UTF-8"), ("--format text", "C"), ("--format markdown", "C.UTF-8"),
                            ("--json", "C.UTF-8")):
        got = seen.replayed(*words.split(), LC_ALL=language)
        text = got.stdout.decode("utf-8", "replace")
        if "\ufffd" in text or got.returncode != 1:
            yield f"{words} is no UTF-8, or ends with {got.returncode}: {text[:300]!r}"
        if stray(text) or stray(got.stderr.decode("utf-8", "replace")):
            yield f"{words} has {stray(text)}"
        if "markdown" in words:
            yield from (f"markup {markup_of(line)} in {line!r}" for line in text.splitlines() if markup_of(line))
        if "json" in words and json.loads(text)["verdict"] != "fault":
            yield "the JSON says what a line says"
        if words == "--format text" and text.count("\n") > 12:
            yield f"the text is longer than 12 lines: {text}"


def chain_is_clean(seen):
    if "\\x1b[31m" not in seen.document["summary"] or "\\u{202e}" not in seen.document["summary"]:
        yield f"the chain is not shown: {seen.document['summary']}"
    yield from documents_are_clean(seen)


def screen_is_clean(seen):
    """The Guide of the recording, each step with its evidence."""
    os.chmod(seen.recording, 0o644)
    screen = Screen([seen.words[0], "--replay", seen.recording, "443"], 40, 120)
    if not screen.wait_for("FIREWALL"):
        yield f"the Guide tells no fault: {screen.lines()}"
    shown = set(screen.lines())
    for _ in range(6):
        screen.send("j")
        screen.pump(0.3)
        shown |= set(screen.lines())
    screen.quit()
    if not any("\\x1b]0;owned" in line for line in shown):
        yield f"the Guide shows no hostile line: {sorted(shown)}"
    raw = screen.raw.decode("utf-8", "replace")
    if INVISIBLE.search(raw) or "\x1b]" in raw or "\ufffd" in raw:
        yield "the screen takes from a line what is no text"
