#!/usr/bin/env python3
"""Writes tests/golden/pairs.csv: L1, PSNR and SSIM of drawn pairs of images, by scikit-image; and tests/golden/sets.csv: KID
(of all rows, so that nothing is random) and FID of sets of features, by NumPy and SciPy.

Run by hand: python3 tests/reference/make_metrics.py
Needs NumPy, SciPy and scikit-image.
"""
import pathlib

import numpy as np
import scipy.linalg
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

GOLDEN = pathlib.Path(__file__).resolve().parent.parent / "golden"


def drawn(width, height, kind):
    """Smooth waves, waves with some noise, or noise alone; tests/metrics knows this formula too."""
    y, x, c = np.mgrid[0:height, 0:width, 0:3]
    wave = (3 * x + 2 * y + 40 * c) % 256
    noise = (x * x * 31 + y * y * 17 + x * y * 7 + 61 * c + 13 * x) % 251
    return {"wave": wave, "near": np.minimum(wave + noise // 8, 255), "noise": noise}[kind].astype(np.uint8)


def features(rows, columns, kind):
    """tests/metrics knows this formula too."""
    i, j = np.mgrid[0:rows, 0:columns]
    return np.abs(np.sin(0.7 * i * (kind + 1) + 1.3 * j + 0.11 * i * j)) + 0.2 * kind * np.cos(j)


def discrepancy(x, y):
    def kernel(a, b):
        return (a @ b.T / a.shape[1] + 1) ** 3

    def others(a):
        k = kernel(a, a)
        return (k.sum() - np.trace(k)) / (len(a) * (len(a) - 1))

    return others(x) + others(y) - 2 * kernel(x, y).mean()


def frechet(x, y):
    sx, sy = np.cov(x.T), np.cov(y.T)
    root = scipy.linalg.sqrtm(sx @ sy).real
    return ((x.mean(0) - y.mean(0)) ** 2).sum() + np.trace(sx) + np.trace(sy) - 2 * np.trace(root)


def sets():
    lines = ["rows,columns,first,second,kid,fid"]
    for rows, columns in ((12, 5), (40, 16)):
        for first, second in ((0, 1), (1, 2)):
            x, y = features(rows, columns, first), features(rows, columns, second)
            lines.append(f"{rows},{columns},{first},{second},{discrepancy(x, y):.12g},{frechet(x, y):.12g}")
    (GOLDEN / "sets.csv").write_text("\n".join(lines) + "\n")


def main():
    sets()
    lines = ["width,height,x,y,l1,psnr,ssim"]
    for width, height in ((7, 7), (8, 19), (64, 48)):
        for first, second in (("wave", "near"), ("wave", "noise"), ("near", "noise"), ("noise", "noise")):
            x, y = drawn(width, height, first), drawn(width, height, second)
            l1 = np.abs(x / 255.0 - y / 255.0).mean()
            # scikit-image gives equal images an infinite ratio; the library says 100.
            psnr = 100.0 if (x == y).all() else peak_signal_noise_ratio(x, y, data_range=255)
            ssim = structural_similarity(x, y, channel_axis=2, data_range=255)
            lines.append(f"{width},{height},{first},{second},{l1:.12g},{psnr:.12g},{ssim:.12g}")
    (GOLDEN / "pairs.csv").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
