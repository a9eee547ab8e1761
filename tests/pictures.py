#!/usr/bin/python3
"""tests/pictures.py [--check] [NAME...]: the pictures of the README, assets/pictures/NAME.svg, drawn by the program itself
from recordings: dport in tmux, its cells with their colours as SVG. --check: they show what the program shows now."""
import html
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
DPORT = os.path.abspath(os.environ.get("DPORT", os.path.join(TOP, "build/dport")))
FOLDER = os.path.join(TOP, "assets/pictures")
COLUMNS, ROWS = 100, 28
CELL_WIDTH, CELL_HEIGHT, MARGIN = 8.4, 18, 12
PAPER, INK = "#16181d", "#d7dae0"
# name -> recording, words of the call, what stands there when it is whole, then keys with what each leads to
PICTURES = {
    "ports": ("incidents/street.tar", "", r"8443/tcp .*closed", (("Down", r"▸ *80/tcp"), ("Down", r"▸ *443/tcp"))),
    "guide": ("incidents/firewalld-zone.tar", "", r"443/tcp", (("Enter", "FIREWALL REJECTS IT"),)),
    "ladder": ("incidents/tls-to-plaintext.tar", "", r"443/tcp", (("Enter", "TLS ON ONE SIDE ONLY"), ("t", "spoken"))),
    "path": ("incidents/firewalld-zone.tar", "", r"443/tcp", (("Enter", "FIREWALL REJECTS IT"), ("p", "the way in"))),
}
BASE = ("000000", "cd3131", "0dbc79", "e5e510", "2472c8", "bc3fbc", "11a8cd", "e5e5e5",
        "666666", "f14c4c", "23d18b", "f5f543", "3b8eea", "d670d6", "29b8db", "ffffff")


