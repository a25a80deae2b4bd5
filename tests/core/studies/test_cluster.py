import os
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import replace

import pytest
from distributed import KilledWorker, LocalCluster, Status

from core.progress import Cancelled
from core.studies.cluster import DaskExecutor, default_workers, local_cluster, remote_cluster
from core.studies.plan import cells_of
from core.studies.run import run_study
from core.studies.spec_file import read_spec

TABLE = "table.csv"
IN_THIS_PROCESS = {"processes": False, "protocol": "tcp", "dashboard_address": "127.0.0.1:0"}


def test_two_workers_give_the_same_table_though_one_dies(study_file, whole_study, tmp_path):
    killed = []

    def kill_a_busy_worker(fraction, message):
        busy = [worker for worker, tasks in executor.client.processing().items() if tasks]
        if busy and not killed:
            killed.append(busy[0])
            executor.client.run(_end_soon, workers=busy[:1])

    with local_cluster(2) as executor:
        run_study(
            read_spec(study_file), tmp_path, kill_a_busy_worker, executor=executor, device="cpu"
        )
    assert killed
    assert (tmp_path / TABLE).read_bytes() == (whole_study / TABLE).read_bytes()


def _end_soon() -> None:
    """End this process, after the answer to whoever asked is sent."""
    threading.Timer(0.2, os._exit, (9,)).start()


@pytest.fixture(scope="module")
def cluster():
    """A cluster that somebody else started, with one worker in threads of this process."""
    with LocalCluster(n_workers=1, threads_per_worker=1, **IN_THIS_PROCESS) as cluster:
        yield cluster


def test_a_running_cluster_gives_the_same_table(cluster, study_file, whole_study, tmp_path):
    with remote_cluster(cluster.scheduler_address) as executor:
        run_study(read_spec(study_file), tmp_path, executor=executor, device="cpu")
    assert (tmp_path / TABLE).read_bytes() == (whole_study / TABLE).read_bytes()


def test_a_stop_ends_the_cells_under_way(cluster, edited, tmp_path):
    spec = read_spec(edited(("length = 2", "length = 100000"), ("[0, 2]", "[2]")))
    start = time.monotonic()
    with remote_cluster(cluster.scheduler_address) as executor:
        table = run_study(
            spec,
            tmp_path,
            stop_requested=lambda: time.monotonic() - start > 3,
            executor=executor,
            device="cpu",
        )
        deadline = time.monotonic() + 60
        while any(executor.client.run(_n_running).values()):
            assert time.monotonic() < deadline
            time.sleep(0.1)
    assert table.n_done == 0


def _n_running(dask_worker) -> int:
    return dask_worker.state.executing_count


def test_a_cluster_that_goes_away_is_named(edited, tmp_path):
    spec = read_spec(edited(("length = 2", "length = 100000"), ("[0, 2]", "[2]")))
    with LocalCluster(n_workers=1, threads_per_worker=1, **IN_THIS_PROCESS) as gone:

        def close(fraction, message):
            if "to go" in message and gone.status is not Status.closed:
                gone.close()

        with (
            remote_cluster(gone.scheduler_address) as executor,
            pytest.raises(ValueError, match=r"the cluster at tcp://.* was lost; what is done is"),
        ):
            run_study(spec, tmp_path, close, executor=executor, device="cpu")


def test_workers_that_lack_a_file_are_refused(cluster, study_file):
    cell = cells_of(read_spec(study_file), "cpu")[0]
    gone = replace(cell, parent=replace(cell.parent, path="gone.safetensors"))
    with remote_cluster(cluster.scheduler_address) as executor:
        with pytest.raises(ValueError, match=r"worker .*: gone.safetensors: must be readable"):
            executor.prepare([gone])
        with pytest.raises(ValueError, match=r"worker .*: device must be one of"):
            executor.prepare([replace(cell, device="cuda:99")])


def test_workers_of_another_version_are_refused(cluster, study_file, monkeypatch):
    from core.studies import cluster as module

    here = module.versions()
    monkeypatch.setattr(module, "look_around", lambda *_: ({**here, "torch": "0.1"}, ""))
    with (
        remote_cluster(cluster.scheduler_address) as executor,
        pytest.raises(ValueError, match=r"must have tlmri .* as here, got .*torch 0.1"),
    ):
        executor.prepare(cells_of(read_spec(study_file), "cpu"))


