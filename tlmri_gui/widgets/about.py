"""The About box: what this is, whose ideas it follows, how it is used and under which licence."""

from __future__ import annotations

from importlib import metadata

from PyQt6.QtCore import QSize, Qt, pyqtSignal
from PyQt6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from core import __version__
from tlmri_gui import identity, theme
from tlmri_gui.widgets.buttons import push_button
from tlmri_gui.widgets.roles import set_role

TITLE = "About tlmri"
LICENCES = "Licences…"

WHAT = (
    "Undersample a fully sampled scan, reconstruct it by zero filling, compressed sensing and "
    "networks from other domains, fine-tune a network on a few slices, and compare."
)
KEYS = (
    ("F1", "user guide"),
    ("Ctrl+O", "open; Ctrl+Shift+O a folder of DICOM files; or drop either anywhere"),
    ("Left / Right", "slices, also Ctrl + wheel on an image"),
    ("Ctrl+L", "line profile: drag the line, click an image, or use the arrow keys there"),
    ("Space", "pin a voxel on the maps of a series; arrow keys move it"),
    ("Wheel", "zoom; drag to pan; right drag for the grey window"),
    ("F5", "reconstruct, or map a series; Shift+F5 all slices; Esc cancels"),
    ("Ctrl+E", "export figure; Ctrl+Shift+E table; Ctrl+Shift+C command line"),
)
PAPERS = (
    (
        "S. U. H. Dar, M. Özbey, A. B. Çatlı, T. Çukur",
        "A transfer-learning approach for accelerated MRI using deep neural networks",
        "Magnetic Resonance in Medicine, 2020",
    ),
    (
        "M. Arshad et al.",
        "Transfer learning in deep neural network based under-sampled MR image reconstruction",
        "Magnetic Resonance Imaging 76, 2021",
    ),
    (
        "A. Finkelstein et al.",
        "Transfer learning promotes robust parametric mapping of diffusion encoded MR "
        "fingerprinting",
        "MIDL 2022",
    ),
)
LICENCE = (
    "For research; not a medical device. Free software under the GNU General Public License, "
    "version 3 or later (GPL-3.0-or-later), without any warranty."
)

_ICON_SIZE = 72
_WIDTH = 620


class AboutBox(QDialog):
    """Says all this; goes when it is closed.

    Signals
    -------
    licences_requested
        The user wants to read the licences of the parts.
    """

    licences_requested = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(TITLE)
        self.name = _line(f"{identity.NAME} {__version__}", "name")
        self.licences = push_button(
            "info", LICENCES, "What tlmri is made of, and the texts of its licences"
        )
        self.close_button = QPushButton("Close")
        self.licences.clicked.connect(lambda: self.licences_requested.emit())
        self.close_button.clicked.connect(self.accept)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(*[3 * theme.SPACE] * 4)
        layout.setSpacing(2 * theme.SPACE)
        layout.addLayout(self._head())
        for text in (_text(WHAT), _text(_papers()), _text(_keys()), _text(_end())):
            layout.addWidget(text)
        layout.addStretch(1)
        layout.addLayout(self._buttons())
        self.setFixedWidth(_WIDTH)
        self.resize(_WIDTH, layout.totalHeightForWidth(_WIDTH))
        self.close_button.setDefault(True)
        self.close_button.setFocus()

    def _head(self) -> QHBoxLayout:
        picture = QLabel()
        size = QSize(_ICON_SIZE, _ICON_SIZE)
        picture.setPixmap(theme.icon(identity.NAME).pixmap(size, self.devicePixelRatioF()))
        words = QVBoxLayout()
        words.setSpacing(theme.SPACE // 2)
        words.addWidget(self.name)
        words.addWidget(_line(_summary(), "muted"))
        head = QHBoxLayout()
        head.setSpacing(2 * theme.SPACE)
        head.addWidget(picture)
        head.addLayout(words, 1)
        head.setAlignment(words, Qt.AlignmentFlag.AlignVCenter)
        return head

    def _buttons(self) -> QHBoxLayout:
        buttons = QHBoxLayout()
        buttons.addWidget(self.licences)
        buttons.addStretch(1)
        buttons.addWidget(self.close_button)
        return buttons


def _line(text: str, role: str) -> QLabel:
    label = QLabel(text)
    set_role(label, role)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label


def _text(rich: str) -> QLabel:
    label = QLabel(rich)
    label.setTextFormat(Qt.TextFormat.RichText)
    label.setWordWrap(True)
    label.setOpenExternalLinks(True)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextBrowserInteraction)
    return label


def _papers() -> str:
    rows = (f"{who}, <i>{title}</i>, {where}" for who, title, where in PAPERS)
    return "<b>It follows</b><br>" + "<br>".join(rows)


def _keys() -> str:
    style = "padding-right: 12px; white-space: pre"
    rows = (f'<tr><td style="{style}"><b>{k}</b></td><td>{what}</td></tr>' for k, what in KEYS)
    return f"<table>{''.join(rows)}</table>"


def _end() -> str:
    homes = (f'{label}: <a href="{url}">{url}</a>' for label, url in _homes())
    return "<br>".join([LICENCE, *homes])


def _homes() -> list[tuple[str, str]]:
    """Where the project and its source are."""
    told = _told()
    pairs = (line.partition(", ") for line in told.get_all("Project-URL") or []) if told else ()
    return [(label, url) for label, _, url in pairs]


def _summary() -> str:
    """What it is for, in one phrase."""
    told = _told()
    return str(told["Summary"]).split(":")[0] if told else ""


def _told() -> metadata.PackageMetadata | None:
    """What the distribution says of itself; a source tree that was never installed says nothing."""
    try:
        return metadata.metadata("tlmri-gui")
    except metadata.PackageNotFoundError:
        return None
