"""Cells on Dask distributed: a cluster of this machine, or one that runs elsewhere."""

from __future__ import annotations

import logging
import os
import signal
import socket
import tempfile
import time
import uuid
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from multiprocessing import resource_tracker
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core import __version__
from core.progress import Cancelled, Progress
from core.studies import worker_start
from core.studies.cells import Cell, CellResult
from core.studies.executors import POLL_SECONDS

if TYPE_CHECKING:
    from distributed import Client, Future, LocalCluster

CONNECT_SECONDS = 5
"""How long a scheduler and its first worker may take to answer."""

LOST_SECONDS = 60
"""How long a cluster may be without any worker while cells wait."""

ALLOWED_DEATHS = 2
"""Workers that a cell may lose before it is refused; so many times it is tried again."""

WORKER_BYTES = 2_000_000_000
"""Memory that a worker is given when their number is chosen."""


class DaskExecutor:
    """Cells on the workers of a Dask cluster.

    A cell is a task. A worker that dies has its cell tried again on another one; a cell whose
    workers keep dying is refused by name.
    """

    def __init__(self, client: Client, address: str) -> None:
        self.client = client
        self._address = address
        self._last_seen = time.monotonic()

    def prepare(self, cells: Sequence[Cell]) -> None:
        """Ask every worker for its versions, the files of the cells and the device.

        Raises
        ------
        ValueError
            If there is no worker, or one lacks something, naming it.
        """
        if not cells:
            return
        try:
            self.client.wait_for_workers(1, timeout=CONNECT_SECONDS)
        except TimeoutError:
            raise ValueError(f"scheduler {self._address} must have a worker, got none") from None
        found = self.client.run(look_around, files_of(cells), cells[0].device)
        here = versions()
        for worker, (there, complaint) in found.items():
            if there != here:
                raise ValueError(
                    f"worker {worker} must have {_listed(here)} as here, got {_listed(there)}"
                )
            if complaint:
                raise ValueError(f"worker {worker}: {complaint}")

    def run(
        self, cells: Sequence[Cell], progress: Progress, stop_requested: Callable[[], bool]
    ) -> Iterator[CellResult]:
        """Results as the workers send them."""
        from distributed import as_completed

        run = uuid.uuid4().hex
        futures = {
            self.client.submit(run_there, cell, key=f"cell-{cell.key}-{run}", pure=False): cell
            for cell in cells
        }
        pending = as_completed(list(futures))
        n_done = 0
        try:
            while n_done < len(cells) and not stop_requested():
                left = len(cells) - n_done
                cells_left = f"{left} cell{'s' * (left > 1)}"
                progress(n_done / len(cells), f"{cells_left} to go on {self._address}")
                if not pending.has_ready():
                    self._check_workers()
                    time.sleep(POLL_SECONDS)
                    continue
                future = next(pending)
                yield self._result(future, futures.pop(future))
                n_done += 1
        finally:
            self.client.cancel(list(futures), force=True)

    def _check_workers(self) -> None:
        """Refuse to wait for ever where no worker is left to run anything."""
        now = time.monotonic()
        if self.client.scheduler_info()["workers"]:
            self._last_seen = now
        elif now - self._last_seen > LOST_SECONDS:
            raise ValueError(
                f"the cluster at {self._address} has had no worker for {LOST_SECONDS} s; what is "
                "done is kept"
            )

    def _result(self, future: Future[Any], cell: Cell) -> CellResult:
        from distributed import CancelledError, KilledWorker
        from distributed.comm.core import CommClosedError

        try:
            result: CellResult = future.result()
        except KilledWorker:
            raise ValueError(
                f"cell {cell.title}: {ALLOWED_DEATHS + 1} workers died on it, perhaps for lack of "
                "memory; what is done is kept"
            ) from None
        except (CancelledError, CommClosedError):
            raise ValueError(
                f"the cluster at {self._address} was lost; what is done is kept"
            ) from None
        return result


def files_of(cells: Sequence[Cell]) -> dict[str, str]:
    """Path to digest of every file that the cells read."""
    scans = {ref for cell in cells for ref in (*cell.tune, *cell.test)}
    files = [ref.file for ref in scans] + [cell.parent for cell in cells]
    return {file.path: file.sha256 for file in files if file is not None}


def versions() -> dict[str, str]:
    """What must be the same everywhere, since numbers follow from it."""
    import torch

    from core import devices

    bfloat16 = devices.has_fast_bfloat16(torch.device("cpu"))
    arithmetic = "bfloat16" if bfloat16 else "float32"
    return {"tlmri": __version__, "torch": torch.__version__, "arithmetic": arithmetic}


