import pytest
import torch

from core.devices import is_out_of_memory


def real_failure():
    """What torch itself raises on the processor for far too large a tensor."""
    with pytest.raises(RuntimeError) as failed:
        torch.empty(2**60, dtype=torch.uint8)
    return failed.value


@pytest.mark.parametrize(
    "error",
    [
        torch.OutOfMemoryError("no words of it"),
        torch.cuda.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB"),
        RuntimeError("MPS backend out of memory (MPS allocated: 8 GB)"),
        RuntimeError("DefaultCPUAllocator: not enough memory: you tried to allocate 9 bytes."),
        RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes"),
    ],
)
def test_out_of_memory_is_recognised(error):
    assert is_out_of_memory(error)


def test_what_torch_raises_here_is_recognised():
    assert is_out_of_memory(real_failure())


@pytest.mark.parametrize(
    "error", [RuntimeError("shapes do not match"), ValueError("out of memory"), KeyboardInterrupt()]
)
def test_other_errors_are_not(error):
    assert not is_out_of_memory(error)
