"""Every check fails for a reason of its own, and says what to do."""

import shutil
import sys
from importlib import import_module
from importlib.metadata import PackageNotFoundError
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

from core import checkpoints, devices, installations, paths, screen, system_libraries
from core.doctor import LOOKS, Outcome, golden, look_at, machine
from core.fingerprinting import cards
from core.gpu_addon import Status, driver
from core.installations import Installation


def raising(error):
    def function(*_, **__):
        raise error

    return function


def without_a_package(monkeypatch, _):
    def version(name):
        if name == "h5py":
            raise PackageNotFoundError(name)
        return "1.0"

    monkeypatch.setattr("core.doctor.versions.version", version)


def without_torch(monkeypatch, _):
    monkeypatch.setitem(sys.modules, "torch", None)


def without_space(monkeypatch, _):
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=5e6))


def without_libraries(monkeypatch, _):
    pretend_screens(monkeypatch, DISPLAY=":7")
    monkeypatch.setattr(system_libraries, "missing", lambda _: ("libEGL.so.1", "libxcb.so.1"))
    monkeypatch.setattr("platform.freedesktop_os_release", lambda: {"ID": "fedora"})


def pretend_screens(monkeypatch, **variables):
    """A Linux where these alone name a screen."""
    monkeypatch.setattr(sys, "platform", "linux")
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "WAYLAND_SOCKET", screen.CHOICE):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)


def with_a_file_as_user_folder(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.setenv(paths.HOME_VARIABLE, str(tmp_path / "file" / "home"))


def with_no_temporary_folder(monkeypatch, tmp_path):
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path / "gone"))


def without_icons(monkeypatch, tmp_path):
    (tmp_path / "style.qss").write_text("")
    monkeypatch.setattr(paths, "resources", lambda: tmp_path)


def with_damaged_weights(monkeypatch, tmp_path):
    for i in range(5):
        (tmp_path / f"bad-{i}.safetensors").write_bytes(b"junk" * 10)
    for module in (checkpoints, cards):
        monkeypatch.setattr(module, "weights_folder", lambda: tmp_path)


def with_a_damaged_sequence(monkeypatch, tmp_path):
    (tmp_path / "sequences").mkdir()
    (tmp_path / "sequences" / "diffusion.toml").write_text("name = ")
    monkeypatch.setattr(paths, "resources", lambda: tmp_path)


def with_another_inverse(monkeypatch, _):
    import_module("core.pipeline")  # lest it be loaded with the other one, and keep it
    monkeypatch.setattr("core.fourier.ifft2c", torch.fft.ifft2)


def expecting(table, name):
    def arrange(monkeypatch, _):
        expected = getattr(golden, table)
        monkeypatch.setattr(golden, table, {name: expected[name] + 0.2})

    return arrange


def with_another_network(monkeypatch, _):
    monkeypatch.setattr(golden, "ESTIMATE", (1010.4, 78.67, 0.7739))


def with_a_wrong_gpu(monkeypatch, _):
    gpu = devices.Device("cuda:0", "GPU 0: Wrong")
    monkeypatch.setattr(devices, "available", lambda: (gpu,))

    def image(method, scan, device):
        return golden.scan_of_one_coil().magnitude[0] * (1.1 if device == "cuda:0" else 1.0)

    monkeypatch.setattr("core.doctor.both_devices.image", image)


def with_a_screen_that_says_nothing(monkeypatch, _):
    pretend_screens(monkeypatch, DISPLAY="weber-pc:0")
    monkeypatch.setattr(system_libraries, "missing", lambda _: ())
    monkeypatch.setattr(screen, "_x_answers", lambda: False)


def without_what_networks_are_built_with(monkeypatch, _):
    monkeypatch.setattr("torch.random.fork_rng", raising(ModuleNotFoundError("No module 'x'")))


def without_a_module_of_readers(monkeypatch, _):
    monkeypatch.setitem(sys.modules, "ismrmrd.constants", None)


