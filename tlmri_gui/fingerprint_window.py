"""Joins the Fingerprinting page to its controller, and asks for its files."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from tlmri_gui import export
from tlmri_gui.file_dialogs import FileDialogs
from tlmri_gui.fingerprint_controller import NOTHING_MAPPED, FingerprintController
from tlmri_gui.fingerprint_core import FIGURE_NAME, SERIES_SUFFIXES
from tlmri_gui.fingerprint_state import FigureLook
from tlmri_gui.session import Session
from tlmri_gui.widgets.fingerprint_page import FingerprintPage

NETWORK_SUFFIXES = (".safetensors",)
SCORES_FILTER = "Table (*.csv)"


class FingerprintWindow:
    """What the page needs of the window around it."""

    def __init__(
        self,
        session: Session,
        page: FingerprintPage,
        controller: FingerprintController,
        dialogs: FileDialogs,
    ) -> None:
        self._session = session
        self._controller = controller
        self._dialogs = dialogs
        self._page = page
        self._refusal = ""
        series, methods, stage = page.series, page.methods, page.stage
        series.simulation_edited.connect(controller.set_simulation)
        series.refused.connect(self._refuse)
        series.mended.connect(self._forgive)
        stage.range_refused.connect(self._refuse)
        stage.view_chosen.connect(self._forgive)
        series.simulate_requested.connect(controller.simulate)
        series.open_requested.connect(self.ask_for_series)
        series.slice_chosen.connect(controller.show_slice)
        methods.method_checked.connect(controller.set_checked)
        methods.atoms_chosen.connect(controller.set_atoms)
        methods.network_requested.connect(self.ask_for_network)
        page.bar.map_requested.connect(controller.map)
        stage.demo_requested.connect(controller.demo)
        stage.slice_step.connect(controller.step_slice)
        stage.save_requested.connect(self.ask_for_maps_folder)
        page.pointed.connect(controller.voxel.point)
        page.clicked.connect(controller.voxel.pin)
        stage.grid.pin_requested.connect(controller.voxel.toggle)
        stage.grid.pin_stepped.connect(controller.voxel.step)
        page.fit.release_requested.connect(controller.voxel.release)

    def _refuse(self, text: str) -> None:
        self._refusal = text
        self._session.post(text, is_error=True)

    def _forgive(self, _: object = None) -> None:
        """What was refused is mended: say no more of it."""
        message = self._session.message
        if message is not None and message.text == self._refusal:
            self._session.dismiss_message()

    def ask_for_series(self) -> None:
        """Ask which series to open."""
        self._dialogs.ask_for_file(
            "Open a series", "Series", SERIES_SUFFIXES, self._controller.open
        )

    def ask_for_series_folder(self) -> None:
        """Ask for the folder of a series."""
        self._dialogs.ask_for_folder("Open the folder of a series", self._controller.open)

    def open_dropped(self, paths: Sequence[Path]) -> None:
        """Add the networks that were dropped to the list, and open the first other file."""
        series = []
        for path in paths:
            if path.name.lower().endswith(NETWORK_SUFFIXES):
                self._controller.add_network(path)
            else:
                series.append(path)
        if series:
            self._controller.open(series[0])

    def ask_for_network(self) -> None:
        """Ask for a network of the user's."""
        take = self._controller.add_network
        self._dialogs.ask_for_file("Open a network", "Networks", NETWORK_SUFFIXES, take)

    def ask_for_maps_folder(self) -> None:
        """Ask where maps, scores and figure go."""
        if self._has_maps():
            take = partial(self._controller.save, look=self._look())
            self._dialogs.ask_for_folder("Save maps into a folder", take)

    def ask_for_figure(self) -> None:
        """Ask where the figure goes."""
        if self._has_maps():
            take = partial(self._controller.export_figure, look=self._look())
            self._dialogs.ask_where("Export figure", export.FIGURE_FILTER, FIGURE_NAME, take)

    def ask_for_scores(self) -> None:
        """Ask where the scores go."""
        if self._has_maps():
            take = self._controller.export_scores
            self._dialogs.ask_where("Export table", SCORES_FILTER, "scores.csv", take)

    def _look(self) -> FigureLook:
        """What the figure shares with the page: ranges, the scale of errors, and PD."""
        state = self._page.stage.state
        shown = {c.parameter.name: (c.range.low, c.range.high) for c in state.columns}
        return FigureLook(shown, state.view.error_percent, state.view.shows_pd)

    def _has_maps(self) -> bool:
        session = self._session
        has_maps = bool(session.fingerprint.mapped(session.fingerprint_plan))
        if not has_maps:
            session.post(f"Nothing to write: {NOTHING_MAPPED}", is_error=True)
        return has_maps
