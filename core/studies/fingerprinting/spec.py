"""The noise study of fingerprinting, as its file states it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from core.fingerprinting.dictionary import DictionarySettings
from core.fingerprinting.sequence import FingerprintSequence
from core.fingerprinting.sequence_file import from_toml, to_toml
from core.fingerprinting.training import CLEAN, HEAD, NOISY, FingerprintTraining
from core.studies.origin import Origin

PARTS = ("recurrent", "dense", HEAD)
"""Of a :class:`core.fingerprinting.network.FingerprintNetwork`."""

_TRAINING = FingerprintTraining()
"""Its defaults are those of a study that does not state its own."""

Frozen = tuple[str, ...]
"""Names of the parts of a network that keep their weights."""

RANGES: Mapping[str, tuple[float, float]] = {
    "seeds": (0, 9999),
    "training.pool": (100, 2_000_000),
    "training.steps_clean": (1, 1_000_000),
    "training.steps_noisy": (1, 1_000_000),
    "training.batch": (1, 65_536),
    "training.learning_rate": (1e-7, 1.0),
    "training.learning_rate_transferred": (1e-7, 1.0),
    "training.snr_low_db": (-20, 100),
    "training.snr_high_db": (-20, 100),
    "evaluation.snr_db": (-20, 100),
    "evaluation.n_tissues": (2, 100_000),
    "evaluation.n_noise": (2, 100_000),
    "evaluation.n_noise_brain": (2, 1_000_000),
    "evaluation.n_validation": (2, 100_000),
    "evaluation.checkpoints": (0, 1),
    "evaluation.long_t2_ms": (5, 500),
    "dictionary.n_atoms": (100, 2_000_000),
    "dictionary.rank": (1, 5000),
    "dictionary.n_noise": (0, 100_000),
}
"""Key in the file to the closed range of its numbers."""


@dataclass(frozen=True)
class TrainingPlan:
    """How the networks of the study are trained.

    Attributes
    ----------
    steps_clean, steps_noisy
        Steps on clean signals before a transfer, and on noisy signals after it or from scratch.
    pool
        Simulated tissues that the signals of all steps are drawn from.
    batch
        Signals a step.
    learning_rate, learning_rate_transferred
        At its highest: of networks that begin untrained, and of transferred ones.
    snr_low_db, snr_high_db
        Range of SNR in noisy training.
    frozen
        Parts that the transferred network keeps: the paper's last layer.
    variants
        Further transferred networks, by what they keep.
    """

    steps_clean: int = _TRAINING.steps
    steps_noisy: int = _TRAINING.steps
    pool: int = 100_000
    batch: int = _TRAINING.batch
    learning_rate: float = _TRAINING.learning_rate
    learning_rate_transferred: float = _TRAINING.learning_rate
    snr_low_db: float = _TRAINING.snr_low_db
    snr_high_db: float = _TRAINING.snr_high_db
    frozen: Frozen = (HEAD,)
    variants: tuple[Frozen, ...] = ()

    def clean(self, seed: int) -> FingerprintTraining:
        """Of the network that is transferred."""
        return self._settings(seed, CLEAN, self.steps_clean, self.learning_rate)

    def noisy(self, seed: int, steps: int) -> FingerprintTraining:
        """Of a network that meets noise from its first step on."""
        return self._settings(seed, NOISY, steps, self.learning_rate)

    def transferred(self, seed: int, frozen: Frozen) -> FingerprintTraining:
        """Of a network that starts from the clean one's weights."""
        rate = self.learning_rate_transferred
        return self._settings(seed, NOISY, self.steps_noisy, rate, ",".join(frozen))

    def _settings(
        self, seed: int, signals: str, steps: int, learning_rate: float, frozen: str = ""
    ) -> FingerprintTraining:
        return FingerprintTraining(
            signals=signals,
            steps=steps,
            batch=self.batch,
            learning_rate=learning_rate,
            snr_low_db=self.snr_low_db,
            snr_high_db=self.snr_high_db,
            frozen=frozen,
            seed=seed,
        )


@dataclass(frozen=True)
class EvaluationPlan:
    """On what the methods are judged.

    Attributes
    ----------
    snr_db
        As :func:`core.fingerprinting.signals.noise_sd` defines it.
    n_tissues, n_noise
        Quasi-random tissues, and noise realisations of each.
    n_noise_brain
        Noise realisations of each of the brain's own tissues.
    n_validation
        Noisy signals that the loss is taken of while a network learns.
    checkpoints
        When: fractions of the steps.
    long_t2_ms
        Means are over all tissues, and over those of at least this T2 in ms besides.
    """

    snr_db: tuple[float, ...] = (10.0, 20.0, 30.0, 40.0, 50.0, 60.0)
    n_tissues: int = 400
    n_noise: int = 100
    n_noise_brain: int = 1000
    n_validation: int = 4096
    checkpoints: tuple[float, ...] = (0.0, 0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.65, 0.8, 0.9, 1.0)
    long_t2_ms: float = 30.0


