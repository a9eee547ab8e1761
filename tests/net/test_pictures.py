#!/usr/bin/python3
"""The pictures of the README show what the program shows now; `tests/pictures.py` draws them anew."""
import os
import shutil
import sys

sys.path[:0] = [os.path.dirname(os.path.abspath(__file__)), os.path.dirname(os.path.dirname(os.path.abspath(__file__)))]
import pictures
from taplib import done, kill_group_at_exit, need_root, ok, skip


def main():
    need_root()
    kill_group_at_exit()
    if not shutil.which("tmux"):
        skip("tmux is not installed")
    with open(os.path.join(pictures.TOP, "README.md"), encoding="utf-8") as file:
        readme = file.read()
    for name in pictures.PICTURES:
        differ = pictures.differences(name)
        ok(not differ, f"{name}.svg shows what the program shows now", "\n".join(f"- {a}\n+ {b}" for a, b in differ))
        ok(f"](assets/pictures/{name}.svg)" in readme, f"{name}.svg stands in the README")
    done()


main()
