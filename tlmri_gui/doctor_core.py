"""What the scan doctor's dialog asks of the core, one call each. Runs on the worker thread."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.progress import Progress
from core.types import Scan
from tlmri_gui.state import Checkup

if TYPE_CHECKING:
    from core.io.answers import Answer
    from core.io.examination import Examined


class DoctorAccess:
    """The calls; stateless."""

    def examine(self, path: Path, variable: str, progress: Progress) -> Checkup:
        """What the doctor finds in a file or folder, or in this array of a file.

        Raises
        ------
        ScanFileError
            If there is nothing to ask about: the file is damaged, or says all of itself.
        """
        from core.io import ReadOptions, ScanInDoubtError
        from core.io.examination import examine
        from core.io.interpretation import Interpretation

        progress(0.0, f"examining {path.name}")
        try:
            found = examine(path, ReadOptions(variable=variable))
        except ScanInDoubtError as doubt:
            return Checkup(path, None, Interpretation(), str(doubt), doubt.field)
        return Checkup(path, found, found.interpretation)

    def preview(
        self, examination: Examined, interpretation: Answer, progress: Progress
    ) -> NDArray[np.float32]:
        """The middle slice as it would be read.

        Raises
        ------
        ScanFileError
            If the interpretation does not fit the file.
        """
        progress(0.0, "drawing the preview")
        return examination.preview(interpretation)

    def remember(self, path: Path, interpretation: Answer, progress: Progress) -> Path:
        """Keep the answer beside the file, or in the folder; returns where.

        Raises
        ------
        ScanFileError
            If the folder cannot be written to.
        """
        from core.io.answers import remember

        progress(0.0, f"remembering how {path.name} is read")
        return remember(path, interpretation)

    def read(self, examination: Examined, interpretation: Answer, progress: Progress) -> Scan:
        """The scan by an answer that could not be kept.

        Raises
        ------
        ScanFileError
            If the answer does not fit the file.
        """
        progress(0.0, f"reading {examination.path.name}")
        scan = examination.scan(interpretation)
        return replace(scan, notes=("read as answered, which could not be kept", *scan.notes))
