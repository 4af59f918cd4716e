"""What a process of ours asks of the operating system, in processes of their own."""

import platform
import subprocess
import sys

import pytest

from tests.command_line import ROOT

pytestmark = pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="heaps are glibc's, ranks of threads Linux's")

HEAPS = """
import ctypes, os, threading
from bot.cli import main
{begin}
all_at_once = threading.Barrier(8)
def work():
    block = b"x" * 100_000
    all_at_once.wait()
    bytearray(block)
    all_at_once.wait()
threads = [threading.Thread(target=work) for _ in range(8)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
c = ctypes.CDLL(None)
c.fdopen.restype = ctypes.c_void_p
memory = os.memfd_create("heaps")
file = ctypes.c_void_p(c.fdopen(os.dup(memory), b"w"))
c.malloc_info(0, file)
c.fclose(file)
print(os.pread(memory, 1 << 20, 0).count(b"<heap nr="))
"""

RANKS = """
import os, threading
from bot.process import give_way
def rank():
    return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
seen = []
def inner():
    seen.append(rank())
def work():
    give_way()
    thread = threading.Thread(target=inner)
    thread.start()
    thread.join()
    seen.append(rank())
before = rank()
thread = threading.Thread(target=work)
thread.start()
thread.join()
print([each - before for each in (*seen, rank())])
"""

LOST = """
import os, signal, time, weakref
from bot.process import end_in_order
end_in_order()
class Thing: pass
thing = Thing()
def gone(_):
    os.kill(os.getpid(), signal.SIGTERM)  # raised here, where nobody can catch it
kept = weakref.ref(thing, gone)
try:
    del thing
    time.sleep({most})
except KeyboardInterrupt:
    print("ended in order")
"""
SECONDS = 60


def printed(program: str) -> str:
    ran = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    return ran.stdout.splitlines()[-1]


def test_a_command_has_two_heaps_however_many_threads_it_starts() -> None:
    begin = "import contextlib\nwith contextlib.suppress(SystemExit):\n    main(['--help'])"
    assert int(printed(HEAPS.format(begin=begin))) == 2
    assert int(printed(HEAPS.format(begin=""))) > 2


def test_who_gives_way_takes_its_threads_along_and_nobody_else() -> None:
    assert printed(RANKS) == "[10, 10, 0]"


def test_an_end_that_falls_where_python_drops_it_comes_again() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", LOST.format(most=SECONDS)], cwd=ROOT, capture_output=True, text=True, timeout=SECONDS
    )
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "ended in order\n", "")