def patched(target, error):
    return lambda monkeypatch, _: monkeypatch.setattr(target, raising(error))


FAILURES = {
    "tlmri": (patched("core.paths.is_frozen", AttributeError("gone")), "gone", "install tlmri"),
    "Python": (patched("platform.python_version", OSError("gone")), "gone", "install tlmri"),
    "system": (patched("platform.release", OSError("gone")), "gone", "start the machine again"),
    "packages": (without_a_package, "missing: h5py; found: numpy 1.0", "install tlmri again"),
    "PyTorch": (without_torch, "import of torch halted", "install tlmri again"),
    "other installations": (
        patched("core.installations.others", OSError("gone")),
        "gone",
        "report this",
    ),
    "memory": (patched("psutil.virtual_memory", OSError("gone")), "gone", "start the machine"),
    "disk": (without_space, "0.0 GiB free", "set TLMRI_HOME"),
    "processor": (patched("torch.cpu.get_capabilities", OSError("gone")), "gone", "install tlmri"),
    "devices": (
        patched("core.devices.available", RuntimeError("CUDA error: driver shut down")),
        "CUDA error",
        "update their driver",
    ),
    "display": (with_a_screen_that_says_nothing, "no answer from X11", "log in to a desktop"),
    "Qt's system libraries": (
        without_libraries,
        "missing: libEGL.so.1, libxcb.so.1",
        "run 'sudo dnf install libglvnd-egl libxcb'",
    ),
    "user folder": (with_a_file_as_user_folder, "(TLMRI_HOME)", "set TLMRI_HOME to a folder"),
    "temporary folder": (with_no_temporary_folder, "No such file", "set TMPDIR"),
    "resources": (without_icons, "missing: icons", "install tlmri again"),
    "shipped weights": (
        with_damaged_weights,
        "5 of 5 networks cannot be read: bad-0.safetensors: must be",
        "install tlmri again",
    ),
    "shipped sequences": (with_a_damaged_sequence, "diffusion.toml: must be TOML", "install tlmri"),
    "adjoint operators": (with_another_inverse, "not adjoint: Fourier transform", "report this"),
    "golden reconstruction": (expecting("ONE_COIL", "zf"), "zf 22.19 dB (exp", "report this"),
    "golden parallel imaging": (expecting("FOUR_COILS", "sense"), "(expected 26.59)", "report"),
    "golden fingerprint": (with_another_network, "expected 1010.4", "report this"),
    "what lists offer": (
        without_what_networks_are_built_with,
        "cannot be used: network ",
        "install tlmri again",
    ),
    "readers of files": (
        without_a_module_of_readers,
        "cannot be used: ismrmrd.constants (ModuleNotFoundError: import of ismrmrd",
        "install tlmri again",
    ),
    "CPU against GPU": (with_a_wrong_gpu, "differs by 1.0e-01", "--device cpu"),
}


@pytest.mark.parametrize("name", LOOKS)
def test_a_check_fails_and_says_what_to_do(name, monkeypatch, tmp_path):
    arrange, found, advice = FAILURES[name]
    folder = tmp_path / "Weber, Anna's"
    folder.mkdir()
    with monkeypatch.context() as patch:
        arrange(patch, folder)
        check = look_at(LOOKS[name])
    assert check.outcome is Outcome.FAILED
    assert "Weber" not in check.found
    assert found in check.found
    assert advice in check.advice
    assert "\n" not in check.found


@pytest.mark.parametrize(
    "name", ["t1-r4.safetensors", "t1-r4.md", "fingerprinting/noisy.safetensors"]
)
def test_a_network_or_its_card_that_is_missing_is_found(monkeypatch, tmp_path, name):
    shipped = checkpoints.weights_folder()
    for file in [*shipped.glob("t1-r[24].*"), *shipped.glob("fingerprinting/*")]:
        place = tmp_path / file.relative_to(shipped)
        place.parent.mkdir(exist_ok=True)
        if file.relative_to(shipped) != Path(name):
            shutil.copy(file, place)
    for module in (checkpoints, cards):
        monkeypatch.setattr(module, "weights_folder", lambda: tmp_path)
    check = look_at(LOOKS["shipped weights"])
    assert check.outcome is Outcome.FAILED
    n = 5 if name.endswith(".md") else 4
    assert check.found == f"missing: {Path(name).name}; {n} readable"
    assert "install tlmri again" in check.advice


