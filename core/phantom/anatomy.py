"""The order in which tissues cover each other on an axial plane."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from core.phantom import deep, head, hindbrain
from core.phantom.cortex import cerebrum, pial_depth
from core.phantom.noise import Array
from core.phantom.shapes import coverage, ellipsoid, meet, step
from core.phantom.subject import Space, Subject
from core.phantom.tissues import Label

Layer = tuple[Label, Array]


def layers(space: Space, subject: Subject, blur_mm: float) -> Iterator[Layer]:
    """Tissues from the skin inwards, each with the share of every voxel it covers.

    A later layer lies on top of the earlier ones. ``blur_mm`` is the width of an edge, about the
    size of a voxel.
    """
    inner = head.cavity(space)
    yield from _scalp_and_face(space, subject, inner, blur_mm)
    yield from _skull(space, subject, inner, blur_mm)
    yield Label.CSF, coverage(inner, blur_mm)
    yield from _hindbrain(space, subject, blur_mm)
    yield from _cerebrum(space, subject, blur_mm)
    yield Label.BLOOD, coverage(head.vessels(space, inner), blur_mm)


def _scalp_and_face(
    space: Space, subject: Subject, inner: Array, blur_mm: float
) -> Iterator[Layer]:
    skin = head.head(space)
    strands = 0.6 * space.noise(subject.marrow) + 0.7 * space.noise(subject.tissue)
    yield Label.MUSCLE, coverage(skin, blur_mm)
    yield Label.FAT, coverage(skin - 1.6, blur_mm)
    below = -inner - 7.5
    lower = 1 - step(space.up, 22, 7)
    flesh = np.minimum(skin - 9 + 4.5 * lower - space.noise(subject.tissue), below)
    yield Label.MUSCLE, coverage(flesh, blur_mm) * coverage(strands + 0.8, 1.4)
    yield Label.FAT, coverage(head.orbit(space), blur_mm)
    yield Label.MUSCLE, coverage(head.orbital_muscles(space), blur_mm)
    yield Label.BONE, coverage(head.globe(space) + 0.6, blur_mm)
    yield Label.VITREOUS, coverage(head.globe(space) - 0.3, blur_mm)
    yield Label.MUSCLE, coverage(head.lens(space), blur_mm)


def _skull(space: Space, subject: Subject, inner: Array, blur_mm: float) -> Iterator[Layer]:
    thickness = 6.8 + 0.5 * space.noise(subject.tissue)
    yield Label.BONE, coverage(inner + thickness, blur_mm)
    diploe = np.minimum(inner + thickness - 1.8, -inner - 1.8)
    cells = np.clip(0.62 + 0.22 * space.noise(subject.marrow), 0, 1)
    yield Label.MARROW, coverage(diploe, blur_mm) * cells
    base = head.petrous(space)
    yield Label.BONE, coverage(base, blur_mm)
    spongy = coverage(base - 2.5, 2.0) * np.clip(0.35 * space.noise(subject.marrow) + 0.2, 0, 1)
    yield Label.MARROW, spongy
    walls = space.noise(subject.fine)
    hollow = head.airways(space)
    yield Label.AIR, coverage(hollow, blur_mm)
    yield Label.MUSCLE, coverage(np.minimum(hollow + 0.5, walls - 1.2), 1.0)


def _hindbrain(space: Space, subject: Subject, blur_mm: float) -> Iterator[Layer]:
    hull = hindbrain.cerebellum(space)
    pial, white = hindbrain.folia(space, subject, hull)
    yield Label.CSF, coverage(hull + 1.0, blur_mm)
    yield Label.GREY_MATTER, coverage(pial, blur_mm)
    yield Label.WHITE_MATTER, coverage(np.minimum(white, hull - 1.5), 1.5 * blur_mm)
    nuclei = ellipsoid(space.side, space.front, space.up, (14, -57, -33), (6, 5, 5))
    yield Label.THALAMUS, 0.5 * coverage(nuclei, 3.0)


def _cerebrum(space: Space, subject: Subject, blur_mm: float) -> Iterator[Layer]:
    pial = pial_depth(space, subject)
    inside = coverage(cerebrum(space.left, space.front, space.up), blur_mm)
    wall = pial - subject.cortex - 0.25 * space.noise(subject.fine)
    white = coverage(wall, 1.4 * blur_mm)
    yield Label.CSF, inside
    yield Label.GREY_MATTER, coverage(pial, blur_mm)
    yield Label.WHITE_MATTER, white
    yield Label.GREY_MATTER, white * coverage(deep.claustrum(space), blur_mm)
    yield Label.BRAINSTEM, coverage(hindbrain.brainstem(space), blur_mm)
    yield Label.CORPUS_CALLOSUM, coverage(deep.corpus_callosum(space), 2.5)
    yield Label.GREY_MATTER, coverage(deep.hypothalamus(space), 2.0)
    yield Label.GREY_MATTER, coverage(deep.hippocampus(space), 1.5)
    yield Label.PUTAMEN, coverage(deep.putamen(space), 1.6)
    yield Label.PALLIDUM, coverage(deep.pallidum(space), 2.0)
    yield Label.THALAMUS, coverage(deep.thalamus(space), 2.2)
    yield Label.CAUDATE, coverage(deep.caudate(space), 1.4)
    yield Label.LESION, white * 0.9 * coverage(deep.lesions(space, subject), 2.2)
    yield Label.CSF, coverage(hindbrain.cisterns(space), 2.0)
    yield Label.CSF, coverage(hindbrain.fourth_ventricle(space), blur_mm)
    yield Label.CSF, coverage(deep.third_ventricle(space, subject), blur_mm)
    ventricles = deep.lateral_ventricles(space, subject)
    yield Label.CSF, coverage(ventricles, blur_mm)
    plexus = meet(ventricles - 1.5, 2.2 - np.abs(space.side - 23.5), 1.0)
    yield Label.THALAMUS, 0.5 * coverage(np.minimum(plexus, space.noise(subject.fine)), 1.5)
