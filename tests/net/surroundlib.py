"""A client that a rule drops, a service beside it, and dport in surroundings that lack something or hang."""
import json
import os
import shutil
import subprocess
import time

from caseplace import Broken, Place
from taplib import DPORT

NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
DROP = ("table inet f { chain input { type filter hook input priority filter; policy accept;\n"
        "ip saddr 10.0.0.2 tcp dport 443 counter drop\n} }")
DROPPED = "diagnose 443 --from 10.0.0.2 --json"
# Silent, so that nothing is proven and everything is asked.
UNSEEN = "diagnose 443 --from 10.0.0.9 --json --wait 2"
TMP = os.environ.get("TMPDIR", "/tmp")
SLOW = 3 if os.path.basename(os.path.dirname(DPORT)) == "asan" else 1
HUNG_S = 40


def dropped():
    """The program is where nobody else may start it, too."""
    place = Place()
    try:
        place.serve("443")
        place.server.nft(DROP)
        place.call("10.0.0.1 443 --every 0.3")
        place.program = os.path.join(TMP, "dport-for-nobody")
        shutil.copy(DPORT, place.program)
        os.chmod(place.program, 0o755)
    except BaseException:
        place.close()
        raise
    return place


def at(place, words, around=(), before=""):
    """Runs dport on the server: under a shell script that comes first, and commands around it."""
    prefix = ["nsenter", "-t", str(place.server.pid), "-n", "-m", "-u", "-p"]
    if before:
        prefix += ["unshare", "--mount", "sh", "-ec", before + '\nexec "$@"', "sh"]
    began = time.monotonic()
    got = subprocess.run(prefix + list(around) + [place.program] + words.split(), stdin=subprocess.DEVNULL,
                         capture_output=True, timeout=HUNG_S * SLOW, check=False)
    got.seconds = time.monotonic() - began
    return got


def document(got):
    try:
        d = json.loads(got.stdout)
    except ValueError:
        raise Broken(f"no document, exit code {got.returncode}: {got.stderr.decode()}") from None
    d["exit"], d["seconds"] = got.returncode, got.seconds
    d["state"] = {step["step"]: step["state"] for step in d["steps"]}
    return d


def grant_of(d, source, reason=""):
    """What would help against that gap: "" for nothing, None where there is no such gap."""
    for m in d["missing"]:
        if m["source"] == source and reason in m["reason"]:
            return m["grant"] or ""
    return None


def says(d):
    """What a failing line shows."""
    return {k: d[k] for k in ("exit", "seconds", "verdict", "cause", "certainty", "summary", "state", "missing")}
