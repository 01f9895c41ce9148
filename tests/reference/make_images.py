#!/usr/bin/env python3
"""Writes the small images that tests/io compares with: file formats, Pillow's resizing, OpenCV's colours and heat map.

Run by hand: python3 tests/reference/make_images.py [formats] [resizing] [colours]
Needs Pillow and NumPy; formats also OpenCV and ImageMagick's convert, colours OpenCV. Resizing is to be made with a
Pillow that always does the horizontal pass first (9.4 does; 13.0 no longer, which moves some pixels by 1 level).
"""
import pathlib
import subprocess
import sys

import numpy as np
from PIL import Image

GOLDEN = pathlib.Path(__file__).resolve().parent.parent / "io" / "golden"
WIDTH, HEIGHT = 17, 11


def pattern():
    """Pixel (x, y) is (15 x, 23 y, 9 (x + y)); the test knows this too."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    return np.stack([15 * x, 23 * y, 9 * (x + y)], axis=2).astype(np.uint8)


def convert(source, target, *options):
    subprocess.run(["convert", GOLDEN / source, "-strip", *options, target(GOLDEN)], check=True)


def formats():
    import cv2

    rgb = Image.fromarray(pattern())
    grey = Image.fromarray(pattern()[:, :, 0])
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    alpha = Image.fromarray((25 * y).astype(np.uint8))
    rgb.save(GOLDEN / "rgb.png")
    grey.save(GOLDEN / "grey.png")
    rgba = rgb.copy()
    rgba.putalpha(alpha)
    rgba.save(GOLDEN / "alpha.png")
    Image.merge("LA", [grey, alpha]).save(GOLDEN / "grey_alpha.png")
    rgb.quantize(200).save(GOLDEN / "palette.png")
    Image.fromarray(pattern()[:, :, 0].astype(np.uint16) * 256 + 200).save(GOLDEN / "grey16.png")
    cv2.imwrite(str(GOLDEN / "rgb16.png"), pattern()[:, :, ::-1].astype(np.uint16) * 256 + 200)
    convert("rgb.png", lambda g: g / "interlaced.png", "-interlace", "PNG")

    rgb.save(GOLDEN / "rgb.jpg", quality=95, subsampling=0)
    rgb.save(GOLDEN / "progressive.jpg", quality=95, subsampling=0, progressive=True)
    grey.save(GOLDEN / "grey.jpg", quality=95)
    y, x = np.mgrid[0:29, 0:37]
    waves = np.stack([127 + 120 * np.sin(x / 3 + y / 7), 127 + 120 * np.cos(x / 5), 6 * (x + y) % 256], axis=2)
    photo = Image.fromarray(waves.clip(0, 255).astype(np.uint8))
    photo.save(GOLDEN / "photo.jpg", quality=80)  # chroma at half size, as cameras store it
    photo.save(GOLDEN / "photo_progressive.jpg", quality=80, progressive=True)
    for name in ("photo", "photo_progressive", "rgb", "grey"):
        Image.open(GOLDEN / f"{name}.jpg").convert("RGB").save(GOLDEN / f"{name}_by_libjpeg.png")
    rgb.save(GOLDEN / "rgb.bmp")
    rgb.quantize(200).save(GOLDEN / "palette.bmp")
    rgb.save(GOLDEN / "rgb.tga")
    rgb.save(GOLDEN / "rle.tga", compression="tga_rle")
    grey.save(GOLDEN / "grey.tga")


def resizing():
    noise = np.random.default_rng(1).integers(0, 256, (29, 37, 3)).astype(np.uint8)
    noise[:8] = np.where(noise[:8] < 128, 0, 255)  # the extremes, where rounding must not overflow
    source = Image.fromarray(noise)
    source.save(GOLDEN / "noise.png")
    for width, height in ((80, 45), (9, 7), (37, 10), (13, 29), (1, 1), (64, 5), (36, 28), (38, 30)):
        source.resize((width, height), Image.BILINEAR).save(GOLDEN / f"noise_{width}x{height}.png")


def colours():
    import cv2

    levels = np.arange(256, dtype=np.uint8).reshape(1, 256)
    cv2.imwrite(str(GOLDEN / "jet.png"), cv2.applyColorMap(levels, cv2.COLORMAP_JET))
    y, x = np.mgrid[0:12, 0:16]
    heat = (((7 * x + 13 * y + x * y) % 64) / 32 - 0.75).astype(np.float32)
    heat = heat - np.min(heat)
    heat = np.uint8(255 * (heat / np.max(heat)))
    for size in (50, 9):
        picture = cv2.applyColorMap(cv2.resize(heat, (size, size)), cv2.COLORMAP_JET)
        cv2.imwrite(str(GOLDEN / f"heat_{size}.png"), picture)


if __name__ == "__main__":
    GOLDEN.mkdir(parents=True, exist_ok=True)
    for part in (formats, resizing, colours):
        if len(sys.argv) == 1 or part.__name__ in sys.argv[1:]:
            part()
