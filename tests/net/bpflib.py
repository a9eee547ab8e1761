"""Small programs for the kernel's hooks, loaded by bpf(2) itself: no compiler, no loader, nothing that stays.

What is attached by a link goes when the process that holds it ends; what is attached to a control group by
attach() goes with detach() or with the group.
"""
import ctypes
import os
import platform
import struct

CALLS = {"x86_64": 321, "aarch64": 280}
PROG_LOAD, PROG_ATTACH, PROG_DETACH, LINK_CREATE = 5, 8, 9, 28
SCHED_CLS, XDP, CGROUP_SKB = 3, 6, 8
CGROUP_INGRESS, CGROUP_EGRESS, ON_XDP, TCX_INGRESS, TCX_EGRESS = 0, 1, 37, 46, 47
DROPS = {XDP: 1, SCHED_CLS: 2, CGROUP_SKB: 0}
PASSES = {XDP: 2, SCHED_CLS: -1, CGROUP_SKB: 1}
libc = ctypes.CDLL(None, use_errno=True)


def call(command, attributes):
    """bpf(2). Raises OSError."""
    room = ctypes.create_string_buffer(attributes.ljust(120, b"\0"), 120)
    got = libc.syscall(CALLS[platform.machine()], command, room, 120)
    if got < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return got


def insn(code, dst=0, src=0, offset=0, number=0):
    return struct.pack("<BBhi", code, src << 4 | dst, offset, number)


def always(verdict):
    return [insn(0xb7, 0, number=verdict), insn(0x95)]


def tcp_over_ipv4(verdict, otherwise):
    """Of a program with a frame before it (XDP): the verdict for IPv4 TCP to any port, else the other one."""
    return [
        insn(0xb7, 0, number=otherwise),  # r0 = otherwise
        insn(0x61, 2, 1, 0), insn(0x61, 3, 1, 4),  # r2 = data, r3 = data_end
        insn(0xbf, 4, 2), insn(0x07, 4, number=34),  # r4 = r2 + 34
        insn(0x2d, 4, 3, 5),  # shorter: out
        insn(0x69, 5, 2, 12), insn(0x55, 5, 0, 3, 0x0008),  # r5 = type of frame, not IPv4: out
        insn(0x71, 5, 2, 23), insn(0x55, 5, 0, 1, 6),  # r5 = protocol, not TCP: out
        insn(0xb7, 0, number=verdict),
        insn(0x95)]


def tcp_data(verdict, otherwise):
    """Of a program of tc: the verdict for IPv4 TCP without options of IP whose PSH is set, what is said behind a
    handshake, else the other one."""
    return [
        insn(0xb7, 0, number=otherwise),
        insn(0x61, 2, 1, 76), insn(0x61, 3, 1, 80),  # r2 = data, r3 = data_end of struct __sk_buff
        insn(0xbf, 4, 2), insn(0x07, 4, number=54),
        insn(0x2d, 4, 3, 6),  # shorter: out
        insn(0x71, 5, 2, 23), insn(0x55, 5, 0, 4, 6),  # r5 = protocol, not TCP: out
        insn(0x71, 5, 2, 47), insn(0x57, 5, number=8), insn(0x15, 5, 0, 1, 0),  # r5 = flags & PSH, none: out
        insn(0xb7, 0, number=verdict),
        insn(0x95)]


def load(kind, code, name="dport_test", expected=0):
    """The descriptor of a loaded program."""
    text = ctypes.create_string_buffer(b"".join(code))
    licence = ctypes.create_string_buffer(b"MIT")
    log = ctypes.create_string_buffer(65536)
    try:
        return call(PROG_LOAD, struct.pack("<IIQQIIQII16sII", kind, len(code), ctypes.addressof(text),
                                           ctypes.addressof(licence), 1, len(log), ctypes.addressof(log), 0, 0,
                                           name.encode(), 0, expected))
    except OSError as e:
        raise OSError(e.errno, e.strerror + ": " + log.value.decode()) from e


def link(program, target, where):
    """Attached until the descriptor that is returned is closed. target: an interface's number."""
    return call(LINK_CREATE, struct.pack("<IIII", program, target, where, 0))


def attach(program, directory, where, flags=2):
    """To a control group, beside others (BPF_F_ALLOW_MULTI)."""
    call(PROG_ATTACH, struct.pack("<IIII", directory, program, where, flags))


def detach(program, directory, where):
    call(PROG_DETACH, struct.pack("<IIII", directory, program, where, 0))