def test_all_networks_and_their_cards_are_missing(monkeypatch, tmp_path):
    for module in (checkpoints, cards):
        monkeypatch.setattr(module, "weights_folder", lambda: tmp_path)
    check = look_at(LOOKS["shipped weights"])
    assert check.outcome is Outcome.FAILED
    assert check.found == "no networks for images were found; 0 readable"


@pytest.mark.parametrize("name", ["shipped weights", "shipped sequences"])
def test_what_is_readable_is_counted(name):
    number, word = look_at(LOOKS[name]).found.split()
    assert int(number) > 0
    assert word == "readable"


# remarks ----------------------------------------------------------------------------------------


def look(name):
    check = look_at(LOOKS[name])
    return check.outcome, check.found, check.advice


def test_others_are_told_with_what_removes_them(monkeypatch):
    found = (
        Installation("~/Weber/tlmri-0.0.9", "0.0.9", installations.FOLDER),
        Installation("/opt/tlmri", "", installations.PACKAGE),
        Installation("/srv/weber/.venv", "0.1.0", installations.PYTHON),
        Installation(r"D:\Dr. Weber\tlmri", "0.0.8", installations.WINDOWS),
    )
    monkeypatch.setattr(installations, "others", lambda: found)
    outcome, text, advice = look("other installations")
    assert outcome is Outcome.NOTE
    assert text == (
        "tlmri 0.0.9, folder; tlmri (version unknown), package; tlmri 0.1.0, Python package; "
        "tlmri 0.0.8, Windows application"
    )
    assert advice == (
        "all share the same settings and checkpoints: remove those that you do not use "
        "(~/…/tlmri-0.0.9: delete ~/…/tlmri-0.0.9; /opt/tlmri: sudo apt-get remove tlmri; "
        "/…/…/.venv: pip uninstall tlmri-gui in that environment; "
        r"D:\…\tlmri: Settings > Apps > tlmri > Uninstall)"
    )
    monkeypatch.setattr(installations, "others", tuple)
    assert look("other installations") == (Outcome.OK, "none found", "")


def test_little_memory_is_a_remark(monkeypatch):
    found = SimpleNamespace(total=4 * machine.GIB, available=0.5 * machine.GIB)
    monkeypatch.setattr("psutil.virtual_memory", lambda: found)
    outcome, text, advice = look("memory")
    assert (outcome, text) == (Outcome.NOTE, "4.0 GiB, 0.5 GiB available")
    assert "close other programs" in advice


@pytest.fixture
def machine_of(monkeypatch):
    """A machine with these GPUs, this driver and this add-on."""

    def arrange(found, told, addon):
        monkeypatch.setattr(devices, "available", lambda: found)
        monkeypatch.setattr(driver, "look", lambda: told)
        monkeypatch.setattr("core.gpu_addon.status", lambda: addon)

    return arrange


GPU = driver.Gpu("NVIDIA T4", (7, 5), 15.0)
DRIVER = driver.Driver("535.104.05", (12, 2), (GPU,))
CPU = (devices.Device("cpu", "Processor (CPU)"),)
NONE = Status("none, torch computes on the processor", in_use=False)


def test_a_gpu_that_nobody_uses_is_a_remark(machine_of):
    machine_of(CPU, DRIVER, NONE)
    outcome, text, advice = look("devices")
    assert outcome is Outcome.NOTE
    assert "NVIDIA driver 535.104.05" in text
    assert "PyTorch uses none of 1 NVIDIA GPUs" in text
    assert advice == "see 'tlmri gpu status'"


