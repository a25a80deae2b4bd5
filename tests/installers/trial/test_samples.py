"""The files that the trial has the application read."""

import numpy as np
import pytest

from core.io import FORMATS, format_of, load
from installers.trial import samples
from installers.trial.twix_sample import write_twix


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return samples.write_all(tmp_path_factory.mktemp("trial") / "samples")


def test_every_reader_has_one(folder):
    found = {format_of(folder / sample.path).name for sample in samples.SAMPLES}
    assert found == set(FORMATS.names())


def test_the_raw_data_of_siemens_are_read_as_they_were_written(tmp_path):
    pytest.importorskip("twixtools", reason="needs twixtools: the extra 'siemens'")
    parts = np.random.default_rng(4).normal(size=(2, 3, 4, 40, 36)).astype(np.float32)
    kspace = (parts[0] + 1j * parts[1]).astype(np.complex64)
    write_twix(tmp_path / "meas.dat", kspace)
    scan = load(tmp_path / "meas.dat")
    np.testing.assert_array_equal(scan.kspace, kspace)
    assert scan.spacing_mm == (5.0, 220 / 40, pytest.approx(220 / 36))
