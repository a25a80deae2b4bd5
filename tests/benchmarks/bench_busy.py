"""How long a reconstruction takes beside another busy program, by how torch's threads wait.

    pytest -m benchmark -s tests/benchmarks/bench_busy.py

One process keeps a core busy. L1-SPIRiT of 8 x 256 x 256 runs beside it with threads that spin
while they wait (OpenMP's default) and with threads that sleep (``core.threads``), and both once
more on the quiet machine. Each run is given up after a minute. Prints, asserts nothing.
"""

import os
import subprocess
import sys

import pytest

from core.threads import WAIT_POLICY

pytestmark = pytest.mark.benchmark

LIMIT_S = 60
CODE = """
import time
from core.masks import make_mask
from core.phantom import make_brain, simulate_scan
from core.pipeline import choose_method, reconstruct, undersample

scan = simulate_scan(make_brain(3, 2, 256), "t1", n_coils=8)
data = undersample(scan, 0, make_mask("poisson", (256, 256), 4.0, 1))
method = choose_method("spirit", "cpu")
seconds = []
for _ in range(4):
    start = time.perf_counter()
    reconstruct(data, method)
    seconds.append(time.perf_counter() - start)
print(min(seconds[1:]))
"""


def taken(policy):
    environment = {**os.environ, WAIT_POLICY: policy}
    environment.pop("OMP_NUM_THREADS", None)
    words = [sys.executable, "-c", CODE]
    try:
        done = subprocess.run(
            words, env=environment, capture_output=True, text=True, check=True, timeout=LIMIT_S
        )
    except subprocess.TimeoutExpired:
        return f"more than {LIMIT_S} s for four runs and what goes before them"
    return f"{float(done.stdout):.2f} s"


def test_beside_a_busy_program():
    print(f"\nL1-SPIRiT, 8 x 256 x 256, {os.cpu_count()} cores")
    for policy in ("ACTIVE", "PASSIVE"):
        print(f"  quiet, {policy.lower():8} {taken(policy)}")
    with subprocess.Popen([sys.executable, "-c", "while True: pass"]) as other:
        for policy in ("ACTIVE", "PASSIVE"):
            print(f"  busy,  {policy.lower():8} {taken(policy)}")
        other.kill()