def test_an_addon_that_does_not_fit_is_a_remark(machine_of):
    machine_of(CPU, driver.Driver(), Status("not used", False, "the GPU add-on holds torch 2.0"))
    outcome, text, _ = look("devices")
    assert outcome is Outcome.NOTE
    assert text.endswith("GPU add-on not used: the GPU add-on holds torch 2.0")


def test_a_gpu_in_use_is_well(machine_of):
    gpu = devices.Device("cuda:0", "GPU 0: NVIDIA T4")
    machine_of((*CPU, gpu), DRIVER, Status("in use, CUDA 12.6", in_use=True))
    outcome, text, _ = look("devices")
    assert outcome is Outcome.OK
    assert text.startswith("cpu: Processor (CPU), cuda:0: GPU 0: NVIDIA T4; NVIDIA driver 535")


@pytest.mark.parametrize(
    ("capabilities", "expected"),
    [
        ({"neon": True, "sve": True, "bf16": True}, "no vector units known; bfloat16 not used"),
        ({"avx2": True, "avx512_f": False}, "avx2; bfloat16 not used"),
        ({"avx2": True, "amx_bf16": True}, "amx_bf16, avx2; bfloat16 fast"),
    ],
)
def test_a_processor_of_another_kind_is_described(monkeypatch, capabilities, expected):
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: capabilities)
    outcome, text, _ = look("processor")
    assert outcome is Outcome.OK
    assert text.endswith(f"cores, {expected}")


@pytest.fixture
def screens(monkeypatch):
    """Screens that are named, and which of them answer, on a Linux with all libraries."""

    def arrange(answering=("xcb", "wayland"), **variables):
        pretend_screens(monkeypatch, **variables)
        monkeypatch.setattr(system_libraries, "missing", lambda _: ())
        monkeypatch.setattr(screen, "_x_answers", lambda: "xcb" in answering)
        monkeypatch.setattr(screen, "_wayland_answers", lambda: "wayland" in answering)

    return arrange


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, "none"),
        ({"DISPLAY": "weber-pc:0"}, "X11"),
        ({"WAYLAND_SOCKET": "3"}, "Wayland"),
        ({"DISPLAY": ":0", "WAYLAND_DISPLAY": "wayland-0"}, "Wayland and X11"),
        ({"QT_QPA_PLATFORM": "vnc:port=1"}, "none; QT_QPA_PLATFORM asks for vnc"),
    ],
)
def test_the_kind_of_screen(screens, environment, expected):
    screens(**environment)
    outcome, text, _ = look("display")
    assert text == expected
    assert outcome is (Outcome.NOTE if expected == "none" else Outcome.OK)


BOTH = {"DISPLAY": ":0", "WAYLAND_DISPLAY": "wayland-0"}


@pytest.mark.parametrize(
    ("environment", "answering", "expected", "outcome"),
    [
        ({"DISPLAY": ":0"}, (), "X11; no answer from X11", Outcome.FAILED),
        (BOTH, (), "Wayland and X11; no answer from Wayland and X11", Outcome.FAILED),
        (BOTH, ("wayland",), "Wayland and X11; no answer from X11", Outcome.NOTE),
        (
            {**BOTH, "QT_QPA_PLATFORM": "xcb"},
            ("wayland",),
            "Wayland and X11; QT_QPA_PLATFORM asks for xcb; no answer from X11",
            Outcome.FAILED,
        ),
    ],
)
def test_a_screen_that_does_not_answer(screens, environment, answering, expected, outcome):
    screens(answering, **environment)
    assert look("display")[:2] == (outcome, expected)


def test_nobody_asks_a_screen_without_its_libraries(screens, monkeypatch):
    screens((), DISPLAY=":0")
    monkeypatch.setattr(system_libraries, "missing", lambda _: ("libxcb.so.1",))
    assert look("display")[:2] == (Outcome.OK, "X11")