def _listed(found: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {value}" for name, value in found.items())


def look_around(files: Mapping[str, str], device: str) -> tuple[dict[str, str], str]:
    """On a worker: its versions, and what it lacks in one line (empty for nothing)."""
    from core import devices
    from core.studies.people import file_digest

    try:
        devices.resolve(device)
        for path, digest in files.items():
            if file_digest(Path(path)) != digest:
                return versions(), f"{path}: must be the same file as here"
    except ValueError as error:
        return versions(), str(error)
    return versions(), ""


def run_there(cell: Cell) -> CellResult:
    """On a worker: run a cell, until nobody wants its result any more."""
    from distributed import Status, get_worker

    from core.studies.kinds import run_cell
    from core.training.memory import keep_freed_memory

    keep_freed_memory()
    worker: Any = get_worker()
    task = worker.get_current_task()
    gone = (Status.closing, Status.closed, Status.failed)

    def progress(fraction: float, message: str = "") -> None:
        del fraction, message
        state = worker.state.tasks.get(task)
        # 'cancelled' once the study was stopped, or its process died and the scheduler let go
        if state is None or state.state != "executing" or worker.status in gone:
            raise Cancelled

    return run_cell(cell, progress)


def default_workers(device: str = "cpu") -> int:
    """Cells at once: one for a GPU, else one a core while each has memory enough."""
    import psutil

    from core import devices

    if devices.resolve(device).type != "cpu":
        return 1
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    memory = psutil.virtual_memory().available // WORKER_BYTES
    return max(1, min(cores or 1, int(memory)))


@contextmanager
def local_cluster(workers: int) -> Iterator[DaskExecutor]:
    """Workers of this machine, one process and one torch thread each, ended with the context.

    What they write for a moment goes with it too, also where they are ended in the middle.
    """
    import dask
    from distributed import Client

    settings = {"distributed.scheduler.allowed-failures": ALLOWED_DEATHS}
    with (
        tempfile.TemporaryDirectory(prefix="tlmri-study-", ignore_cleanup_errors=True) as folder,
        dask.config.set(settings | {"temporary-directory": folder}),
        _quiet(),
        _started(workers, folder) as cluster,
        Client(cluster) as client,
    ):
        yield DaskExecutor(client, "this machine")


def _started(workers: int, folder: str) -> LocalCluster:
    """A cluster whose workers keep to a folder, and leave Ctrl-C to this process."""
    from distributed import LocalCluster

    with _interrupts_held():
        return LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            memory_limit=0,  # the number of workers is chosen so that they fit
            dashboard_address="127.0.0.1:0",  # any free port: its own default may be taken
            silence_logs=logging.CRITICAL,
            env={"TMPDIR": folder},
            preload=[worker_start.__name__],
        )


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Hold Ctrl-C back from this thread for a while, and for good from processes begun by it.

    The threads that start workers are begun in it: a worker hears nothing from its first moment,
    when it has not come to :mod:`core.studies.worker_start` yet. Windows has no such masks.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    # Begun later, within, it would let them through again.
    resource_tracker.ensure_running()
    earlier = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, earlier)


@contextmanager
def remote_cluster(address: str) -> Iterator[DaskExecutor]:
    """The cluster of a scheduler that runs already.

    Raises
    ------
    ValueError
        If there is none at the address, within seconds.
    """
    from distributed import Client

    with _quiet(), warnings.catch_warnings():
        # Versions that numbers follow from are checked by DaskExecutor.prepare.
        warnings.filterwarnings("ignore", message="Mismatched versions found")
        try:
            _knock(address)
            client = Client(address, timeout=CONNECT_SECONDS)
        except (OSError, ValueError, OverflowError) as error:
            reason = " ".join(str(error).split()) or "no answer"
            raise ValueError(f"scheduler must be reachable at {address}, got: {reason}") from None
        except MemoryError:  # the first bytes of another protocol, read as a length
            raise ValueError(
                f"scheduler at {address} must be Dask's, got another service"
            ) from None
        with client:
            yield DaskExecutor(client, address)


def _knock(address: str) -> None:
    """Open and close a plain connection: it fails at once where Dask's client tries for seconds."""
    from distributed.comm.addressing import parse_address, parse_host_port

    scheme, location = parse_address(address)
    if scheme == "inproc":
        return
    socket.create_connection(parse_host_port(location), timeout=CONNECT_SECONDS).close()


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep what Dask logs off the terminal: what matters is raised."""
    loggers = [logging.getLogger(name) for name in ("distributed", "tornado", "asyncio")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
