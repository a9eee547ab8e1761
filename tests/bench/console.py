"""The console beside htop and top on one host: 1,000 listeners, 100,000 connected sockets. First frame, bytes and processor
time of a refresh on which nothing is pressed, memory of all processes, and from a key to what it changes. All look once
a second. A look is several processes with us (what draws has no rights, what reads has them, the capture stands apart),
each of which is woken for it, where htop is one. top answers Down only at its next look."""
import os
import select
import shutil
import statistics
import time

SETTLE_S, WATCH_S, ROUNDS, KEYS = 20, 20, 5, 25
DOWN, UP = b"\x1b[B", b"\x1b[A"


def peers(dport):
    """Name, command, what its first frame has, keys in turn. All look once in a second."""
    known = [("dport", [dport], b"PORT"), ("htop", ["htop", "-d", "10"], b"PID"), ("top", ["top", "-d", "1"], b"PID")]
    return [one for one in known if shutil.which(one[1][0])]


def drain(screen, quiet_s, limit_s=2):
    """Until nothing came for a while."""
    end = time.perf_counter() + limit_s
    while time.perf_counter() < end and select.select([screen.fd], [], [], quiet_s)[0]:
        os.read(screen.fd, 65536)


def key_to_screen(screen):
    """Median of the seconds from a key to the first byte that answers it."""
    times = []
    for i in range(KEYS):
        drain(screen, 0.15)
        began = time.perf_counter()
        os.write(screen.fd, DOWN if i < KEYS // 2 else UP)
        if select.select([screen.fd], [], [], 2)[0]:
            times.append(time.perf_counter() - began)
    return statistics.median(times) if times else float("inf")


def lines_of(path):
    try:
        with open(path, encoding="ascii", errors="replace") as f:
            return f.read().splitlines()
    except OSError:
        return []


def pss_kib(screen):
    return sum(int(line.split()[1]) for pid in screen.family() for line in lines_of(f"/proc/{pid}/smaps_rollup")
               if line.startswith("Pss:"))


def wakeups(screen):
    """How often its processes slept and were woken."""
    return sum(int(line.split()[1]) for pid in screen.family() for line in lines_of(f"/proc/{pid}/status")
               if line.startswith("voluntary_ctxt_switches"))


def watch(make_screen, command):
    screen = make_screen(command)
    screen.read(SETTLE_S)
    cpu, woken = screen.cpu_s(), wakeups(screen)
    began = time.perf_counter()
    data, _ = screen.read(WATCH_S)
    seconds = time.perf_counter() - began
    found = {"bytes a refresh": len(data) / WATCH_S, "processor share, %": 100 * (screen.cpu_s() - cpu) / seconds,
             "wakeups a second": (wakeups(screen) - woken) / seconds, "memory (PSS), MiB": pss_kib(screen) / 1024,
             "key to screen, ms": 1e3 * key_to_screen(screen)}
    screen.close()
    return found


def first_frame_ms(make_screen, command, pattern):
    times = []
    for _ in range(ROUNDS):
        screen = make_screen(command)
        _, seconds = screen.read(10, until=pattern)
        times.append(seconds or 10)
        screen.close()
    return 1e3 * statistics.median(times)


def measured(make_screen, prefix, peer):
    _, command, pattern = peer
    return {"first frame, ms": first_frame_ms(make_screen, prefix + command, pattern), **watch(make_screen, prefix + command)}


AIMS = (("first frame, ms", "htop", 0.2), ("key to screen, ms", "htop", 1), ("bytes a refresh", "htop", 1),
        ("processor share, %", "htop", 1), ("wakeups a second", "htop", None), ("memory (PSS), MiB", "htop", None))


def bench_console(dport, load, make_screen, row):
    """row: tests/bench/run's. What has no aim is told beside the others."""
    everyone = {peer[0]: measured(make_screen, load.prefix, peer) for peer in peers(dport)}
    ours = everyone["dport"]
    for name, other, aim in AIMS:
        for peer in ("htop", "top"):
            if peer not in everyone:
                continue
            value = ours[name] / everyone[peer][name] if everyone[peer][name] else float("inf")
            is_aimed = aim is not None and peer == other
            row(f"{name}: dport / {peer}", f"{value:.3f}", f"<= {aim:g}" if is_aimed else "none",
                not is_aimed or value <= aim, f"({ours[name]:.2f} / {everyone[peer][name]:.2f})")
    row("first frame of the console, ms", f"{ours['first frame, ms']:.1f}", "< 15", ours["first frame, ms"] < 15)
    row("its processor share of one core, %", f"{ours['processor share, %']:.3f}", "<= 1", ours["processor share, %"] <= 1)
    row("its bytes a refresh", f"{ours['bytes a refresh']:.1f}", "<= 64", ours["bytes a refresh"] <= 64)
    row("its wakeups a second, all processes", f"{ours['wakeups a second']:.2f}", "<= 2", ours["wakeups a second"] <= 2)