@pytest.mark.parametrize(
    ("environment", "outcome", "expected"),
    [
        ({"WAYLAND_DISPLAY": "wayland-0"}, Outcome.OK, "all found"),
        ({}, Outcome.OK, "all found"),
        (BOTH, Outcome.NOTE, "missing for X11: libxcb.so.1; the window uses another kind of"),
        ({"DISPLAY": ":0"}, Outcome.FAILED, "missing: libxcb.so.1"),
    ],
)
def test_libraries_of_the_screens_that_are_here(
    screens, monkeypatch, environment, outcome, expected
):
    screens(**environment)
    lacking = {"xcb": ("libxcb.so.1",)}
    monkeypatch.setattr(system_libraries, "missing", lambda p: lacking.get(p, ()))
    found = look("Qt's system libraries")
    assert found[0] is outcome
    assert found[1].startswith(expected)


@pytest.mark.parametrize("system", ["win32", "darwin"])
def test_other_systems_need_no_libraries(monkeypatch, system):
    monkeypatch.setattr(sys, "platform", system)
    assert look("Qt's system libraries")[:2] == (Outcome.OK, "not needed here")
    assert look("display")[:2] == (Outcome.OK, "the system's own")


@pytest.mark.parametrize(
    ("system", "expected"), [("darwin", "macOS"), ("win32", "build "), ("freebsd14", "")]
)
def test_editions_of_other_systems(monkeypatch, system, expected):
    def unknown():
        raise OSError("no os-release")

    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.setattr("platform.freedesktop_os_release", unknown)
    outcome, text, _ = look("system")
    assert outcome is Outcome.OK
    assert expected in text
    assert "glibc" not in text


def test_the_installed_application_is_told_from_a_package(monkeypatch):
    monkeypatch.setattr(paths, "is_frozen", lambda: True)
    assert look("tlmri")[1].endswith("(installed application)")
    monkeypatch.setattr("core.built.line", lambda: "built 2026-11-22 from abc1234")
    assert look("tlmri")[1].endswith("(installed application, built 2026-11-22 from abc1234)")


def test_a_build_for_gpus_is_told(monkeypatch):
    monkeypatch.setattr(torch.version, "cuda", "12.6")
    assert "built for CUDA 12.6" in look("PyTorch")[1]


def test_a_moved_user_folder_is_told_without_its_place(monkeypatch, tmp_path):
    monkeypatch.setenv(paths.HOME_VARIABLE, str(tmp_path / "Weber"))
    assert look("user folder") == (Outcome.OK, "can be written, moved by TLMRI_HOME", "")


def test_a_disk_that_loses_what_is_written_is_found(monkeypatch):
    import io

    class Lossy(io.BytesIO):
        def write(self, data):
            return super().write(b"\0" * len(data))

    monkeypatch.setattr("tempfile.TemporaryFile", lambda dir: Lossy())
    outcome, text, _ = look("temporary folder")
    assert outcome is Outcome.FAILED
    assert "does not hold what was written" in text


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="this system has no /proc")
def test_a_home_that_cannot_be(monkeypatch):
    monkeypatch.setenv("HOME", "/proc/nothing")
    for name in (paths.HOME_VARIABLE, "XDG_DATA_HOME"):
        monkeypatch.delenv(name, raising=False)
    assert look("user folder") == (
        Outcome.FAILED,
        "nothing can be kept in '~': No such file or directory",
        "there is no such folder and none can be made: set TLMRI_HOME to a folder where you may "
        "write",
    )
    assert look("disk") == (
        Outcome.NOTE,
        "not known: there is no folder for checkpoints and settings",
        "see 'user folder' below",
    )


def test_the_needed_packages_are_the_projects_own():
    import tomllib

    from core.doctor.versions import needed_packages

    root = Path(__file__).resolve().parents[3]
    stated = tomllib.loads((root / "pyproject.toml").read_text())["project"]["dependencies"]
    assert len(needed_packages()) == len(stated)
    assert {"torch", "PyQt6", "psutil", "scikit-image"} <= set(needed_packages())
