"""The definitions in use, each read from its source's code."""

from __future__ import annotations

from core.metrics.definition import DEFINITIONS, Definition, Image, Prepared

DEFAULT = "fastmri-volume"


def volume_maximum(reference: Image, image: Image, volume_max: float) -> Prepared:
    """As they are; the range is the largest reference value of the whole volume."""
    return Prepared(reference, image, volume_max, volume_max)


def slice_maximum(reference: Image, image: Image, volume_max: float) -> Prepared:
    """As they are; the range is the reference slice's maximum."""
    del volume_max
    peak = float(reference.max())
    return Prepared(reference, image, peak, peak)


def reference_scaled(reference: Image, image: Image, volume_max: float) -> Prepared:
    """Both over the reference slice's maximum; the range spans both images."""
    del volume_max
    peak = float(reference.max())
    reference, image = reference / peak, image / peak
    span = max(float(reference.max()), float(image.max()))
    span -= min(float(reference.min()), float(image.min()))
    return Prepared(reference, image, span, span)


def own_maximum(reference: Image, image: Image, volume_max: float) -> Prepared:
    """Each over its own maximum: blind to intensity. An image without a positive value stays."""
    del volume_max
    own = float(image.max())
    scaled = image / own if own > 0 else image
    return Prepared(reference / float(reference.max()), scaled, 1.0, 2.0)


DEFINITIONS.register(DEFAULT, "fastMRI (volume maximum)")(
    Definition(
        rule="PSNR peak and SSIM range are the largest value of the reference volume; the summary "
        "states one mean squared error a volume, a row that of its slice.",
        source="facebookresearch/fastMRI, fastmri/evaluate.py, without its centre crop",
        prepare=volume_maximum,
        pools_volumes=True,
    )
)
DEFINITIONS.register("slice-max", "Slice maximum")(
    Definition(
        rule="PSNR peak and SSIM range are the largest value of the reference slice.",
        source="facebookresearch/fastMRI, pl_modules/mri_module.py before pull request 130",
        prepare=slice_maximum,
    )
)
DEFINITIONS.register("calgary", "Calgary-Campinas challenge")(
    Definition(
        rule="Both images are divided by the reference slice's maximum; PSNR peak and SSIM range "
        "run from the smallest to the largest value of either.",
        source="MC-MRRec challenge, as in NKI-AI/direct, direct/functionals/challenges.py",
        prepare=reference_scaled,
    )
)
DEFINITIONS.register("cukur-lab", "Çukur lab code (own maximum)")(
    Definition(
        rule="Each image is divided by its own maximum, so intensity errors vanish; PSNR peak 1, "
        "SSIM range 2.",
        source="icon-lab/SLATER, psnr.py, with the ranges of the scikit-image of its time: the "
        "lab's later code, not stated in the paper",
        prepare=own_maximum,
    )
)
