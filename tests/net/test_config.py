#!/usr/bin/python3
"""The configuration on a real terminal: read, kept, refused; as root and as a user."""
import os
import shutil
import stat
import struct
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from taplib import DPORT, Screen, Zoo, done, kill_group_at_exit, need_root, ok

TEXT = """# mine
[ports]
sort = owner ; by name
[console]
utc = yes
[keys]
quit = Q
"""


def run(*words, **environment):
    return subprocess.run([DPORT, *words], capture_output=True, text=True, check=False, timeout=60,
                          env=dict(os.environ, **environment))


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)


def read(path):
    with open(path, encoding="utf-8") as f:
        return f.read()


def wrong_files(home):
    own = home + "/dport/dport.ini"
    write(own, "[ports]\ncolums = port\n")
    r = run("--plain", XDG_CONFIG_HOME=home)
    ok(r.returncode == 2 and r.stdout == "", "a wrong key ends it before anything is shown", r.stdout)
    ok(r.stderr == f"dport: {own}:2: 'colums' is no key of [ports]: columns, sort, reverse, group, filter\n",
       "with file and line", r.stderr)
    r = run("list", XDG_CONFIG_HOME=home)
    ok(r.returncode in (0, 77) and "colums" not in r.stderr, "commands without a screen do not read it", r.stderr)
    r = run("--config", home + "/none", "--print-config")
    ok(r.returncode == 2 and "cannot be opened" in r.stderr, "a named file has to be there", r.stderr)
    r = run("list", "--config", own)
    ok(r.returncode == 2, "--config goes with the console only", r.stderr)


def printed(home):
    own = home + "/dport/dport.ini"
    write(own, TEXT)
    r = run("--ascii", "--print-config", XDG_CONFIG_HOME=home)
    ok(r.returncode == 0 and f"; {own}:3\nsort = owner\n" in r.stdout, "--print-config says where a value is from",
       r.stdout)
    ok("; the command line\nascii = yes\n" in r.stdout and "; built in\ngroup = none\n" in r.stdout,
       "the call's words too, and what is built in", r.stdout)
    write(home + "/again.ini", r.stdout)
    again = run("--config", home + "/again.ini", "--print-config")
    ok(again.returncode == 0 and "sort = owner\n" in again.stdout, "what it prints is a configuration", again.stderr)


def kept(zoo, home):
    own = home + "/dport/dport.ini"
    write(own, TEXT)
    s = Screen([*zoo.prefix, DPORT], XDG_CONFIG_HOME=home)
    ok(s.wait_for("OWNER ▴") and s.wait_for("7019/tcp"), "the order is that of the file", "\n".join(s.lines()))
    ok(s.wait_for("Q quit"), "and the keys", "\n".join(s.lines()))
    s.send("qqbC")
    ok(s.wait_for("ports › columns"), "q is no key any more, C opens the columns", "\n".join(s.lines()))
    s.send("G\r")
    s.pump(0.3)
    s.send("K")
    ok(s.wait_for(f"keep this in {home[:20]}"), "K asks first", "\n".join(s.lines()))
    s.send("n")
    ok(s.wait_for("nothing was written") and read(own) == TEXT, "n writes nothing", read(own))
    s.send("Ky")
    ok(s.wait_for("kept in"), "y keeps it", "\n".join(s.lines()))
    now = read(own)
    ok(now.startswith("# mine\n[ports]\nsort = owner ; by name\ncolumns = port ") and "+cgroup" in now and
       "group = service\n[console]\nutc = yes\n" in now, "what else stands in the file stays", now)
    ok(stat.S_IMODE(os.stat(own).st_mode) == 0o600 and os.listdir(home + "/dport") == ["dport.ini"],
       "nobody else reads it, nothing is left over", str(os.listdir(home + "/dport")))
    s.send("Q")
    s.pump(1)
    s = Screen([*zoo.prefix, DPORT], XDG_CONFIG_HOME=home)
    ok(s.wait_for("CGROUP") and s.wait_for("▾"), "the next one begins with it", "\n".join(s.lines()))
    s.send("Q")
    s.pump(1)


def first_file(zoo, home):
    shutil.rmtree(home + "/dport")
    s = Screen([*zoo.prefix, DPORT], XDG_CONFIG_HOME=home)
    s.wait_for("7001/tcp")
    ok(not os.path.exists(home + "/dport"), "a start alone makes no directory")
    s.send("Ky")
    ok(s.wait_for("kept in") and read(home + "/dport/dport.ini").startswith("[ports]\n"), "keeping makes it",
       "\n".join(s.lines()))
    ok(s.quit() == 0, "q is quit again")


def of_a_user(home):
    """Root's rights, another's house: nothing is read or written there."""
    os.makedirs(home + "/theirs/.config/dport")
    write(home + "/theirs/.config/dport/dport.ini", "[ports]\nsort = nonsense\n")
    for path in ("/theirs", "/theirs/.config", "/theirs/.config/dport", "/theirs/.config/dport/dport.ini"):
        os.chown(home + path, 1234, 1234)
    environment = {k: v for k, v in os.environ.items() if k != "XDG_CONFIG_HOME"}
    environment["HOME"] = home + "/theirs"
    r = subprocess.run([DPORT, "--print-config"], capture_output=True, text=True, check=False, env=environment)
    ok(r.returncode == 0 and "/root/.config/dport/dport.ini" in r.stdout, "root under sudo has root's own",
       r.stdout + r.stderr)
    os.chmod(home, 0o755)
    r = subprocess.run(["setpriv", "--reuid=1234", "--regid=1234", "--clear-groups", DPORT, "--print-config"],
                       capture_output=True, text=True, check=False, env=environment)
    ok(r.returncode == 2 and "'nonsense' is no value of sort" in r.stderr, "the user has his", r.stdout + r.stderr)


def with_capabilities(home):
    """What the program's file was given does not open what its caller may not read or write."""
    program = home + "/dport-with-rights"
    shutil.copy(DPORT, program)
    read_all = 1 << 1 | 1 << 2  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH; vfs_cap_data of capabilities(7)
    os.setxattr(program, "security.capability", struct.pack("<IIIII", 0x02000001, read_all, 0, 0, 0))
    secret = home + "/secret.ini"
    write(secret, "[ports]\nsecret = word\n")
    os.chmod(secret, 0o600)
    os.chmod(home, 0o755)
    r = subprocess.run(["setpriv", "--reuid=1234", "--regid=1234", "--clear-groups", program, "--config", secret,
                        "--print-config"], capture_output=True, text=True, check=False)
    ok(r.returncode == 2 and "cannot be opened: Permission denied" in r.stderr and "word" not in r.stderr,
       "a file of root's is not read for a user", r.stdout + r.stderr)


def main():
    need_root()
    kill_group_at_exit()
    home = tempfile.mkdtemp()
    wrong_files(home)
    printed(home)
    zoo = Zoo()
    kept(zoo, home)
    first_file(zoo, home)
    of_a_user(home)
    with_capabilities(home)
    shutil.rmtree(home)
    done()


main()
