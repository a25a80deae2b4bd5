"""Pictures of tlmri on a real desktop: in the menu, in the task bar, its title bar, its About box.

``python -m installers.desktop_picture OUT`` takes them of the installed one, whose desktop entry
lies in ``/usr/share``; with ``--program PATH`` of one that is not installed, for which entry, icons
and types are put into a temporary folder. Needs Xvfb, Xfce's window manager, panel and application
finder, dbus-daemon, xdotool, xprop and ImageMagick (``apt-get install xvfb xfwm4 xfce4-panel
xfce4-appfinder dbus xdotool x11-utils imagemagick``).
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from installers import associations, icons
from installers.project import project

TOOLS = (
    *("Xvfb", "xfwm4", "xfce4-panel", "xfce4-appfinder", "dbus-daemon", "gio"),
    *("xdotool", "xprop", "import"),
)
PATIENCE_S = 60.0
_SIZE = (1600, 1000)
_SYSTEM = Path("/usr/share")

_PANEL = """<?xml version="1.0" encoding="UTF-8"?>
<channel name="xfce4-panel" version="1.0">
  <property name="configver" type="int" value="2"/>
  <property name="panels" type="array">
    <value type="int" value="1"/>
    <property name="panel-1" type="empty">
      <property name="position" type="string" value="p=8;x=800;y=984"/>
      <property name="position-locked" type="bool" value="true"/>
      <property name="length" type="uint" value="100"/>
      <property name="size" type="uint" value="32"/>
      <property name="plugin-ids" type="array">
        <value type="int" value="1"/>
        <value type="int" value="2"/>
      </property>
    </property>
  </property>
  <property name="plugins" type="empty">
    <property name="plugin-1" type="string" value="applicationsmenu"/>
    <property name="plugin-2" type="string" value="tasklist">
      <property name="show-labels" type="bool" value="true"/>
    </property>
  </property>
</channel>
"""
_MANAGER = """<?xml version="1.0" encoding="UTF-8"?>
<channel name="xfwm4" version="1.0">
  <property name="general" type="empty">
    <property name="show_app_icon" type="bool" value="true"/>
    <property name="use_compositing" type="bool" value="false"/>
  </property>
