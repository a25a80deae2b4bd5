"""The tissue parameters that fingerprinting maps: names, units and ranges."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Parameter:
    """One mapped parameter.

    Attributes
    ----------
    name
        In files and on the command line.
    label, unit
        As a person reads them.
    low, high
        The range that dictionaries and networks cover.
    shown_low, shown_high
        The range that maps are shown in unless the user chooses another: that of brain tissue.
    decimals
        Digits after the point that are worth reading.
    """

    name: str
    label: str
    unit: str
    low: float
    high: float
    shown_low: float
    shown_high: float
    decimals: int = 0

    @property
    def log_range(self) -> float:
        """Natural logarithm of high over low."""
        return math.log(self.high / self.low)


T1 = Parameter("t1", "T1", "ms", 50.0, 5000.0, 0.0, 3000.0)
T2 = Parameter("t2", "T2", "ms", 5.0, 2500.0, 0.0, 200.0)
ADC = Parameter("adc", "ADC", "µm²/ms", 0.1, 3.5, 0.0, 3.0, decimals=2)

PARAMETERS = (T1, T2, ADC)
"""In the order of the columns of every tensor of tissues."""
