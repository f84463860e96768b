"""Each wall by itself, from inside: what a captured decoder would try is tried, in a process of its own."""

import subprocess
import sys

import pytest

from appliance.vision import sandbox

SETUP = """
import ctypes, errno, os, signal, socket, sys
from appliance.vision import sandbox
libc = ctypes.CDLL(None, use_errno=True)
mine = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT)
"""
TRIES = {
    "read a file": "os.open('/etc/passwd', os.O_RDONLY)",
    "write a file": "os.open(sys.argv[1] + '2', os.O_WRONLY | os.O_CREAT)",
    "open what is open again": "os.open(f'/proc/self/fd/{mine}', os.O_RDWR)",
    "list a folder": "os.listdir('/')",
    "make a socket": "socket.socket()",
    "make a local socket": "socket.socket(socket.AF_UNIX)",
    "start a process": "os.fork()",
    "start a program": "os.execv('/bin/true', ['true'])",
    "end a process": "os.kill(os.getppid(), 0)",
    "read another's memory": "assert libc.ptrace(16, os.getppid(), 0, 0) == 0, ctypes.get_errno()",
    "keep memory elsewhere": "os.memfd_create('x')",
    "outlive its parent": "assert libc.prctl(1, 0) == 0, ctypes.get_errno()",
    "leave its session": "os.setsid()",
    "remove a file": "os.unlink(sys.argv[1])",
    "make memory that can be run": "import mmap; mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_EXEC)",
}
ATTEMPT = """
try:
    {attempt}
except (OSError, AssertionError, ImportError) as error:
    number = error.errno if isinstance(error, OSError) else error.args[0]
    os.write(1, b'denied' if number in (errno.EPERM, errno.EACCES) else repr(error).encode())
else:
    os.write(1, b'allowed')
os._exit(0)
"""
FILTER = "import mmap, resource\nsandbox.Filter(sandbox.DECODING, may_fork=False).put_on()\n"
LANDLOCK = "assert sandbox.shut_files()\n"


def told(script: str, tmp_path: object) -> str:
    done = subprocess.run(
        [sys.executable, "-c", script, f"{tmp_path}/mine"], capture_output=True, text=True, check=False
    )
    return done.stdout + done.stderr


@pytest.mark.skipif(sandbox.filters() is None, reason="there is no libseccomp here")
@pytest.mark.parametrize("attempt", TRIES.values(), ids=TRIES.keys())
def test_the_list_of_system_calls_denies(attempt: str, tmp_path: object) -> None:
    assert told(SETUP + FILTER + ATTEMPT.format(attempt=attempt), tmp_path) == "denied"


@pytest.mark.skipif(
    sandbox._libc.syscall(sandbox._CREATE_RULESET, None, 0, 1) < 1, reason="this kernel has no Landlock"
)
@pytest.mark.parametrize(
    "what",
    ["read a file", "write a file", "open what is open again", "list a folder", "start a program", "remove a file"],
)
def test_landlock_alone_denies(what: str, tmp_path: object) -> None:
    assert told(SETUP + LANDLOCK + ATTEMPT.format(attempt=TRIES[what]), tmp_path) == "denied"


@pytest.mark.parametrize("what", ["read a file", "make a socket", "start a process", "keep memory elsewhere"])
def test_without_walls_the_same_is_allowed(what: str, tmp_path: object) -> None:
    assert "allowed" in told(SETUP + ATTEMPT.format(attempt=TRIES[what]), tmp_path)


@pytest.mark.skipif(sandbox.filters() is None, reason="there is no libseccomp here")
def test_threads_are_allowed_for_decoders_use_them(tmp_path: object) -> None:
    script = SETUP + FILTER + "import threading\nt = threading.Thread(target=os.write, args=(1, b'ran'))\n"
    assert (
        told(script.replace(FILTER, "import threading\n" + FILTER) + "t.start(); t.join(); os._exit(0)", tmp_path)
        == "ran"
    )
