"""What there is to run: one Job per program, made from the files that lie in the folders. Runs nothing."""
import functools
import glob
import os
import re
import shutil
import subprocess

LOGS = "build/test-logs"
SANITIZERS = {
    # Not 1, which dport gives a meaning to.
    "ASAN_OPTIONS": "exitcode=86:detect_stack_use_after_return=1:strict_string_checks=1",
    "UBSAN_OPTIONS": "exitcode=86:print_stacktrace=1:halt_on_error=1",
}
# A process without rights is not dumpable, and the leak checker needs to trace it.
NO_LEAK_CHECK = {"ASAN_OPTIONS": SANITIZERS["ASAN_OPTIONS"] + ":detect_leaks=0"}
VALGRIND = ["valgrind", "-q", "--error-exitcode=99", "--leak-check=full",
            "--show-leak-kinds=definite", "--errors-for-leak-kinds=definite",
            "--child-silent-after-fork=yes", "--read-inline-info=no"]
# They take longest, most of it waiting: what begins first does not end last.
LONG = ["net/test_" + name + ".py" for name in ("diagnose", "bridge", "prove", "managers", "programs", "terminals")]
COMPUTING = "net/test_exposure.py"  # of those in namespaces it alone
PARSE_PYTHON = "import ast, sys\nfor f in sys.argv[1:]: ast.parse(open(f).read(), f)"


class Job:
    """One program to run: its cases are counted if it speaks TAP, else it is one case."""
    is_background = False  # it computes and waits for nothing: it may take what the others leave
    mode = None  # it builds for this mode what others need

    def __init__(self, name, argv, deadline=600, needs=(), env=None, skip=None, is_tap=False):
        self.name, self.argv, self.deadline = name, argv, deadline
        self.needs = needs  # [(mode, make target)]
        self.env, self.skip, self.is_tap = env or {}, skip, is_tap

    def log(self):
        return os.path.join(LOGS, self.name + ".log")


def missing(program):
    return None if shutil.which(program) else program + " is not installed"


def compiled(mode, source):
    """The program made of a source file, and the need for it."""
    binary = "%s/%s" % (mode_dir(mode), source[:-2])
    return binary, (mode, binary)


def mode_dir(mode):
    return "build/" + mode


def stem(path):
    return os.path.splitext(os.path.basename(path))[0]


def program_jobs(kind):
    """tests/KIND/test_*: compiled with the sanitizers, or a script that may start the program."""
    for source in sorted(glob.glob("tests/%s/test_*.c" % kind)):
        binary, need = compiled("asan", source)
        yield Job("%s/%s" % (kind, stem(source)), [binary], needs=[need], is_tap=True)
    yield from script_jobs(kind, [], None)


def script_jobs(kind, prefix, skip):
    program = mode_dir("asan") + "/dport"
    for script in sorted(glob.glob("tests/%s/test_*.py" % kind) + glob.glob("tests/%s/test_*.sh" % kind)):
        uses_program = "DPORT" in open(script, encoding="utf-8").read()
        interpreter = "/usr/bin/python3" if script.endswith(".py") else "bash"
        yield Job("%s/%s" % (kind, os.path.basename(script)), prefix + [interpreter, script],
                  needs=[("asan", program)] if uses_program else [], env=NO_LEAK_CHECK, skip=skip)


