import pytest

from core.fingerprinting.sequence_file import from_toml
from core.fingerprinting.simulate import SimulateSettings, simulate_series

SHORT = """
name = "Short"
te_ms = 2.0
spoiler_rad_per_mm = 3.0

[[segment]]
preparation = "inversion"
wait_ms = 20
readouts = 12
flip_lobe_deg = [10, 50]
tr_lobe_ms = [10, 13]
recovery_ms = 300

[[segment]]
preparation = "t2"
te_ms = 60
readouts = 10
flip_lobe_deg = [10, 40]
tr_lobe_ms = [10, 12]
recovery_ms = 500

[[segment]]
preparation = "diffusion"
te_ms = 60
b_s_per_mm2 = 800
readouts = 10
flip_lobe_deg = [10, 40]
tr_lobe_ms = [10, 12]
"""


@pytest.fixture(scope="session")
def short_sequence():
    """32 read-outs that tell T1, T2 and ADC apart."""
    return from_toml(SHORT, "short")


@pytest.fixture(scope="session")
def small_series(short_sequence):
    """Two slices of a small digital brain at 40 dB."""
    settings = SimulateSettings(size=32, n_slices=2, snr_db=40.0)
    return simulate_series(settings, short_sequence)
