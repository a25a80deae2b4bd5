"""What is put on a desktop to take its picture; the pictures themselves take half a minute."""

import shutil
import sys
from pathlib import Path

import pytest

from installers import desktop_picture

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="a desktop of Linux")


def test_missing_tools_are_named(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SystemExit):
        desktop_picture.main([str(tmp_path / "out")])
    assert "needs Xvfb, xfwm4, xfce4-panel" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_where_it_is_not_installed_a_program_is_asked_for(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(desktop_picture, "TOOLS", ())
    monkeypatch.setattr(desktop_picture, "_SYSTEM", tmp_path)
    with pytest.raises(SystemExit):
        desktop_picture.main([str(tmp_path / "out")])
    assert "install tlmri, or name its --program" in capsys.readouterr().err


@pytest.mark.skipif(
    not shutil.which("update-desktop-database") or not shutil.which("update-mime-database"),
    reason="needs desktop-file-utils and shared-mime-info",
)
def test_the_data_of_an_installer_lead_to_the_program(monkeypatch, tmp_path):
    (tmp_path / "system" / "icons" / "hicolor").mkdir(parents=True)
    (tmp_path / "system" / "icons" / "hicolor" / "index.theme").touch()
    monkeypatch.setattr(desktop_picture, "_SYSTEM", tmp_path / "system")
    share = tmp_path / "share"
    desktop_picture.put_data(share, Path("/opt/tlmri/tlmri"))
    assert "Exec=/opt/tlmri/tlmri gui %F\n" in (share / "applications/tlmri.desktop").read_text()
    assert (share / "icons/hicolor/48x48/apps/tlmri.png").is_file()
    assert "*.nii.gz" in (share / "mime/globs2").read_text()
    assert "x-nifti=tlmri.desktop" in (share / "applications/mimeinfo.cache").read_text()
