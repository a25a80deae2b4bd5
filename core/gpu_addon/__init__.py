"""GPU support as an add-on of the installers' application, which ships a CPU build of torch.

The add-on is a folder with the CUDA build of the very same torch. It is used from the next start
on, if the NVIDIA driver found then still fits; otherwise the CPU build is, and the reason is told.
"""

from core.gpu_addon.at_start import Status, status, use_if_it_fits

__all__ = ["Status", "status", "use_if_it_fits"]
