"""What one cell of a noise study does: train or make its method, keep it, judge it."""

from __future__ import annotations

import time
from functools import cached_property

import torch

from core.fingerprinting.dictionary import build_dictionary
from core.fingerprinting.pool import SignalPool, make_pool
from core.fingerprinting.recipes import label_of, stages_before
from core.fingerprinting.training import FingerprintTraining
from core.fingerprinting.weights import read_network, save_network, stage
from core.progress import Progress, part
from core.studies.fingerprinting.cells import FingerprintCell, name_of
from core.studies.fingerprinting.evaluation import evaluate
from core.studies.fingerprinting.monte_carlo import dictionary_method, network_method
from core.studies.fingerprinting.network import Trained, train, validation_set
from core.studies.fingerprinting.result import FingerprintResult, Learning
from core.studies.fingerprinting.store import FingerprintStore

_TRAINING_SHARE = 0.9
"""Of a network's cell, in the progress; the rest is its evaluation."""


class FingerprintBench:
    """What cells of all seeds share."""

    def __init__(self, store: FingerprintStore, device: torch.device) -> None:
        self.store = store
        self.study = store.study
        self.device = device
        self.validation = validation_set(store.study, device)

    def of_seed(self, seed: int) -> SeedBench:
        """Where the cells of a seed run."""
        return SeedBench(self, seed)


class SeedBench:
    """Runs the cells of one seed, and keeps the signals that they learn from."""

    def __init__(self, bench: FingerprintBench, seed: int) -> None:
        self._bench = bench
        self._seed = seed

    @cached_property
    def _pool(self) -> SignalPool:
        study = self._bench.study
        return make_pool(study.sequence, study.training.pool, self._seed, self._bench.device)

    def run(self, cell: FingerprintCell, progress: Progress) -> FingerprintResult:
        """The result of a cell; its network is on disk by then."""
        if cell.training is None:
            return self._dictionary(progress)
        return self._network(cell, cell.training, progress)

    def _dictionary(self, progress: Progress) -> FingerprintResult:
        study, device = self._bench.study, self._bench.device
        start = time.perf_counter()
        dictionary = build_dictionary(
            study.sequence, study.dictionary.settings, device, part(progress, 0.0, 0.2)
        )
        seconds = time.perf_counter() - start
        method = dictionary_method(dictionary, device)
        n_noise, hook = study.dictionary_noise, part(progress, 0.2, 1.0)
        return evaluate(study, method, n_noise, seconds, Learning(), hook)

    def _network(
        self, cell: FingerprintCell, training: FingerprintTraining, progress: Progress
    ) -> FingerprintResult:
        study, store, device = self._bench.study, self._bench.store, self._bench.device
        parent = store.checkpoint(name_of(cell.parent, cell.seed)) if cell.parent else None
        trained = train(
            self._pool,
            training,
            study.evaluation.checkpoints,
            self._bench.validation,
            None if parent is None else read_network(parent).to(device),
            part(progress, 0.0, _TRAINING_SHARE),
        )
        self._save(cell, training, trained)
        return evaluate(
            study,
            network_method(trained.network, device),
            study.evaluation.n_noise,
            trained.seconds,
            trained.learning,
            part(progress, _TRAINING_SHARE, 1.0),
        )

    def _save(self, cell: FingerprintCell, training: FingerprintTraining, trained: Trained) -> None:
        bench = self._bench
        parent = bench.store.checkpoint(name_of(cell.parent, cell.seed)) if cell.parent else None
        pool_size, device = bench.study.training.pool, str(bench.device)
        done = stage(training, pool_size, cell.seed, trained.seconds, device)
        save_network(
            bench.store.checkpoint(cell.name),
            trained.network,
            bench.study.sequence,
            label_of(training, parent is not None),
            [*stages_before(parent), done],
        )
