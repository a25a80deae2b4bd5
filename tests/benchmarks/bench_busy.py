"""How long a reconstruction takes beside another busy program, by how torch's threads wait.

    pytest -m benchmark -s tests/benchmarks/bench_busy.py

Another program multiplies matrices on all cores. L1-SPIRiT of 8 x 256 x 256 runs beside it with
threads that wait as OpenMP has them by default, spinning for a while, and with threads that sleep
(``core.threads``), both first on the quiet machine. Prints, asserts nothing.
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


OTHER = """
import torch

matrix = torch.randn(600, 600)
while True:
    matrix = (matrix @ matrix).tanh()
"""
PLAIN = {k: v for k, v in os.environ.items() if k not in (WAIT_POLICY, "OMP_NUM_THREADS")}
POLICIES = {"by default": PLAIN, "sleeping": {**PLAIN, WAIT_POLICY: "PASSIVE"}}


def taken(environment):
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
    for name, environment in POLICIES.items():
        print(f"  quiet, waiting {name:10} {taken(environment)}")
    with subprocess.Popen([sys.executable, "-c", OTHER], env=PLAIN) as other:
        for name, environment in POLICIES.items():
            print(f"  busy,  waiting {name:10} {taken(environment)}")
        other.kill()
