"""Cases of diagnose: why nobody serves the port, as the service's log, systemd and the sockets tell it.

The services that fail are real ones with their real lines. systemd does not run in a namespace, and
its journal is the machine's own: what systemctl and journalctl would print there is printed by
stand-ins at their places. SELinux and AppArmor are not to be had here: their denial is such a line.
"""
import json

from casejudge import is_in_state
from caselib import Case, fault, healthy
from caselogs import OWN_FILES, lines_of
from caseplace import PYTHON

SYSTEMD = """
mkdir -p /run/systemd /run/log
mount -t tmpfs tmpfs /run/systemd; mount -t tmpfs tmpfs /run/log
"""
PROGRAM = """
printf '#!/bin/sh\\n%s\\n' '{script}' >/srv/{name}; chmod 755 /srv/{name}
mount --bind /srv/{name} /usr/bin/{name}
"""


def nginx(listen, user="", log="/var/log/nginx/error.log"):
    """Server script: the real nginx tries to take that port, once, and ends."""
    as_user = f"setpriv --reuid={user} --regid={user} --clear-groups " if user else ""
    return ("chmod 777 /var/log/nginx /srv\n"
            "cat >/srv/nginx.conf <<'EOF'\n"
            f"daemon off; pid /srv/nginx.pid; error_log {log} notice;\nevents {{ }}\n"
            f"http {{ access_log off; client_body_temp_path /srv/b; proxy_temp_path /srv/p; fastcgi_temp_path /srv/f; "
            f"uwsgi_temp_path /srv/u; scgi_temp_path /srv/s; server {{ listen {listen}; }} }}\nEOF\n"
            f"{as_user}nginx -c /srv/nginx.conf 2>/srv/said || true\n")


def tries_nginx(*words, **more):
    """A preparation: it tries when the holder of the port is there already."""
    def prepare(place):
        place.server.shell(nginx(*words, **more))
    return prepare


def says_nginx(line, path="/var/log/nginx/error.log", stamp="%Y/%m/%d %H:%M:%S", when="now"):
    return lambda place: place.server.shell(f"echo \"$(LC_ALL=C date -d '{when}' '+{stamp}') {line}\" >>{path}")


def units(*states):
    """Server script: systemd runs, and its systemctl prints these. (unit, active, sub, result)"""
    web = "Listen=0.0.0.0:443 (Stream)\nTriggers=web.service\n"
    text = "\n\n".join(
        (web if unit == "web.socket" else "") + f"Id={unit}\nActiveState={active}\nSubState={sub}\nResult={result}\n"
        "NRestarts=5\nExecMainCode=1\nExecMainStatus=1" for unit, active, sub, result in states)
    return (SYSTEMD + f"mkdir -p /run/systemd/system\ncat >/srv/units <<'EOF'\n{text}\nEOF\n" +
            PROGRAM.format(name="systemctl", script="exec cat /srv/units"))


def journal(*rows):
    """Server script: a journal whose lines are of the moment in which it is asked."""
    text = "\n".join(json.dumps(dict(row, __REALTIME_TIMESTAMP="NOW000000")) for row in rows)
    return (SYSTEMD + "mkdir -p /run/log/journal\n" + f"cat >/srv/journal <<'EOF'\n{text}\nEOF\n" +
            PROGRAM.format(name="journalctl", script='exec sed "s/NOW/$(date +%s)/" /srv/journal'))


def socket_unit(port):
    return (f"mkdir -p /run/systemd/system\nprintf '[Socket]\\nListenStream={port}\\n' "
            ">/run/systemd/system/web.socket\n")


def systemd_listens(place):
    """A program of that name holds the port, and starts nobody for those who wait."""
    place.server.shell("cp /usr/bin/python3 /srv/systemd")
    script = ("import socket, time; s = socket.socket(); "
              "s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1); s.bind(('0.0.0.0', 443)); s.listen(64); "
              "print('ready', flush=True); time.sleep(600)")
    holder = place.server.start("/srv/systemd", "-c", script)
    place.started.append(holder)
    holder.stdout.readline()


