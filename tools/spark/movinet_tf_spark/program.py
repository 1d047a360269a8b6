"""The program, as a process that stays: `movinet-tf classify -`."""

import collections
import contextlib
import ctypes
import os
import signal
import subprocess
import tempfile
import threading

from movinet_tf_spark.rows import Row

# So many of the last lines that it writes to its standard error are kept.
KEPT = 20
# So many clips that came as bytes are files at a time: one that is looked at, the one before, and what comes next.
FILES = 4
# So long it may take to end when there is nothing more to do.
PATIENCE = 10
# It answers this with one row that has no id: everything before it is answered.
LAST = b"{}\n"
PR_SET_PDEATHSIG = 1

_libc = ctypes.CDLL(None)


class Program:
    """A process that answers clips with rows. The thread that starts it must stay until it is gone."""

    def __init__(self, command, folder, temporary):
        """Starts `command` in `folder`, where there is such a folder; clips that are bytes become files in `temporary`."""
        parent = os.getpid()

        def die_with_parent():
            # Spark kills Python by SIGKILL. The program would end by itself when nobody writes to it, but not before it
            # is done with the clip that it looks at.
            _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
            if os.getppid() != parent:
                os._exit(1)

        folder = folder if folder and os.path.isdir(folder) else None
        try:
            self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                             cwd=folder, preexec_fn=die_with_parent)
        except OSError as error:
            raise RuntimeError(f"cannot start '{command[0]}' on this node: {error.strerror}; it is to be on PATH, named by its "
                               "path, or distributed with the job") from error
        self._temporary = temporary
        self._is_asked = False
        self._said = collections.deque(maxlen=KEPT)
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def is_free(self):
        """Whether it can be asked: it is there, and all that it was asked was answered."""
        return not self._is_asked and self._process.poll() is None

    def answers(self, clips):
        """The rows of each of `clips`, a list, in its order, with the clip's number in it. If not all are taken, the process
        is ended: nobody would know what its next answer is to."""
        feeding = _Feeding(self._process.stdin, clips, self._temporary)
        self._is_asked = True
        answered = -1
        try:
            while True:
                line = self._process.stdout.readline()
                if not line.endswith(b"\n"):
                    raise RuntimeError(feeding.error or self._how_it_ended()) from feeding.error
                row = Row(line)
                number = answered + 1 if row.number is None else row.number
                if number > answered:
                    feeding.is_done_with(answered)
                    answered = number
                if number == len(clips):
                    self._is_asked = False
                    break
                yield number, row.belongs_to(clips[number], feeding.files.get(number))
        except BaseException:
            self.end()
            raise
        finally:
            feeding.end()

    def end(self):
        """Ends it, whatever it does."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(OSError):
                pipe.close()

    def _listen(self):
        for line in self._process.stderr:
            self._said.append(line.decode("utf-8", "replace").rstrip())

    def _how_it_ended(self):
        try:
            code = self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            code = self._process.wait()
        self._listener.join(PATIENCE)
        how = f"exit code {code}" if code >= 0 else f"signal {-code}"
        return "\n".join([f"movinet-tf ended by {how}; the last that it said:", *self._said])


class _Feeding:
    """Asks for clips in a thread of its own, so that neither side waits for the other with its pipe full."""

    def __init__(self, pipe, clips, temporary):
        self.error = None
        # The files that clips are, by their numbers.
        self.files = {}
        self._pipe, self._clips, self._temporary = pipe, clips, temporary
        self._room = threading.Semaphore(FILES)
        self._ended = False
        self._thread = threading.Thread(target=self._feed, daemon=True)
        self._thread.start()

    def is_done_with(self, number):
        """Nothing more is said of the clip of this number."""
        path = self.files.pop(number, None)
        if path:
            os.unlink(path)
            self._room.release()

    def end(self):
        self._ended = True
        self._room.release()
        self._thread.join(PATIENCE)
        for number in list(self.files):
            self.is_done_with(number)

    def _feed(self):
        try:
            for number, clip in enumerate(self._clips):
                if clip.content is not None:
                    self._room.acquire()
                    if self._ended:
                        return
                    self._write(number, clip)
                self._pipe.write(clip.line(number))
                self._pipe.flush()
            self._pipe.write(LAST)
            self._pipe.flush()
        except BrokenPipeError:
            pass  # who reads the answers is told
        except Exception as error:
            self.error = error
            with contextlib.suppress(OSError):
                self._pipe.close()

    def _write(self, number, clip):
        """Makes the clip's bytes a file with the ending of its name, which may say what it is."""
        ending = os.path.splitext(clip.path)[1]
        ending = ending if ending[1:].isalnum() and ending.isascii() and len(ending) < 16 else ""
        file, path = tempfile.mkstemp(ending, "clip-", self._temporary)
        clip.asked["path"] = self.files[number] = path
        with open(file, "wb") as file:
            file.write(clip.content)