def net_jobs():
    """Each in namespaces of its own, so that nothing of the host is touched."""
    skip = None
    if os.geteuid() != 0:
        skip = "needs root"
    elif glob.glob("tests/net/test_*") and subprocess.run(
            ["tests/net/alone", "true"], stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode:
        skip = "no namespaces can be made here"
    alone = ["tests/net/alone"]
    for source in sorted(glob.glob("tests/net/test_*.c")):
        binary, need = compiled("strict", source)  # as users build it: these measure
        yield Job("net/" + stem(source), alone + [binary], needs=[need], skip=skip, is_tap=True)
    tools = [compiled("strict", source)[1] for source in glob.glob("tests/net/[!t]*.c")]
    scripts = list(script_jobs("net", alone, skip))
    for job in sorted(scripts, key=lambda job: job.name not in LONG):
        job.needs += tools
        yield from in_background([job]) if job.name == COMPUTING else [job]


def valgrind_jobs():
    skip = missing("valgrind")
    for source in sorted(glob.glob("tests/unit/test_*.c")):
        binary, need = compiled("strict", source)
        # What repeats itself on random input does so less often here, where it takes 20 times as long.
        yield Job("valgrind/" + stem(source), VALGRIND + [binary], needs=[need], env={"FEWER_ROUNDS": "1"}, skip=skip,
                  is_tap=True)
    program = mode_dir("strict") + "/dport"
    for recording in sorted(glob.glob("tests/fixtures/*.tar")):
        yield Job("valgrind/replay-" + stem(recording),
                  VALGRIND + ["--trace-children=yes", program, "--replay", recording, "list", "--json"],
                  needs=[("strict", program)], skip=skip)


@functools.lru_cache(maxsize=None)
def has_fuzzer():
    return subprocess.run(["tests/has_fuzzer"]).returncode == 0


def fuzz_jobs(seconds):
    """The short runs take the programs that have the sanitizers; the long ones their own, which compares guide too."""
    mode = "fuzz" if seconds and has_fuzzer() else "asan"
    sources = sorted(glob.glob("tests/fuzz/fuzz_*.c"))
    for source in sources:
        name = stem(source)[len("fuzz_"):]
        seeds = [d for d in ("tests/fuzz/corpus/" + name, "tests/fixtures") if os.path.isdir(d)]
        yield fuzz_job("fuzz/" + name, mode, source, seeds, seconds)
        if source == sources[0] and has_fuzzer() and not seconds:
            # Where clang has no fuzzer our own driver stands in: it must not rot unseen.
            yield fuzz_job("fuzz/driver", "strict", source, seeds, 0)


def fuzz_job(name, mode, source, seeds, seconds):
    binary, need = compiled(mode, source)
    limits = ["-max_total_time=%d" % seconds] if seconds else ["-runs=20000", "-max_total_time=4"]
    argv = [binary] + limits
    if mode != "strict" and has_fuzzer():
        found = "build/fuzz-corpus/" + name.split("/")[1] if seconds else "@TMP@"
        if seconds:
            os.makedirs(found, exist_ok=True)
        # Its own exit code for a crash is that of a script that cannot run here.
        argv += ["-error_exitcode=86", "-timeout=10", "-rss_limit_mb=2048", "-artifact_prefix=%s/" % LOGS, found]
    return Job(name, argv + seeds, seconds + 120, [need])


def text_jobs():
    """What needs nothing compiled."""
    yield Job("layers", ["tests/layers"])
    files = c_files()
    formatter = next((f for f in ("clang-format-14", "clang-format") if formatter_is_14(f)), None)
    yield Job("format", [formatter, "--dry-run", "-Werror"] + files,
              skip=None if formatter else "clang-format 14 is not installed")
    scripts = sorted(f for f in glob.glob("tests/**/*", recursive=True) + [".ci/run"] if os.path.isfile(f))
    shell = [f for f in scripts if re.match(rb"#!.*\b(ba)?sh\b", first_line(f)) or f.endswith(".sh")]
    python = [f for f in scripts if re.match(rb"#!.*python", first_line(f)) or f.endswith(".py")]
    yield Job("scripts/shell", ["bash", "-c", 'for f; do bash -n "$f" || exit 1; done', "-"] + shell)
    yield Job("scripts/python", ["/usr/bin/python3", "-c", PARSE_PYTHON] + python)


def man_jobs():
    skip = missing("mandoc")
    pages = [(page, []) for page in sorted(glob.glob("assets/man/*.[1-8]"))]
    if os.path.exists("assets/man/dport.1.in"):
        made = mode_dir("strict") + "/man/dport.1"
        pages.append((made, [("strict", made)]))
    for page, needs in pages:
        yield Job("man/" + os.path.basename(page), ["mandoc", "-Tlint", "-W", "warning", page],
                  needs=needs, skip=skip)


def c_files():
    return sorted(f for room in ("core", "tui", "capture", "tests")
                  for f in glob.glob(room + "/**/*.[ch]", recursive=True))


def formatter_is_14(program):
    try:
        return b"version 14." in subprocess.run([program, "--version"], stdout=subprocess.PIPE).stdout
    except OSError:
        return False


def first_line(path):
    with open(path, "rb") as f:
        return f.readline(200)


def all_jobs(fuzz_seconds):
    yield from text_jobs()
    yield Job("build/strict", None, needs=[("strict", "all")])
    yield from program_jobs("unit")
    yield from program_jobs("screens")
    yield from program_jobs("cli")
    yield from man_jobs()
    yield from net_jobs()
    yield from in_background([Job("build/clang", None, needs=[("clang", "syntax")], skip=missing("clang"))])
    yield from in_background(valgrind_jobs())
    yield from in_background(fuzz_jobs(fuzz_seconds))


def in_background(jobs):
    for job in jobs:
        job.is_background = True
        job.deadline *= 2
        yield job


def is_chosen(name, parts):
    return not parts or any(name == p or name.startswith(p + "/") or name.rsplit(".", 1)[0] == p
                            for p in parts)
