"""Start and end of the window."""

from __future__ import annotations

import signal
import sys
import traceback
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType

from PyQt6 import sip
from PyQt6.QtCore import QTimer

from tlmri_gui import identity, settings, start_notices, theme
from tlmri_gui.controller import Controller
from tlmri_gui.core_access import CoreAccess
from tlmri_gui.jobs import JobRunner, one_line
from tlmri_gui.main_window import MainWindow
from tlmri_gui.session import Session

_SWITCH_INTERVAL_S = 0.001
"""How soon Python's worker thread lets the GUI thread go on; its default is five times that."""
_SIGNAL_CHECK_MS = 200


def run(files: Sequence[Path] = ()) -> int:
    """Open the window on these files, or on the demo scan; returns when it is closed.

    Whether there is a screen, and the libraries that Qt needs for it, is checked beforehand by
    :mod:`core.cli.gui`.
    """
    sys.setswitchinterval(_SWITCH_INTERVAL_S)
    app = identity.application()
    identity.introduce(app)
    theme.apply(app)
    window = build()
    if isinstance(app, identity.Application):
        app.file_given.connect(window.controller.take_given)
    earlier = sys.excepthook, signal.getsignal(signal.SIGINT)
    sys.excepthook = _message_bar_hook(window.session)
    window.show()
    # The core loads once the window is on the screen.
    QTimer.singleShot(0, lambda: _start(window, files))
    _obey_interrupt(window)
    status = app.exec()
    sys.excepthook = earlier[0]
    signal.signal(signal.SIGINT, earlier[1])
    window.controller.close()  # Qt may end without closing the window
    sip.delete(window)  # before the application and the interpreter, which would do it in any order
    return status


def build(core: CoreAccess | None = None) -> MainWindow:
    """Session, jobs, controller and window, joined; with what was remembered from last time."""
    session = Session()
    jobs = JobRunner()
    controller = Controller(session, jobs, core or CoreAccess())
    window = MainWindow(session, jobs, controller)
    remembered = settings.load()
    session.set_device(remembered.device)
    session.set_definition(remembered.definition)
    window.dialogs.folder = remembered.last_folder
    if remembered.geometry:
        window.restore_geometry_text(remembered.geometry)
    window.closing.connect(lambda: _remember(window, remembered))
    return window


def _start(window: MainWindow, files: Sequence[Path]) -> None:
    window.controller.start(files)
    start_notices.look(window.session, window.jobs)


def _remember(window: MainWindow, before: settings.Settings) -> None:
    now = replace(
        before,
        last_folder=window.dialogs.folder,
        device=window.session.device,
        definition=window.session.definition,
        geometry=window.geometry_text(),
    )
    try:
        settings.save(now, since=before)
    except ValueError as error:  # a full disk must not keep the window open
        print(f"tlmri: could not save the settings: {error}", file=sys.stderr)  # noqa: T201


def _message_bar_hook(
    session: Session,
) -> Callable[[type[BaseException], BaseException, TracebackType | None], None]:
    """Show what no one caught instead of ending the program, which is what Qt would do."""

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        details = "".join(traceback.format_exception(kind, error, trace))
        session.post(f"Unexpected error: {one_line(error)}", details, is_error=True)

    return hook


def _obey_interrupt(window: MainWindow) -> None:
    """Close the window on Ctrl+C in the terminal; Python looks for it only while it runs."""
    signal.signal(signal.SIGINT, lambda *_: window.close())
    timer = QTimer(window)
    timer.timeout.connect(lambda: None)
    timer.start(_SIGNAL_CHECK_MS)
