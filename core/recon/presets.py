"""Settings of a method that have names."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

from core.recon.methods import MethodParams


@dataclass(frozen=True, kw_only=True)
class PresetParams(MethodParams):
    """Settings that :meth:`presets` names, the defaults among them."""

    @classmethod
    def named(cls, which: str, device: str) -> Self:
        """A preset's settings; the defaults for an empty name.

        Raises
        ------
        ValueError
            If there is no such preset.
        """
        del device
        presets = cls.presets()
        if which and which not in presets:
            raise ValueError(f"preset must be one of {', '.join(presets)}, got {which!r}")
        return presets[which] if which else cls()

    @property
    def preset(self) -> str:
        """The preset with these settings, wherever they were tuned; empty for none."""
        plain = replace(self, tuned_on=frozenset())
        return next((name for name, preset in self.presets().items() if preset == plain), "")