def test_a_scheduler_without_workers_is_refused(study_file, monkeypatch):
    monkeypatch.setattr("core.studies.cluster.CONNECT_SECONDS", 0.5)
    cells = cells_of(read_spec(study_file), "cpu")
    with (
        LocalCluster(n_workers=0, **IN_THIS_PROCESS) as empty,
        remote_cluster(empty.scheduler_address) as executor,
        pytest.raises(ValueError, match="must have a worker, got none"),
    ):
        executor.prepare(cells)


@pytest.mark.parametrize(
    "address", ["tcp://127.0.0.1:1", "nonsense", "foo://127.0.0.1:1", "127.0.0.1:99999999"]
)
def test_an_unreachable_scheduler_is_refused(address):
    with (
        pytest.raises(ValueError, match=f"scheduler must be reachable at {address}, got: "),
        remote_cluster(address),
    ):
        pass


def test_another_service_is_no_scheduler():
    with socket.create_server(("127.0.0.1", 0)) as server:

        def greet() -> None:
            for _ in range(2):  # the knock, then Dask's client
                connection, _ = server.accept()
                with connection:
                    connection.sendall(b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n")

        thread = threading.Thread(target=greet)
        thread.start()
        address = f"tcp://127.0.0.1:{server.getsockname()[1]}"
        with pytest.raises(ValueError, match="scheduler"), remote_cluster(address):
            pass
        thread.join()


class _DeadFuture:
    """A task whose workers kept dying."""

    def result(self):
        raise KilledWorker("cell", None, 3)


def test_a_cell_whose_workers_keep_dying_is_named(study_file):
    cell = cells_of(read_spec(study_file), "cpu")[0]
    executor = DaskExecutor(None, "somewhere")
    with pytest.raises(ValueError, match=r"cell natural, R=4, not tuned: 3 workers died on it"):
        executor._result(_DeadFuture(), cell)


def test_a_cluster_without_workers_is_not_waited_for(monkeypatch):
    class Client:
        def scheduler_info(self):
            return {"workers": {}}

    monkeypatch.setattr("core.studies.cluster.LOST_SECONDS", 0)
    executor = DaskExecutor(Client(), "somewhere")
    time.sleep(0.01)
    with pytest.raises(ValueError, match="somewhere has had no worker for 0 s"):
        executor._check_workers()


INTERRUPTED = """
import signal, tempfile, time
from core.studies.cluster import local_cluster

def start_a_cell():
    tempfile.mkdtemp(prefix="tlmri-cell-")
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    return signal.SIGINT in mask and signal.getsignal(signal.SIGINT) is signal.SIG_IGN

if __name__ == "__main__":
    try:
        with local_cluster(2) as executor:
            executor.client.wait_for_workers(2)
            is_deaf = executor.client.run(start_a_cell)
            print(len(is_deaf), all(is_deaf.values()), flush=True)
            time.sleep(600)
    except KeyboardInterrupt:
        print("interrupted")
"""


@pytest.mark.skipif(sys.platform == "win32", reason="has no process groups to be interrupted")
def test_ctrl_c_ends_workers_without_a_word_and_leaves_no_file(tmp_path):
    script, folder = tmp_path / "script.py", tmp_path / "temporary"
    script.write_text(INTERRUPTED)
    folder.mkdir()
    with subprocess.Popen(
        [sys.executable, str(script)],
        start_new_session=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "TMPDIR": str(folder)},
    ) as process:
        assert process.stdout.readline() == "2 True\n"
        assert list(folder.glob("*/tlmri-cell-*"))
        os.killpg(process.pid, signal.SIGINT)
        assert process.communicate(timeout=120) == ("interrupted\n", "")
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(("n", "said"), [(1, "1 cell to go on "), (2, "2 cells to go on ")])
def test_cells_to_go_are_counted(cluster, study_file, n, said):
    heard = []

    def hear(fraction, message):
        heard.append(message)
        raise Cancelled

    cells = cells_of(read_spec(study_file), "cpu")[:n]
    with remote_cluster(cluster.scheduler_address) as executor, pytest.raises(Cancelled):
        list(executor.run(cells, hear, lambda: False))
    assert heard[0].startswith(said)


def test_workers_are_at_least_one():
    assert default_workers("cpu") >= 1