def palette(n):
    """The 256 colours as xterm has them."""
    if n < 16:
        return "#" + BASE[n]
    if n >= 232:
        return "#" + f"{8 + 10 * (n - 232):02x}" * 3
    steps = (0, 95, 135, 175, 215, 255)
    n -= 16
    return "#" + "".join(f"{steps[i]:02x}" for i in (n // 36, n // 6 % 6, n % 6))


class Style:
    """What SGR has set."""

    def __init__(self):
        self.reset()

    def reset(self):
        self.ink, self.paper = None, None
        self.bold = self.dim = self.under = self.reverse = False

    def take(self, codes):
        numbers = [int(code or 0) for code in codes.split(";")]
        while numbers:
            n = numbers.pop(0)
            if n == 0:
                self.reset()
            elif n in (38, 48) and numbers[:1] == [5]:
                colour = palette(numbers[1])
                numbers = numbers[2:]
                self.ink, self.paper = (colour, self.paper) if n == 38 else (self.ink, colour)
            elif 30 <= n < 38 or 90 <= n < 98:
                self.ink = palette(n - 30 if n < 90 else n - 82)
            elif 40 <= n < 48 or 100 <= n < 108:
                self.paper = palette(n - 40 if n < 100 else n - 92)
            else:
                self.take_other(n)

    def take_other(self, n):
        if n in (1, 2, 4, 7):
            setattr(self, {1: "bold", 2: "dim", 4: "under", 7: "reverse"}[n], True)
        elif n == 22:
            self.bold = self.dim = False
        elif n in (24, 27):
            setattr(self, {24: "under", 27: "reverse"}[n], False)
        elif n == 39:
            self.ink = None
        elif n == 49:
            self.paper = None

    def key(self):
        ink, paper = self.ink or INK, self.paper or PAPER
        if self.reverse:
            ink, paper = paper, ink
        return ink, paper, self.bold, self.dim, self.under


def runs_of(line):
    """(column, style, text) of one line with its escapes."""
    style, column, runs = Style(), 0, []
    for escape, text in re.findall(r"\x1b\[([\d;]*)m|([^\x1b]+)", line):
        if not text:
            style.take(escape)
            continue
        runs.append((column, style.key(), text))
        column += len(text)
    return runs


def svg_of(lines):
    width = round(COLUMNS * CELL_WIDTH + 2 * MARGIN)
    height = ROWS * CELL_HEIGHT + 2 * MARGIN
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
           'font-family="DejaVu Sans Mono,Menlo,Consolas,monospace" font-size="14" xml:space="preserve">',
           f'<rect width="{width}" height="{height}" rx="6" fill="{PAPER}"/>']
    for row, line in enumerate(lines):
        for column, (ink, paper, bold, dim, under), text in runs_of(line):
            x, y = MARGIN + column * CELL_WIDTH, MARGIN + row * CELL_HEIGHT
            size = len(text) * CELL_WIDTH
            if paper != PAPER:
                out.append(f'<rect x="{x:.1f}" y="{y}" width="{size:.1f}" height="{CELL_HEIGHT}" fill="{paper}"/>')
            if not text.strip() and not under:
                continue
            more = (' font-weight="bold"' if bold else "") + (' opacity="0.65"' if dim else "") + \
                   (' text-decoration="underline"' if under else "")
            out.append(f'<text x="{x:.1f}" y="{y + 14}" textLength="{size:.1f}" fill="{ink}"{more}>'
                       f'{html.escape(text, quote=False)}</text>')
    return "\n".join(out) + "\n</svg>\n"


def cells_of(svg):
    """The characters of a picture again, line by line."""
    lines = [[" "] * COLUMNS for _ in range(ROWS)]
    for x, y, text in re.findall(r'<text x="([\d.]+)" y="(\d+)"[^>]*>([^<]*)</text>', svg):
        row, column = (int(y) - 14 - MARGIN) // CELL_HEIGHT, round((float(x) - MARGIN) / CELL_WIDTH)
        for i, char in enumerate(html.unescape(text)):
            lines[row][column + i] = char
    return ["".join(line).rstrip() for line in lines]


class Terminal:
    """tmux with dport on a copy of a recording, so that no path of this machine is in the picture."""

    def __init__(self, recording, words):
        self.folder = tempfile.mkdtemp()
        self.socket = os.path.join(self.folder, "tmux")
        self.name = os.path.basename(recording)
        shutil.copy(os.path.join(TOP, "tests/fixtures", recording), os.path.join(self.folder, self.name))
        env = dict(os.environ, LC_ALL="C.UTF-8", TERM="xterm-256color", TZ="UTC", XDG_CONFIG_HOME=self.folder,
                   HOME=self.folder)
        command = f"cd {self.folder} && TERM=tmux-256color {DPORT} --replay {self.name} {words}"
        subprocess.run(["tmux", "-f", "/dev/null", "-S", self.socket, "new-session", "-d", "-x", str(COLUMNS), "-y",
                        str(ROWS), command], check=True, env=env)

    def do(self, *words):
        got = subprocess.run(["tmux", "-S", self.socket, *words], capture_output=True, check=False)
        return got.stdout.decode("utf-8", "replace")

    def wait_for(self, pattern, seconds=20):
        end = time.monotonic() + seconds
        while not re.search(pattern, self.do("capture-pane", "-p")):
            if time.monotonic() > end:
                raise SystemExit(f"never there: {pattern}\n" + self.do("capture-pane", "-p"))
            time.sleep(0.1)

    def settled(self):
        """The screen with its colours, once it stands still."""
        before, now = None, ""
        while before != now:
            time.sleep(1)
            before, now = now, self.do("capture-pane", "-p", "-e", "-N")
        return now.split("\n")[:ROWS]

    def close(self):
        self.do("kill-server")
        shutil.rmtree(self.folder, ignore_errors=True)


def taken(name):
    recording, words, begins, keys = PICTURES[name]
    terminal = Terminal(recording, words)
    try:
        terminal.wait_for(begins)
        for key, leads_to in keys:
            terminal.do("send-keys", key)
            terminal.wait_for(leads_to)
        return svg_of(terminal.settled())
    finally:
        terminal.close()


def path_of(name):
    return os.path.join(FOLDER, name + ".svg")


def differences(name):
    """Lines of the kept picture beside those of now, where they are not the same."""
    with open(path_of(name), encoding="utf-8") as old:
        kept = cells_of(old.read())
    return [(a, b) for a, b in zip(kept, cells_of(taken(name))) if a != b]


def main():
    is_check = "--check" in sys.argv
    names = [word for word in sys.argv[1:] if not word.startswith("--")] or list(PICTURES)
    n_wrong = 0
    for name in names:
        if is_check:
            differ = differences(name)
            n_wrong += bool(differ)
            print(f"{name}.svg {'differs' if differ else 'is as it was'}")
            print("".join(f"- {a}\n+ {b}\n" for a, b in differ), end="")
            continue
        now = taken(name)
        with open(path_of(name), "w", encoding="utf-8") as out:
            out.write(now)
        print(f"{path_of(name)}: {len(now)} bytes")
    return n_wrong > 0


if __name__ == "__main__":
    sys.exit(main())
