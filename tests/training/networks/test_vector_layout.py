"""What the application tells a network is, number by number, what training told it."""

import dataclasses

import numpy as np
import pytest
import torch
from skimage import data

from sharpcli.inference import degradation, estimator
from sharpcli.inference.degradation import Degradation
from sharpcli_training.networks import estimator as trained
from sharpcli_training.networks.vector import LENGTH, Findings, to_vector

EVERYTHING = Degradation(
    blur=(0.2, 0.5, 0.3),
    sigma=1.2,
    stretch=(0.3, -0.4),
    exponent=-0.3,
    radius=2.5,
    length=7.0,
    direction=(0.6, -0.8),
    linear=0.7,
    resampled=0.9,
    log_scale=0.8,
    up=(0.5, 0.2, 0.3),
    down=(0.4, 0.3, 0.2, 0.1),
    early_jpeg=0.6,
    early_quality=60,
    noise=4.5,
    noise_width=0.5,
    sharpened=0.4,
    jpeg=0.8,
    quality=75,
)


def as_findings(known):
    """The same in training's words, for one image; its JPEG before enlarging counts the enlargement's share already."""
    row = {field.name: torch.tensor([getattr(known, field.name)]) for field in dataclasses.fields(known)}
    return Findings(
        kinds=row["blur"],
        sigma=row["sigma"],
        anisotropy=row["stretch"],
        exponent=row["exponent"],
        radius=row["radius"],
        length=row["length"],
        direction=row["direction"],
        linear=row["linear"],
        resampled=row["resampled"],
        log_scale=2 * row["log_scale"],
        up=row["up"],
        down=row["down"],
        jpeg_before=row["resampled"] * row["early_jpeg"],
        jpeg_before_loss=(105 - row["early_quality"]) / 30,
        noise=row["noise"],
        correlation=row["noise_width"],
        sharpened=row["sharpened"],
        jpeg=row["jpeg"],
        jpeg_loss=(105 - row["quality"]) / 30,
    )


def test_the_vector_has_one_layout():
    assert degradation.LENGTH == LENGTH == len(EVERYTHING.vector())
    assert EVERYTHING.vector() == pytest.approx(to_vector(as_findings(EVERYTHING))[0].tolist(), abs=1e-6)


def test_the_estimator_is_shown_and_read_as_it_was_trained():
    assert list(estimator.HEADS.values()) == list(trained.HEADS.values())
    assert estimator.SIDE == trained.PATCH
    patches, *_ = estimator.patches_of(data.camera()[:200, :300, None])
    shown = trained.Estimator().spectrum(torch.from_numpy(patches))
    np.testing.assert_allclose(estimator.power_spectra(patches), shown.numpy(), atol=2e-3)


def test_one_patch_alone_is_read_alike(monkeypatch):
    """More patches make the estimate surer; with that factor at 1, one patch's vector is the one of training."""
    monkeypatch.setattr(estimator, "CONFIDENCE", 1.0)
    outputs = torch.randn(1, sum(trained.HEADS.values()), generator=torch.Generator().manual_seed(1)) / 2
    known = estimator.combined(outputs.numpy())
    assert known.vector() == pytest.approx(trained.soft_vector(outputs)[0].tolist(), abs=1e-5)
