"""Where a package is tried: a system of its own, or a folder with an emptied environment.

In a system of its own each command has its own mounts and processes (``unshare``), runs as an
ordinary user, and sees no network unless it is to install something.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from installers.trial.clean_root import USER, system_name
from installers.trial.outcome import Finished

LEFT = "__left__"
SOCKETS = Path(tempfile.gettempdir()) / ".X11-unix"
"""Where X servers listen."""

_LEFT_OUT = re.compile(r"python|^pip|conda|gcc|g\+\+|^cc|^c\+\+|tlmri")

_ENTER = """
set -e
root=$1 ids=$2 sockets=$3 offline=$4
shift 4
mount --make-rprivate /
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
mount --rbind /sys "$root/sys"
if [ -d "$sockets" ]; then
  mkdir -p "$root$sockets"
  mount --bind "$sockets" "$root$sockets"
fi
if [ "$offline" = yes ]; then ip link set lo up; fi
exec chroot --userspec="$ids" --groups= "$root" env -i "$@"
"""

_GUARD = f"""
cd "$HOME" || exit 97
unset OLDPWD
"$@"
code=$?
for attempt in 1 2 3 4 5 6 7 8 9 10; do
  left=
  for status in /proc/[0-9]*/status; do
    [ "$status" = /proc/1/status ] && continue
    name= state=
    {{ while read -r key value rest; do
      case $key in Name:) name=$value ;; State:) state=$value ;; esac
    done < "$status"; }} 2>/dev/null
    case $state in Z|X|'') ;; *) left="$left $name" ;; esac
  done
  [ -z "$left" ] && break
  sleep 0.3
done
[ -z "$left" ] || echo "{LEFT}$left"
exit $code
"""
"""The first process of the place: it runs the command, then looks for what the command left."""


class Place(Protocol):
    """Somewhere to run the commands of a trial."""

    @property
    def description(self) -> str:
        """What a reader of the transcript wants to know of it."""
        ...

    @property
    def home(self) -> Path:
        """The user's home, working folder of every command, as seen from outside."""
        ...

    def command(
        self,
        words: Sequence[str],
        environment: Mapping[str, str],
        as_root: bool = False,
        network: bool = False,
    ) -> list[str]:
        """The command line that runs ``words`` in the place."""
        ...


@dataclass(frozen=True)
class CleanSystem:
    """A minimal system in ``root`` that this process may enter (it must be root)."""

    root: Path

    @property
    def description(self) -> str:
        """What a reader of the transcript wants to know of it."""
        alone = ", without network but while installing" * self.can_be_alone
        return (
            f"a minimal {system_name(self.root)} in a folder of its own, entered by chroot, as an "
            f"ordinary user{alone}"
        )

    @property
    def can_be_alone(self) -> bool:
        """Whether this machine can start what has no network but itself."""
        return shutil.which("ip") is not None

    @property
    def home(self) -> Path:
        """Home of the user."""
        return self.root / self._user()[5].lstrip("/")

    def command(
        self,
        words: Sequence[str],
        environment: Mapping[str, str],
        as_root: bool = False,
        network: bool = False,
    ) -> list[str]:
        """See :meth:`Place.command`; the administrator's home is the top of the system."""
        _, _, uid, gid, _, home, _ = self._user()
        ids, home = ("0:0", "/") if as_root else (f"{uid}:{gid}", home)
        path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        given = {"HOME": home, "PATH": path, "LANG": "C.UTF-8", **environment}
        offline = self.can_be_alone and not network
        separate = ["--mount", "--pid", "--fork", "--kill-child", *(["--net"] if offline else [])]
        enter = ["sh", "-c", _ENTER, "enter", str(self.root), ids, str(SOCKETS)]
        variables = [f"{name}={value}" for name, value in given.items()]
        guard = ["sh", "-c", _GUARD, "guard"]
        answer = "yes" if offline else "no"
        return ["unshare", *separate, *enter, answer, *variables, *guard, *words]

    def _user(self) -> list[str]:
        lines = (self.root / "etc" / "passwd").read_text(encoding="utf-8").splitlines()
        return next(line.split(":") for line in lines if line.startswith(f"{USER}:"))


@dataclass(frozen=True)
class EmptiedFolder:
    """A folder of this machine without Python on the path; for where no system can be made."""

    home: Path
    reason: str

    @property
    def description(self) -> str:
        """What a reader of the transcript wants to know of it."""
        return f"a folder of this machine with an emptied environment, because {self.reason}"

    def command(
        self,
        words: Sequence[str],
        environment: Mapping[str, str],
        as_root: bool = False,
        network: bool = False,
    ) -> list[str]:
        """See :meth:`Place.command`; nobody is another user here, and the network stays."""
        del as_root, network
        tools = str(self._tools())
        given = {"HOME": str(self.home), "PATH": tools, "LANG": "C.UTF-8", **environment}
        enter = ["/bin/sh", "-c", 'cd "$HOME" && unset OLDPWD && exec "$@"', "enter"]
        return ["env", "-i", *(f"{n}={v}" for n, v in given.items()), *enter, *words]

    def _tools(self) -> Path:
        """A folder with the system's commands, Python and compilers left out."""
        folder = self.home / "tools"
        if not folder.is_dir():
            folder.mkdir(parents=True)
            for tool in (tool for path in ("/usr/bin", "/bin") for tool in Path(path).iterdir()):
                link = folder / tool.name
                if not _LEFT_OUT.search(tool.name) and not link.is_symlink():
                    link.symlink_to(tool)
        return folder


def run(
    place: Place,
    words: Sequence[str],
    limit_s: float,
    environment: Mapping[str, str] | None = None,
    as_root: bool = False,
    network: bool = False,
) -> Finished:
    """Run a command in the place, and kill all of it when its time is over."""
    command = place.command(words, environment or {}, as_root, network)
    with tempfile.TemporaryFile("w+b") as log:
        running = Running(command, log.fileno())
        finished = running.wait(limit_s)
        log.seek(0)
        return with_output(finished, log.read().decode("utf-8", "replace"))


class Running:
    """A command on its way, whose output goes to an open file."""

    def __init__(self, command: Sequence[str], log: int) -> None:
        self._began = time.monotonic()
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    @property
    def seconds(self) -> float:
        """Since its start."""
        return time.monotonic() - self._began

    def wait(self, limit_s: float) -> Finished:
        """Wait for its end; its output is not in the answer."""
        code: int | None
        try:
            code = self.process.wait(limit_s)
        except subprocess.TimeoutExpired:
            code = None
        seconds = self.seconds
        left = self._end_all() if code is not None else self._killed()
        return Finished(code, seconds, "", left)

    def _killed(self) -> tuple[str, ...]:
        self._end_all()
        self.process.wait()
        return ()

    def _end_all(self) -> tuple[str, ...]:
        """Kill what is left of its process group, and say whether there was anything."""
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            return ()
        return ("a process of its group",)


def with_output(finished: Finished, output: str) -> Finished:
    """The same with its output, from which the guard's word on processes left is taken."""
    lines = output.split("\n")
    said = [line for line in lines if line.startswith(LEFT)]
    left = tuple(name for line in said for name in line.removeprefix(LEFT).split())
    text = "\n".join(line for line in lines if not line.startswith(LEFT))
    return Finished(finished.code, finished.seconds, text, (*finished.left, *left))


def shown(words: Sequence[str]) -> str:
    """A command line as a user would type it."""
    return shlex.join(words)