def goes_out_from(port, wanted=""):
    """A preparation: an outgoing connection of this host has the port as its own end; then nginx wants its own."""
    def prepare(place):
        script = ("import socket, time; l = socket.socket(); l.bind(('10.0.0.1', 5000)); l.listen(); "
                  f"s = socket.socket(); s.bind(('10.0.0.1', {port})); s.connect(('10.0.0.1', 5000)); "
                  "print('ready', flush=True); time.sleep(600)")
        holder = place.server.start(PYTHON, "-c", script)
        place.started.append(holder)
        holder.stdout.readline()
        if wanted:
            place.server.shell(nginx(wanted))
    return prepare


def advises(*words):
    def look(seen):
        said = json.dumps(seen.document["next"])
        yield from (f"no next step says {w!r}: {said}" for w in words if w not in said)
    return look


def quotes(*words):
    """The cause's own lines stand in the server's step or in that of the logs."""
    def look(seen):
        said = json.dumps(seen.document["steps"])
        yield from (f"nothing quotes {w!r}" for w in words if w not in said)
    return look


def log_step_is(state, *words):
    def look(seen):
        step = next(s for s in seen.document["steps"] if s["step"] == "logs")
        if not is_in_state(step, state):
            yield f"the logs' step is {step['state']}: {step['summary']}"
        yield from (f"no line has {w!r}: {lines_of(seen.document)}" for w in words
                    if not any(w in line for line in lines_of(seen.document)))
    return look


IN_USE = "[emerg] 12#12: bind() to 0.0.0.0:443 failed (98: Address already in use)"
LOOPBACK = ("443 --address 127.0.0.1",)
NOBODY = fault("server.not-listening", "server")
ON_LOOPBACK = fault("server.loopback-only", "server")
FAILED = {"_TRANSPORT": "journal", "_PID": "1", "_UID": "0", "_SYSTEMD_UNIT": "init.scope", "_COMM": "systemd",
          "SYSLOG_IDENTIFIER": "systemd", "PRIORITY": "4"}
AVC = {"_TRANSPORT": "audit", "MESSAGE": "AVC avc:  denied  { name_bind } for  pid=7 comm=\"nginx\" src=443 "
       "scontext=system_u:system_r:httpd_t:s0 tcontext=system_u:object_r:x_t:s0 tclass=tcp_socket permissive=0"}


def refused(name, expect, server="", port=443, **more):
    return Case(name, "refused", expect, server=OWN_FILES + server, ask=f"{port}/tcp --from 10.0.0.2",
                client=f"10.0.0.1 {port}", services=more.pop("services", ()), **more)


