"""Opening, exporting and ending, against a fake core."""

import pytest

from core import jobs as core_jobs
from core.recon.wavelet import WaveletParams
from tests.gui.window_fakes import FakeCore, make_scan
from tlmri_gui.controller import Controller


@pytest.fixture
def core(tmp_path):
    return FakeCore(folder=tmp_path)


@pytest.fixture
def controller(session, runner, core):
    return Controller(session, runner, core)


@pytest.fixture
def settle(qtbot, controller, runner):
    def is_quiet():
        pause = controller.compare._pause
        return not (runner._open_jobs or runner._children or pause.isActive())

    return lambda: qtbot.waitUntil(is_quiet, timeout=60_000)


def test_without_files_the_demo_opens_with_another_to_tune_on(session, controller, settle):
    controller.start()
    settle()
    assert [scan.name for scan in session.scans] == ["phantom 0", "phantom 1"]
    assert session.scan.name == "phantom 0"
    assert session.plan.images[0].scan.name == "phantom 1"
    assert session.outcome("zf") is not None
    assert session.definition == "volume"


def test_files_open_in_order_and_the_last_is_shown(session, controller, settle, tmp_path):
    controller.start([tmp_path / "a.nii", tmp_path / "b.nii"])
    settle()
    assert [scan.name for scan in session.scans] == ["a", "b"]
    assert session.scan.name == "b"


def test_a_file_given_before_the_start_opens_in_place_of_the_demo(
    session, controller, settle, tmp_path
):
    controller.take_given(tmp_path / "given.nii")
    assert session.scans == ()
    controller.start()
    settle()
    assert [scan.name for scan in session.scans] == ["given"]
    assert session.outcome("zf") is not None


def test_a_file_given_while_the_demo_is_drawn_takes_its_place(
    session, runner, children, core, qtbot, tmp_path
):
    controller = Controller(session, runner, core)
    controller.start()
    [child] = children
    controller.take_given(tmp_path / "given.nii")
    assert child.asked == ["cancel", "kill"]
    child.say(core_jobs.WasCancelled())
    qtbot.waitUntil(lambda: not runner._open_jobs, timeout=60_000)
    assert [scan.name for scan in session.scans] == ["given"]
    assert session.drawing == ""


def test_a_demo_on_show_stays_beside_a_file_that_is_given(session, controller, settle, tmp_path):
    controller.start()
    settle()
    controller.take_given(tmp_path / "given.nii")
    settle()
    assert [scan.name for scan in session.scans] == ["phantom 0", "phantom 1", "given"]
    assert session.scan.name == "given"


def test_the_demo_is_drawn_once(session, controller, settle, tmp_path):
    controller.open_demo()
    controller.open_demo()
    settle()
    controller.open_files([tmp_path / "a.nii"])
    settle()
    assert session.scan.name == "a"
    controller.open_demo()
    settle()
    assert session.scan.name == "phantom 0"
    assert len(session.scans) == 3


def test_a_file_that_cannot_be_read_says_why_and_the_rest_open(
    session, controller, core, settle, tmp_path, monkeypatch
):
    def load(path, progress):
        if path.stem == "bad":
            raise ValueError("bad.nii: must not be empty, got 0 bytes")
        return make_scan(path.stem, path=path)

    monkeypatch.setattr(core, "load_scan", load)
    controller.open_files([tmp_path / "bad.nii", tmp_path / "good.nii"])
    settle()
    assert [scan.name for scan in session.scans] == ["good"]
    assert session.message.text == "bad.nii: must not be empty, got 0 bytes"


def test_the_demo_can_be_cancelled(session, controller, settle):
    controller.open_demo()
    controller.cancel()
    settle()
    assert session.scans == ()
    assert session.message is None


def test_the_drawing_of_the_demo_is_told_until_it_ends(session, runner, children, core):
    controller = Controller(session, runner, core)
    controller.open_demo()
    assert session.drawing
    [child] = children
    child.say(core_jobs.Progressed(0.5, "drawing another"))
    assert session.drawing == "Demo scans: drawing another…"
    child.say(core_jobs.Published(make_scan()))
    child.say(core_jobs.Failed("the process was ended from outside"))
    assert session.drawing == ""
    assert session.message.is_error
    assert len(session.scans) == 1


def test_exports_name_the_file_or_the_reason(session, controller, settle, tmp_path):
    controller.export_figure(tmp_path / "figure.png", (0.0, 1.0), 5.0)
    settle()
    assert session.message.is_error
    assert "no finished reconstruction" in session.message.text


def test_remembered_names_that_no_longer_exist_are_replaced(session, controller, settle):
    session.set_device("cuda:7")
    session.set_definition("gone")
    controller.start()
    settle()
    assert (session.device, session.definition) == ("auto", "volume")


def test_the_command_line_tells_what_is_on_show(session, controller, tmp_path):
    path = tmp_path / "my scan.nii"
    session.set_catalogue(FakeCore().catalogue(None))
    session.set_definition("volume")
    session.add_scan(make_scan(path=path))
    command = controller.command_line()
    assert command.startswith(f"tlmri recon '{path}' --acceleration 4 --mask poisson --seed 1")
    assert "--methods zf,cs,net:natural --slices 3 --definition volume --device auto" in command
    assert "--set" not in command


def test_the_command_line_states_settings_that_were_changed(session, controller):
    session.set_catalogue(FakeCore().catalogue(None))
    controller._take_drawn(make_scan())
    session.set_method_params("cs", WaveletParams(reg_weight=1e-4, seed=3))
    command = controller.command_line()
    assert command.startswith("tlmri recon demo ")
    assert "--set cs.reg_weight=0.0001 --set cs.seed=3 --out results" in command
