#!/usr/bin/env python3
"""Runs a program and writes down which of its functions are called, in the order of their first call.

usage: functions-used.py FILE PROGRAM [ARGUMENT...]

Each function begins with a breakpoint, which its first call removes, so that the program is hardly
slower than without. Linux on x86-64; the program must have its symbols.
"""

import ctypes
import os
import signal
import subprocess
import sys

# <linux/ptrace.h>
TRACEME, PEEKUSER, POKEUSER, CONT, SETOPTIONS = 0, 3, 6, 7, 0x4200
EXIT_WITH_TRACER, TRACE_CLONE = 0x100000, 0x8
INSTRUCTION_POINTER = 16 * 8  # in `struct user`
ALL_THREADS = 0x40000000  # __WALL
BREAKPOINT = b"\xcc"

libc = ctypes.CDLL(None, use_errno=True)
libc.ptrace.argtypes = [ctypes.c_long] * 4
libc.ptrace.restype = ctypes.c_long


def functions_of(program):
    """The names of the functions by their addresses in the file; several can have one."""
    names = {}
    listing = subprocess.run(["nm", "--defined-only", program], check=True, capture_output=True, text=True)
    for line in listing.stdout.splitlines():
        address, kind, name = line.split(" ", 2)
        if kind in "tT":
            names.setdefault(int(address, 16), []).append(name)
    return names


def start(command):
    """Starts the program, stopped before its first instruction."""
    process = os.fork()
    if process == 0:
        libc.ptrace(TRACEME, 0, 0, 0)
        os.execv(command[0], command)
    os.waitpid(process, 0)
    libc.ptrace(SETOPTIONS, process, 0, EXIT_WITH_TRACER | TRACE_CLONE)
    return process


def place_of(process, program):
    """Where the program's file begins in memory."""
    with open(f"/proc/{process}/maps", encoding="utf-8") as maps:
        return min(int(line.split("-")[0], 16) for line in maps if line.rstrip().endswith(program))


def calls(process, place, addresses):
    """Lets the program run to its end; the addresses of the functions that it calls, once each."""
    memory = os.open(f"/proc/{process}/mem", os.O_RDWR)
    covered = {}
    for address in addresses:
        covered[address] = os.pread(memory, 1, place + address)
        os.pwrite(memory, BREAKPOINT, place + address)
    called = set()
    thread, status = process, None
    while True:
        if status is None or os.WIFSTOPPED(status):
            passed_on = os.WSTOPSIG(status) if status is not None else 0
            if passed_on == signal.SIGTRAP and status >> 16 == 0:
                address = libc.ptrace(PEEKUSER, thread, INSTRUCTION_POINTER, 0) - 1 - place
                # Another thread may have been stopped there just before.
                if address in covered:
                    os.pwrite(memory, covered[address], place + address)
                    libc.ptrace(POKEUSER, thread, INSTRUCTION_POINTER, place + address)
                    if address not in called:
                        called.add(address)
                        yield address
            if passed_on in (signal.SIGTRAP, signal.SIGSTOP):
                passed_on = 0
            libc.ptrace(CONT, thread, 0, passed_on)
        elif thread == process:
            return
        thread, status = os.waitpid(-1, ALL_THREADS)


def main():
    result, command = sys.argv[1], sys.argv[2:]
    program = command[0] = os.path.realpath(command[0])
    names = functions_of(program)
    process = start(command)
    # Whoever ends this ends the program, and has what it called until then.
    signal.signal(signal.SIGTERM, lambda *_: os.kill(process, signal.SIGTERM))
    with open(result, "w", encoding="utf-8") as file:
        for address in calls(process, place_of(process, program), names):
            file.writelines(f"{name}\n" for name in names[address])


main()
