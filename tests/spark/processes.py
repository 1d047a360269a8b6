"""What processes there are."""

import os
import signal
import time


def of(program):
    """The processes of a program, by the name of its file, wherever that lies."""
    return [pid for pid in _all() if os.path.basename(_exe(pid) or "") == os.path.basename(program)]


def places(program):
    """Where their files lie."""
    return {_exe(pid) for pid in of(program)}


def executors():
    """Those of Spark's executors that this process's driver has."""
    return [pid for pid in _all() if "CoarseGrainedExecutorBackend" in _command(pid) and _is_below(pid, os.getpid())]


def parent(pid):
    """Its parent; 0 where it is gone."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            return int(file.read().rpartition(")")[2].split()[1])
    except OSError:
        return 0


def kill(pid):
    os.kill(pid, signal.SIGKILL)


def all_gone(pids, seconds=10):
    """Whether these processes end within so many seconds."""
    until = time.monotonic() + seconds
    while any(_exe(pid) for pid in pids) and time.monotonic() < until:
        time.sleep(0.05)
    return not any(_exe(pid) for pid in pids)


def _all():
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def _exe(pid):
    try:
        return os.readlink(f"/proc/{pid}/exe")
    except OSError:
        return None


def _command(pid):
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            return file.read().replace(b"\0", b" ").decode("utf-8", "replace")
    except OSError:
        return ""


def _is_below(pid, above):
    while pid > 1 and pid != above:
        pid = parent(pid)
    return pid == above
