#!/usr/bin/python3
"""Each name that a script of the tests takes from another one is there: some run only as root, and late."""
import ast
import glob
import os
import sys

TESTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
sys.path.insert(0, os.path.join(TESTS, "net"))
from taplib import done, ok  # pylint: disable=wrong-import-position


def names_of(tree):
    """What stands in a module: functions, classes, variables, and what it took from elsewhere."""
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            yield node.name
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            yield from (a.asname or a.name for a in node.names)


def main():
    trees = {}
    for path in glob.glob(os.path.join(TESTS, "**/*.py"), recursive=True):
        with open(path, encoding="utf-8") as f:
            trees[path] = ast.parse(f.read(), path)
    modules = {(os.path.dirname(path), os.path.basename(path)[:-3]): set(names_of(t)) for path, t in trees.items()}
    for path, tree in sorted(trees.items()):
        missing = []
        for node in (n for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)):
            there = (modules.get((os.path.dirname(path), node.module))
                     or modules.get((os.path.join(TESTS, "net"), node.module)))
            missing += [a.name for a in node.names if there and a.name != "*" and a.name not in there]
        ok(not missing, os.path.relpath(path, TESTS) + " finds what it imports", missing)
    done()


main()
