"""Every rule of tests/layers, broken once in a tree of its own; and trees that keep them."""
import os
import subprocess
import tempfile
import unittest

README = "A room.\n" + "line\n" * 8 + "May include: %s\n"
UNFINISHED = "/* TO" + "DO: later */\n"

# A tree that keeps every rule; the rows below change one file of it.
GOOD = {
    "core/base/README": README % "nothing of the project",
    "core/base/str.h": "int str;\n",
    "core/base/str.c": '#include "core/base/str.h"\n#include <string.h>\n',
    "core/host/README": README % "core/base",
    "core/host/broker.h": "int broker;\n",
    "core/host/kernel/netlink.c": "#include <linux/netlink.h>\n",
    "core/sockets/README": README % "core/base",
    "core/sockets/diag.c": '#include <linux/inet_diag.h>\n#include "core/base/str.h"\n',
    "core/firewall/README": README % "core/base",
    "core/firewall/nft/insn.c": '#include "core/firewall/hook.h"\n#include <linux/netfilter.h>\n',
    "tui/README": README % "core/base core/sockets; main.c app.* also core/host\ncore/snapshot/sources.h",
    "tui/main.c": '#include "core/host/broker.h"\n#include "core/snapshot/sources.h"\n',
    "tui/terminal/term.c": "#include <curses.h>\n",
    "tui/view/ports/ports.c": '#include "core/sockets/diag.h"\n#include "tui/terminal/frame.h"\n',
    "capture/README": README % "core/base core/wire",
    "capture/pcap_library.h": "#include <pcap.h>\n",
    "tests/unit/test_str.c": '#include "core/host/broker.h"\n',
    "Makefile": "all:\n",
}

# name of the case, file, its text (None: it is not there), what must be said of it
BROKEN = [
    ("a room beside it", "core/base/str.c", '\n#include "core/host/broker.h"\n',
     "core/base/str.c:2: core/base may not include core/host/broker.h"),
    ("a sibling", "core/sockets/diag.c", '#include "core/network/links.h"\n', "core/sockets may not include"),
    ("a sub-room without README", "core/firewall/nft/insn.c", '#include "core/host/broker.h"\n',
     "core/firewall may not include core/host/broker.h"),
    ("a sub-room with a README of its own", "core/firewall/nft/README", README % "core/wire",
     "core/firewall/nft may not include core/firewall/hook.h"),
    ("a room whose name only begins alike", "core/host/x.c", '#include "core/basement/x.h"\n', "may not include"),
    ("indented", "core/base/str.c", '  #  include "core/host/broker.h"\n', "may not include"),
    ("what only another file of the room may", "tui/terminal/frame.c", '#include "core/host/broker.h"\n',
     "tui/terminal/frame.c:1: tui may not include core/host/broker.h"),
    ("another header than the one allowed", "tui/main.c", '#include "core/snapshot/link.h"\n', "tui may not include"),
    ("a header without its room", "core/base/str.c", '#include "str.h"\n', "named from the root"),
    ("host in a view", "tui/view/ports/ports.c", '#include "core/host/broker.h"\n', "a view includes neither"),
    ("curses elsewhere", "tui/terminal/frame.c", "#include <ncursesw/curses.h>\n", "only tui/terminal/term.c includes curses"),
    ("curses by its other name", "core/base/str.c", "#include <ncurses.h>\n", "only tui/terminal/term.c includes curses"),
    ("pcap elsewhere", "capture/live.c", "#include <pcap/pcap.h>\n", "only what loads libpcap includes it"),
    ("a kernel header above", "tui/main.c", "#include <linux/tcp.h>\n", "kernel headers stand only"),
    ("a kernel header in host", "core/host/x.c", "#include <linux/if.h>\n", "kernel headers stand only"),
    ("a system call elsewhere", "core/base/str.c", "#include <linux/kcmp.h>\n", "kernel headers stand only"),
    ("a shell", "core/host/x.c", 'int x = system ("ls");\n', "no shell is started"),
    ("a pipe to a shell", "tests/unit/test_str.c", 'FILE *f = popen("ls", "r");\n', "no shell is started"),
    ("unfinished", "core/base/str.c", UNFINISHED, "left unfinished"),
    ("unfinished in the Makefile", "Makefile", "# " + UNFINISHED, "left unfinished"),
    ("a long file", "core/base/str.c", "\n" * 501, "over 500 lines"),
    ("no README", "core/host/README", None, "core/host:0: a room without README"),
    ("no line", "core/host/README", "line\n" * 10, "no line `May include:`"),
    ("a short README", "core/host/README", "May include: core/base\n", "8 to 25 lines, this one 1"),
    ("a long README", "core/host/README", "line\n" * 20 + README % "core/base", "8 to 25 lines, this one 30"),
    ("words that are no room", "core/host/README", README % "core/base and more", "not a room or a header: `and`"),
    ("files without rooms", "core/host/README", README % "core/base; x.c core/path", "not understood"),
    ("no rooms at all", None, None, "nothing was checked"),
]

KEPT = [
    ("a system call in host", "core/host/x.c", "#include <linux/kcmp.h>\n"),
    ("curses in a measure", "tests/bench/floor.c", "#include <curses.h>\n"),
    ("a file of 500 lines", "core/base/str.c", "\n" * 500),
    ("a word within a word", "core/base/str.c", 'char *t = "/tmp/xXXXXXX"; int ecosystem(void);\n'),
    ("a zone of that name", "core/base/str.c", 'char *zone = "XX' 'X-0:20";\n'),
    ("where it comes from", "core/host/README", README % "core/base; x.c also core/base through core/wire/a.h"),
]


def said_of(tree):
    """(exit code, output) of tests/layers on {path: text}"""
    with tempfile.TemporaryDirectory() as top:
        for path, text in tree.items():
            os.makedirs(os.path.dirname(os.path.join(top, path)), exist_ok=True)
            with open(os.path.join(top, path), "w", encoding="utf-8") as f:
                f.write(text)
        p = subprocess.run(["tests/layers", top], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return p.returncode, p.stdout


def changed(path, text):
    return {k: v for k, v in {**GOOD, path: text}.items() if v is not None}


class Layers(unittest.TestCase):
    def test_a_tree_that_keeps_the_law(self):
        self.assertEqual(said_of(GOOD), (0, ""))

    def test_every_rule_can_be_broken(self):
        for name, path, text, expected in BROKEN:
            with self.subTest(name):
                tree = changed(path, text) if path else {"Makefile": "all:\n"}
                code, said = said_of(tree)
                self.assertEqual(code, 1)
                self.assertIn(expected, said)

    def test_no_README_opens_host_to_a_view(self):
        tree = changed("tui/README", README % "core/base core/sockets core/host core/snapshot")
        self.assertEqual(said_of(tree), (0, ""))
        tree["tui/view/ports/ports.c"] = '#include "core/host/broker.h"\n'
        self.assertIn("a view includes neither", said_of(tree)[1])

    def test_what_looks_like_a_breach_and_is_none(self):
        for name, path, text in KEPT:
            with self.subTest(name):
                self.assertEqual(said_of(changed(path, text)), (0, ""))


if __name__ == "__main__":
    unittest.main()