@dataclass(frozen=True)
class DictionaryPlan:
    """The dictionary that networks are compared with.

    Attributes
    ----------
    n_atoms, rank
        As :class:`core.fingerprinting.dictionary.DictionarySettings`.
    n_noise
        Noise realisations of each tissue: the first so many of those that networks see; 0 for all.
    """

    n_atoms: int = 100_000
    rank: int = 25
    n_noise: int = 0

    @property
    def settings(self) -> DictionarySettings:
        """As the dictionary takes them."""
        return DictionarySettings(n_atoms=self.n_atoms, rank=self.rank)


@dataclass(frozen=True)
class FingerprintStudy:
    """The noise study.

    Attributes
    ----------
    name
        What a person calls it.
    sequence
        What is played.
    seeds
        Each trains all networks anew: other initial weights, tissues, steps and noise.
    training, evaluation, dictionary
        Its parts.
    origin
        Where it was stated.
    """

    name: str
    sequence: FingerprintSequence
    seeds: tuple[int, ...]
    training: TrainingPlan = field(default_factory=TrainingPlan)
    evaluation: EvaluationPlan = field(default_factory=EvaluationPlan)
    dictionary: DictionaryPlan = field(default_factory=DictionaryPlan)
    origin: Origin = field(default_factory=Origin, compare=False, repr=False)

    def __post_init__(self) -> None:
        self._check_lists()
        for key, (low, high) in RANGES.items():
            self.origin.check_range(key, self._numbers(key), low, high)
        self._check_order()
        self._check_frozen()

    @property
    def dictionary_noise(self) -> int:
        """Noise realisations that the dictionary meets of each tissue."""
        return self.dictionary.n_noise or self.evaluation.n_noise

    def settings(self) -> dict[str, Any]:
        """All that its numbers follow from, as JSON holds it."""
        return {
            "name": self.name,
            "sequence": to_toml(self.sequence),
            "seeds": list(self.seeds),
            "training": asdict(self.training),
            "evaluation": asdict(self.evaluation),
            "dictionary": asdict(self.dictionary),
        }

    def _numbers(self, key: str) -> Sequence[float]:
        section, _, name = key.rpartition(".")
        value = getattr(getattr(self, section) if section else self, name)
        return value if isinstance(value, tuple) else (value,)

    def _check_lists(self) -> None:
        lists: dict[str, Sequence[object]] = {
            "seeds": self.seeds,
            "evaluation.snr_db": self.evaluation.snr_db,
            "evaluation.checkpoints": self.evaluation.checkpoints,
            "training.variants": (self.training.frozen, *self.training.variants),
        }
        for key, values in lists.items():
            if not values:
                raise self.origin.refusal(key, "must list at least 1", "none")
            self.origin.check_once(key, values)

    def _check_order(self) -> None:
        low, high = self.training.snr_low_db, self.training.snr_high_db
        if high < low:
            rule = f"must be at least training.snr_low_db ({low:g})"
            raise self.origin.refusal("training.snr_high_db", rule, f"{high:g}")
        n_noise = self.dictionary.n_noise
        if n_noise == 1 or n_noise > self.evaluation.n_noise:
            rule = f"must be 0, or from 2 to evaluation.n_noise ({self.evaluation.n_noise})"
            raise self.origin.refusal("dictionary.n_noise", rule, n_noise)

    def _check_frozen(self) -> None:
        for key, choices in (
            ("training.frozen", (self.training.frozen,)),
            ("training.variants", self.training.variants),
        ):
            for frozen in choices:
                for name in frozen:
                    self.origin.check_choice(key, name, PARTS)
                self.origin.check_once(key, frozen)
                if len(frozen) == len(PARTS):
                    rule = "must leave a part to train"
                    raise self.origin.refusal(key, rule, ", ".join(frozen))


def study_of(settings: Mapping[str, Any]) -> FingerprintStudy:
    """The study that :meth:`FingerprintStudy.settings` describes."""
    return FingerprintStudy(
        name=settings["name"],
        sequence=from_toml(settings["sequence"], "sequence"),
        seeds=tuple(settings["seeds"]),
        training=TrainingPlan(**_with_tuples(settings["training"])),
        evaluation=EvaluationPlan(**_with_tuples(settings["evaluation"])),
        dictionary=DictionaryPlan(**settings["dictionary"]),
    )


def _with_tuples(values: Mapping[str, Any]) -> dict[str, Any]:
    """Lists as tuples, lists in lists too."""
    return {name: _tuple(value) for name, value in values.items()}


def _tuple(value: object) -> object:
    return tuple(map(_tuple, value)) if isinstance(value, list) else value