CASES = [
    refused("nginx could not take its port: another program has it on loopback",
            fault("server.address-in-use", "server", "likely", states={"logs": "fail"}), services=LOOPBACK,
            prepare=tries_nginx("443"), look=quotes("Address already in use")),
    refused("another program has it on loopback, and nginx failed at another port", ON_LOOPBACK,
            services=("443 --address 127.0.0.1", "8443 --address 127.0.0.1"), prepare=tries_nginx("8443")),
    refused("another program has it on loopback, and somebody logs that nginx could not take it", ON_LOOPBACK,
            services=LOOPBACK, look=log_step_is("warn"),
            prepare=says_nginx(f"web nginx: {IN_USE}", "/var/log/syslog", "%b %e %H:%M:%S")),
    refused("another program has it on loopback since nginx failed", ON_LOOPBACK,
            prepare=lambda place: (says_nginx(IN_USE, when="5 minutes ago")(place), place.serve(*LOOPBACK))),
    refused("another program has it on loopback, and nginx failed two days ago", ON_LOOPBACK, services=LOOPBACK,
            prepare=says_nginx(IN_USE, when="2 days ago"), look=log_step_is("pass")),
    refused("an outgoing connection has the port of nginx",
            fault("server.address-in-use", "server", "likely", says="as its source port"), port=40080,
            prepare=goes_out_from(40080, "40080"), look=advises("ip_local_reserved_ports", "ss -tanpe")),
    refused("an outgoing connection has another port than that of nginx", NOBODY, port=40080,
            prepare=goes_out_from(40081, "40081")),
    refused("an outgoing connection has the port, and nobody wanted it", NOBODY, port=40080,
            prepare=goes_out_from(40080)),
    refused("nginx without rights wants a low port", fault("server.privileged-port", "server", "likely"),
            nginx("443", user="65534"), look=advises("CAP_NET_BIND_SERVICE")),
    refused("nginx without rights wanted a low port that is free to all by now", NOBODY,
            nginx("443", user="65534") + "echo 80 >/proc/sys/net/ipv4/ip_unprivileged_port_start"),
    refused("nginx without rights wants another low port", NOBODY, nginx("444", user="65534")),
    refused("nginx is denied its port by SELinux", fault("server.bind-denied", "server", says="SELinux"),
            nginx("443", user="65534") + journal(AVC), look=advises("semanage port")),
    refused("nginx without rights, and SELinux denied another port", fault("server.privileged-port", "server"),
            nginx("443", user="65534") + journal(dict(AVC, MESSAGE=AVC["MESSAGE"].replace("=443", "=8443")))),
    refused("nobody listens, and a program writes the words of SELinux", NOBODY,
            journal(dict(AVC, _TRANSPORT="syslog", _UID="1000", SYSLOG_IDENTIFIER="kernel"))),
    refused("nobody listens, and SELinux would have denied it", NOBODY,
            journal(dict(AVC, MESSAGE=AVC["MESSAGE"].replace("permissive=0", "permissive=1")))),
    refused("nginx wants an address that is not here", fault("server.address-absent", "server", "likely"),
            nginx("10.0.0.77:443"), look=advises("network-online.target", "10.0.0.77")),
    refused("nginx wanted an address that came later", fault("server.address-absent", "server", "likely",
                                                             says="was not here yet"),
            nginx("10.0.0.77:443") + "ip address add 10.0.0.77/24 dev eth0"),
    refused("nginx wants an absent address at another port", NOBODY, nginx("10.0.0.77:8443")),

    refused("the unit of the port's service failed", fault("server.service-failed", "server", "likely"),
            units(("ssh.service", "failed", "failed", "exit-code")), port=22,
            look=advises("sshd -t", "journalctl -u ssh.service")),
    refused("the unit of another service failed", NOBODY,
            units(("nginx.service", "failed", "failed", "exit-code"),
                  ("ssh.service", "inactive", "dead", "success")), port=22),
    refused("the one web server of the host starts again and again", fault("server.service-failed", "server"),
            units(("nginx.service", "activating", "auto-restart", "exit-code"))),
    refused("one of two web servers failed", NOBODY,
            units(("apache2.service", "active", "running", "success"),
                  ("nginx.service", "failed", "failed", "exit-code"))),
    refused("the journal tells that the service failed", fault("server.service-failed", "server"),
            journal(dict(FAILED, UNIT="ssh.service", MESSAGE="ssh.service: Failed with result 'exit-code'.")),
            port=22),
    refused("the journal has what a user wrote in systemd's words", NOBODY,
            journal(dict(FAILED, _PID="812", _UID="1000", _SYSTEMD_UNIT="session-1.scope", UNIT="ssh.service",
                         MESSAGE="ssh.service: Failed with result 'exit-code'.")), port=22),
    refused("systemd has given up a socket unit", fault("server.activation-stuck", "server", "proven"),
            units(("web.service", "failed", "failed", "exit-code"),
                  ("web.socket", "failed", "failed", "service-start-limit-hit")),
            look=advises("systemctl restart web.socket")),
    refused("a socket unit was stopped", NOBODY,
            units(("web.service", "inactive", "dead", "success"),
                  ("web.socket", "inactive", "dead", "success"))),

    Case("systemd holds the port and its service fails", "silent",
         fault("server.activation-stuck", "server", "proven"), services=(), settle=1,
         server=OWN_FILES + units(("web.service", "failed", "failed", "exit-code")) + socket_unit(443),
         prepare=systemd_listens),
    Case("systemd holds the port, its service is up and hangs", "silent",
         fault({"server.not-accepting"}, "server"), services=(), settle=1,
         server=OWN_FILES + units(("web.service", "active", "running", "success")) + socket_unit(443),
         prepare=systemd_listens),
    Case("a service answers, and nginx that wanted the port is down", "answered",
         fault("server.unexpected-owner", "server", "likely"), prepare=tries_nginx("443"),
         server=OWN_FILES + units(("nginx.service", "failed", "failed", "exit-code"))),
    Case("a service answers, and somebody logs that nginx wanted the port", "answered", healthy(),
         server=OWN_FILES + units(("nginx.service", "failed", "failed", "exit-code")),
         prepare=says_nginx(f"web nginx: {IN_USE}", "/var/log/syslog", "%b %e %H:%M:%S")),
    Case("a service answers, and another port's service failed", "answered", healthy(),
         server=OWN_FILES + units(("ssh.service", "failed", "failed", "exit-code"))),
]
