r"""The calibration-consistent cascade on all coils (Eqs. 12 to 14 of Dar et al.).

With zero-filled coil images :math:`x_u`, sub-networks :math:`C_p`, coil maps :math:`A` and SPIRiT
kernel :math:`G`,

.. math:: x_{i1} = f_{DC}\{f_{CC}\{x_u\}\},\qquad
   x_{i,p+1} = f_{DC}\{f_{CC}\{f_{DC}\{A\,C_p(A^* x_{ip})\}\}\}

and the result is :math:`A^* f_{DC}\{A\,C_P(A^* x_{iP})\}`. :math:`f_{CC}` is five consecutive
applications of :math:`G`, which in the image domain are one matrix a pixel.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import nn

from core.checkpoints import COMPLEX, MULTI
from core.coils import combine
from core.networks.cascade import Cascade, CascadeConfig, SubNetwork
from core.networks.consistency import consistency_weight
from core.networks.handling import PHASES, AllCoils
from core.networks.measured import Measured
from core.networks.network import Network, refuse_another_shape
from core.networks.series import Series
from core.networks.table import NETWORKS
from core.params import setting


@dataclass(frozen=True)
class MulticoilConfig(CascadeConfig):
    """Shape of the network; the defaults are the paper's but for ``skip`` and ``phase``.

    ``phase`` is that which the maps carry besides the coils' (:class:`AllCoils`): ``centre`` (that
    of the fully sampled centre, so that the combined image is nearly real) or ``none`` (the
    paper's).
    """

    n_consistency: int = setting(5, "Calibration consistency", low=0, high=20, unit="projections")
    phase: str = setting("centre", "Phase taken off", choices=PHASES.names())


class ComplexSubNetwork(nn.Module):
    r"""Two sub-networks: one finds the real part, the other the imaginary one.

    Both are the same function of the image and of :math:`-i` times the image, whose real part is
    the imaginary part.
    """

    def __init__(self, config: CascadeConfig) -> None:
        super().__init__()
        self.real = SubNetwork(config)
        self.imaginary = SubNetwork(config)

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        """Complex image `(batch, y, x)` to complex image."""
        return torch.complex(self.real(image), self.imaginary(-1j * image))


@NETWORKS.register("multicoil", "Cascade with calibration consistency", MulticoilConfig)
class Multicoil(Series):
    """Sub-networks on the combined image, data and calibration consistency on all coil images.

    It takes any number of coils. Data of one coil have no calibration consistency, and their map
    is a phase alone: the same network serves complex single-coil data.
    """

    learns_from = (COMPLEX, MULTI)

    def __init__(self, config: MulticoilConfig) -> None:
        super().__init__()
        self.config = config
        self.subnetworks = nn.ModuleList(
            ComplexSubNetwork(config) for _ in range(config.n_subnetworks)
        )
        self._weight = consistency_weight(config.reg_weight)

    @property
    def handling(self) -> AllCoils:
        """It takes all coils together."""
        return AllCoils(self.config.n_consistency, self.config.phase)

    def start_from(self, parent: Network) -> None:
        """Take the weights of another one, or those of a cascade for both parts."""
        if not isinstance(parent, Cascade):
            super().start_from(parent)
            return
        refuse_another_shape(self.config, parent.config)
        for pair, single in zip(self.subnetworks, parent.subnetworks, strict=True):
            assert isinstance(pair, ComplexSubNetwork)
            pair.real.load_state_dict(single.state_dict())
            pair.imaginary.load_state_dict(single.state_dict())

    def forward(
        self,
        zero_filled: torch.Tensor,
        corner_mask: torch.Tensor,
        sens_maps: torch.Tensor,
        consistency: torch.Tensor | None = None,
        n_subnetworks: int | None = None,
    ) -> torch.Tensor:
        """Combined complex image, shape `(batch, y, x)`.

        Parameters
        ----------
        zero_filled, corner_mask, sens_maps, consistency
            As of :class:`core.networks.measured.Measured`; ``consistency`` is None for data of one
            coil.
        n_subnetworks
            How many sub-networks to run; all by default.
        """
        found = self.coil_images(zero_filled, corner_mask, sens_maps, consistency, n_subnetworks)
        return combine(found, sens_maps)

    def coil_images(
        self,
        zero_filled: torch.Tensor,
        corner_mask: torch.Tensor,
        sens_maps: torch.Tensor,
        consistency: torch.Tensor | None = None,
        n_subnetworks: int | None = None,
    ) -> torch.Tensor:
        """Coil images after the last data consistency, `(batch, coil, y, x)`.

        Arguments as of :meth:`forward`.
        """
        data = Measured(zero_filled, corner_mask, sens_maps, consistency, self._weight)
        coils = zero_filled
        for subnetwork in self.subnetworks[:n_subnetworks]:
            coils = data.consistent(subnetwork(data.calibrated(coils)))
        return coils

    def subnetwork_output(self, index: int, *given: torch.Tensor | None) -> torch.Tensor:
        """Complex image that one sub-network finds, those before it being fixed (Eq. 11)."""
        zero_filled, corner_mask, sens_maps, consistency = given
        assert zero_filled is not None
        assert corner_mask is not None
        assert sens_maps is not None
        with torch.no_grad():
            before = self.coil_images(zero_filled, corner_mask, sens_maps, consistency, index)
            data = Measured(zero_filled, corner_mask, sens_maps, consistency, self._weight)
            inputs = data.calibrated(before)
        return self.subnetworks[index](inputs)