</channel>
"""


@dataclass(frozen=True)
class Desktop:
    """A desktop on a virtual screen, as the environment of what runs on it."""

    environment: Mapping[str, str]
    log: Path

    @contextmanager
    def running(self, *command: str) -> Iterator[None]:
        """Something that runs as long as the ``with`` block."""
        with self.log.open("ab") as said:
            process = subprocess.Popen(command, env=self.environment, stdout=said, stderr=said)
        try:
            yield
        finally:
            process.terminate()
            process.wait()

    def ask(self, *command: str) -> str:
        """What a command prints."""
        return subprocess.run(
            command, env=self.environment, capture_output=True, text=True, check=False
        ).stdout.strip()

    def window(self, *wanted: str) -> str:
        """Id of the first window that ``xdotool search`` finds.

        Raises
        ------
        RuntimeError
            If there is none in time.
        """
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            found = self.ask("xdotool", "search", "--onlyvisible", *wanted).split()
            if found:
                return found[0]
            time.sleep(0.2)
        raise RuntimeError(f"no window {' '.join(wanted)} within {PATIENCE_S:g} s: see {self.log}")

    def press(self, *keys: str) -> None:
        """Press keys in the window that has the focus."""
        self.ask("xdotool", "key", *keys)

    def shoot(self, path: Path, wait_s: float = 2.0) -> None:
        """Take a picture of the whole screen once it has settled."""
        time.sleep(wait_s)
        self.ask("import", "-silent", "-window", "root", str(path))
        print(path)


@contextmanager
def desktop(data: Path | None, home: Path) -> Iterator[Desktop]:
    """Screen, session bus, window manager and panel.

    Parameters
    ----------
    data
        A folder that comes before ``/usr/share``, or None.
    home
        An empty folder, the home of all that runs there.
    """
    settings = home / "config" / "xfce4" / "xfconf" / "xfce-perchannel-xml"
    settings.mkdir(parents=True)
    (settings / "xfce4-panel.xml").write_text(_PANEL)
    (settings / "xfwm4.xml").write_text(_MANAGER)
    folders = [str(folder) for folder in (data, _SYSTEM) if folder]
    environment = {
        "PATH": os.environ["PATH"],
        "LANG": "C.UTF-8",
        "HOME": str(home),
        "TLMRI_HOME": str(home / "tlmri"),
        "XDG_DATA_HOME": str(home / "data"),
        "XDG_CONFIG_HOME": str(home / "config"),
        "XDG_CACHE_HOME": str(home / "cache"),
        "XDG_RUNTIME_DIR": str(home),
        "XDG_DATA_DIRS": ":".join(folders),
        "XDG_CURRENT_DESKTOP": "XFCE",
        "NO_AT_BRIDGE": "1",
    }
    log = home / "log.txt"
    with ExitStack() as stack:
        size = f"{_SIZE[0]}x{_SIZE[1]}x24"
        screen = ("Xvfb", "-screen", "0", size, "-nolisten", "tcp", "-displayfd")
        environment["DISPLAY"] = f":{stack.enter_context(_announced(log, *screen))}"
        bus = ("dbus-daemon", "--session", "--nofork", "--print-address")
        address = stack.enter_context(_announced(log, *bus, environment=environment))
        environment["DBUS_SESSION_BUS_ADDRESS"] = address
        made = Desktop(environment, log)
        stack.enter_context(made.running("xfwm4"))
        stack.enter_context(made.running("xfce4-panel", "--disable-wm-check"))
        made.window("--class", "^xfce4-panel$")
        yield made


@contextmanager
def _announced(
    log: Path, *command: str, environment: Mapping[str, str] | None = None
) -> Iterator[str]:
    """A server that writes where it is reached to the file descriptor named last."""
    read, write = os.pipe()
    words = (
        (*command, str(write))
        if command[-1] == "-displayfd"
        else (*command[:-1], f"{command[-1]}={write}")
    )
    with log.open("ab") as said:
        server = subprocess.Popen(
            words, pass_fds=[write], env=environment, stdout=said, stderr=said
        )
    os.close(write)
    with os.fdopen(read) as answer:
        place = answer.readline().strip()
    try:
        if not place:
            raise RuntimeError(f"{command[0]} did not start: see {log}")
        yield place
    finally:
        server.terminate()
        server.wait()


def take_pictures(here: Desktop, entry: Path, out: Path) -> None:
    """Menu, window with title and task bar, About box; and what the window says of itself."""
    name = project().name
    with here.running("xfce4-appfinder"):
        here.window("--class", "^xfce4-appfinder$")
        here.ask("xdotool", "type", "--delay", "50", "mri")
        here.shoot(out / "menu.png", wait_s=3)
    with here.running("gio", "launch", str(entry)):  # which ends at once
        window = here.window("--class", f"^{name}$")
    here.shoot(out / "window.png", wait_s=12)
    asked = ("WM_CLASS", "_NET_WM_NAME", "_KDE_NET_WM_DESKTOP_FILE")
    told = here.ask("xprop", "-id", window, *asked)
    (out / "window.txt").write_text(f"{told}\n")
    print(told)
    for key in ("alt+h", "Up", "Return"):  # the last entry of Help
        here.press(key)
    here.window("--name", f"^About {name}")
    here.shoot(out / "about.png")
    here.press("Escape")
    here.press("ctrl+q")


def put_data(folder: Path, program: Path) -> None:
    """What an installer puts into ``share``, for a program that is not installed."""
    associations.main([str(folder), "--exec", str(program)])
    icons.write_hicolor(folder / "icons" / "hicolor")
    shutil.copy(_SYSTEM / "icons" / "hicolor" / "index.theme", folder / "icons" / "hicolor")
    for command in (
        ("update-desktop-database", folder / "applications"),
        ("update-mime-database", folder / "mime"),
    ):
        subprocess.run([str(word) for word in command], check=True, capture_output=True)


def main(arguments: Sequence[str] | None = None) -> int:
    """Take pictures of tlmri on a desktop: menu.png, window.png, about.png."""
    parser = argparse.ArgumentParser(prog="installers.desktop_picture", description=main.__doc__)
    parser.add_argument("out", type=Path, metavar="OUT")
    parser.add_argument("--program", type=Path, help="one that is not installed")
    args = parser.parse_args(arguments)
    missing = [tool for tool in TOOLS if not shutil.which(tool)]
    if missing:
        parser.error(f"needs {', '.join(missing)}")
    args.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as place:
        home = Path(place)
        data = home / "share" if args.program else None
        if data:
            put_data(data, args.program.absolute())
        entry = (data or _SYSTEM) / "applications" / f"{project().name}.desktop"
        if not entry.is_file():
            parser.error(f"no desktop entry {entry}: install tlmri, or name its --program")
        with desktop(data, home) as here:
            take_pictures(here, entry, args.out)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
