"""What the cases about logs share: a host's own files, who writes them and who holds them open."""
from caseplace import HERE, PYTHON, Broken

# The host's own /var/log, /srv and /etc; its first process takes them with it.
OWN_FILES = """
mount -t tmpfs tmpfs /mnt; mkdir /mnt/upper /mnt/work
mount -t overlay overlay -o lowerdir=/etc,upperdir=/mnt/upper,workdir=/mnt/work /etc
mount -t tmpfs tmpfs /var/log; mount -t tmpfs tmpfs /srv; mkdir /var/log/nginx /srv/web
"""


def step_of(document, name="logs"):
    return next(s for s in document["steps"] if s["step"] == name)


def lines_of(document):
    return [e["text"] for e in step_of(document)["evidence"]]


def keeps_writing(path, stamp, *lines):
    """A preparation: the lines come again and again, each with the present time. {} is the stamp."""
    def prepare(place):
        script = "".join(f"echo '{line}' | sed \"s|{{}}|$t|\" >>{path}; " for line in lines)
        start(place, f"while :; do t=$(LC_ALL=C date '+{stamp}'); {script} sleep 0.2; done")
    return prepare


def start(place, script):
    place.started.append(place.server.start("sh", "-c", script))


NGINX = "%Y/%m/%d %H:%M:%S"
ACCESS = "%d/%b/%Y:%H:%M:%S %z"
SYSLOG = "%b %e %H:%M:%S"


def holds(path, words, *preparations, program=PYTHON):
    """A preparation: the service itself holds that file open."""
    def prepare(place):
        service = place.server.start("sh", "-c", f"exec 9>>\"$1\"; exec \"$2\" {HERE}/service.py {words}",
                                     "sh", path, program)
        place.started.append(service)
        if service.stdout.readline() != b"ready\n":
            raise Broken("service: " + service.stderr.read().decode())
        for preparation in preparations:
            preparation(place)
    return prepare
