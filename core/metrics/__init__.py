"""PSNR, SSIM, NMSE and RMSE under named definitions.

The same reconstruction scores 26 to 35 dB under the definitions in use, so every figure carries the
name of its own.
"""

from core.metrics.definition import DEFINITIONS, Definition, Prepared, label
from core.metrics.definitions import DEFAULT
from core.metrics.scores import excluded, psnr, rmse_percent, score
from core.metrics.summary import FIGURES, Pooled, Scored, Summary, summarise

__all__ = [
    "DEFAULT",
    "DEFINITIONS",
    "FIGURES",
    "Definition",
    "Pooled",
    "Prepared",
    "Scored",
    "Summary",
    "excluded",
    "label",
    "psnr",
    "rmse_percent",
    "score",
    "summarise",
]
