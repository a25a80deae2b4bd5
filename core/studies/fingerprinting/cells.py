"""The cells of a noise study: the dictionary, and every network of every seed."""

from __future__ import annotations

from dataclasses import dataclass

from core.fingerprinting.training import FingerprintTraining
from core.studies.fingerprinting.spec import FingerprintStudy, Frozen

DICTIONARY, CLEAN, TRANSFERRED, SCRATCH, SCRATCH_TOTAL = (
    "dictionary",
    "clean",
    "transferred",
    "noisy",
    "noisy-total",
)
MAIN = (DICTIONARY, CLEAN, SCRATCH, SCRATCH_TOTAL, TRANSFERRED)
"""The methods that figures show; variants of the transfer are in tables."""

_LABELS = {
    DICTIONARY: "Dictionary",
    CLEAN: "Network, clean signals",
    TRANSFERRED: "Network, transferred",
    SCRATCH: "Network, noise from scratch",
    SCRATCH_TOTAL: "Network, noise from scratch, clean steps added",
}


@dataclass(frozen=True)
class FingerprintCell:
    """One method of one seed.

    Attributes
    ----------
    method
        ``dictionary``, ``clean``, ``transferred``, ``noisy``, ``noisy-total`` or a variant.
    label
        The name a person reads of the method.
    seed
        Of the network; 0 for the dictionary.
    training
        How the network is trained; None for the dictionary.
    parent
        Method whose weights of the same seed the training starts from; empty for none.
    """

    method: str
    label: str
    seed: int = 0
    training: FingerprintTraining | None = None
    parent: str = ""

    @property
    def name(self) -> str:
        """Of its files: ``transferred-seed0``."""
        return name_of(self.method, self.seed)


def name_of(method: str, seed: int) -> str:
    """What the files of a method's cell are called."""
    return method if method == DICTIONARY else f"{method}-seed{seed}"


def short(label: str) -> str:
    """A network's label beside others: *transferred*."""
    return label.removeprefix("Network, ")


def variant_name(frozen: Frozen) -> str:
    """Method of a transferred network that keeps other parts than the paper's."""
    return f"{TRANSFERRED}-{'-'.join(frozen) or 'none'}"


def cells_of(study: FingerprintStudy) -> tuple[FingerprintCell, ...]:
    """All cells, a parent before its children."""
    networks = (cell for seed in study.seeds for cell in _networks(study, seed))
    return (FingerprintCell(DICTIONARY, _LABELS[DICTIONARY]), *networks)


def methods_of(study: FingerprintStudy) -> dict[str, str]:
    """Method to label, in the order of tables and figures."""
    found = {cell.method: cell.label for cell in cells_of(study)}
    return {method: found[method] for method in dict.fromkeys((*MAIN, *found))}


def _networks(study: FingerprintStudy, seed: int) -> tuple[FingerprintCell, ...]:
    plan = study.training
    total = plan.steps_clean + plan.steps_noisy
    return (
        FingerprintCell(CLEAN, _LABELS[CLEAN], seed, plan.clean(seed)),
        FingerprintCell(SCRATCH, _LABELS[SCRATCH], seed, plan.noisy(seed, plan.steps_noisy)),
        FingerprintCell(
            TRANSFERRED, _LABELS[TRANSFERRED], seed, plan.transferred(seed, plan.frozen), CLEAN
        ),
        FingerprintCell(SCRATCH_TOTAL, _LABELS[SCRATCH_TOTAL], seed, plan.noisy(seed, total)),
        *(
            FingerprintCell(
                variant_name(frozen),
                f"{_LABELS[TRANSFERRED]}, {' and '.join(frozen) or 'nothing'} frozen",
                seed,
                plan.transferred(seed, frozen),
                CLEAN,
            )
            for frozen in plan.variants
        ),
    )
