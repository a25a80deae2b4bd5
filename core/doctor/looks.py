"""Everything that is looked at, in the order of the answer."""

from __future__ import annotations

from core.doctor import adjoints, both_devices, files, golden, machine, offers, screen, versions
from core.doctor.check import Look
from core.paths import HOME_VARIABLE

QT = "Qt"
"""Name of the check whether Qt starts. The core has no Qt: it is made by those who have."""

REINSTALL = "install tlmri again; if that does not help, report this"
REPORT = "report this: results on this machine are not to be relied on"
RETRY = "start the machine again; if that does not help, report this"

LOOKS = {
    look.name: look
    for look in (
        Look("tlmri", versions.program, REINSTALL),
        Look("Python", versions.python, REINSTALL),
        Look("system", machine.system, RETRY),
        Look("packages", versions.packages, REINSTALL),
        Look("PyTorch", versions.torch, REINSTALL),
        Look("other installations", versions.others, RETRY),
        Look("memory", machine.memory, RETRY),
        Look(
            "disk",
            machine.disk,
            f"free space on the disk, or set {HOME_VARIABLE} to a folder on another one",
        ),
        Look("processor", machine.processor, REINSTALL),
        Look("devices", machine.devices, "choose the processor; for GPUs, update their driver"),
        Look("display", screen.display, RETRY),
        Look("Qt's system libraries", screen.libraries, REINSTALL),
        Look(
            "user folder",
            files.user_folder,
            f"give yourself the right to write there, or set {HOME_VARIABLE} to a folder where you "
            "may",
        ),
        Look(
            "temporary folder",
            files.temporary_folder,
            "free space on the disk, or set TMPDIR (on Windows TEMP) to a folder where you may "
            "write",
        ),
        Look("resources", files.resources, REINSTALL),
        Look("shipped weights", files.weights, REINSTALL),
        Look("shipped sequences", files.sequences, REINSTALL),
        Look("adjoint operators", adjoints.adjoints, REPORT),
        Look("golden reconstruction", golden.reconstructions, REPORT),
        Look("golden parallel imaging", golden.parallel_reconstructions, REPORT),
        Look("golden fingerprint", golden.fingerprint, REPORT),
        Look("what lists offer", offers.choices, REINSTALL),
        Look("readers of files", offers.readers, REINSTALL),
        Look(
            "CPU against GPU",
            both_devices.agreement,
            "choose the processor (--device cpu, or Device in the window), update the GPU's "
            "driver, and report this",
        ),
    )
}
"""By name."""
