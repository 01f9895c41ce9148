#!/usr/bin/env python3
"""Compares ONNX Runtime's results for models written by `convert` with this library's, number by number.

    compare_onnx.py BUILD WEIGHTS IMAGES WIDTHxHEIGHT ...      as in
    compare_onnx.py build/dev tests/golden/curve_light.pt photos 128x128 256x256 320x192

BUILD has examples/convert and tests/run_generator (cmake --build --preset dev --target convert run_generator). Both generators of
WEIGHTS are converted, with all outputs and with the image alone, and run on each image at each size. The worst difference of the
image and the CAM logits must be at most 1e-4; the heat map is a sum over all channels, so its difference is divided by its largest value.

Needs NumPy, Pillow and onnxruntime (1.32 is what it was run with).
"""
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import onnxruntime
from PIL import Image

LIMIT = 1e-4


def main():
    build, weights, images = (pathlib.Path(a).resolve() for a in sys.argv[1:4])
    sizes = [tuple(map(int, size.split("x"))) for size in sys.argv[4:]]
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    worst = 0.0
    with tempfile.TemporaryDirectory() as work:
        work = pathlib.Path(work)
        for direction in ("A2B", "B2A"):
            sessions = []
            for more in ([], ["--image_only"]):
                subprocess.run([build / "examples/convert", "--input", weights, "--output", work / "model.onnx",
                                "--direction", direction, *more], check=True)
                sessions.append(onnxruntime.InferenceSession(str(work / "model.onnx"), options, providers=["CPUExecutionProvider"]))
            for photo in sorted(p for p in images.iterdir() if p.suffix in (".png", ".jpg")):
                for width, height in sizes:
                    picture = Image.open(photo).convert("RGB").resize((width, height), Image.BILINEAR)
                    picture.save(work / "photo.png")
                    x = (np.asarray(picture, np.float32) / 255 - 0.5) / 0.5
                    x = np.ascontiguousarray(x.transpose(2, 0, 1)[None])
                    theirs = sessions[0].run(["image", "cam_logits", "heat_map"], {"input": x})
                    alone = sessions[1].run(None, {"input": x})
                    assert len(alone) == 1 and np.abs(alone[0] - theirs[0]).max() <= LIMIT
                    subprocess.run([build / "tests/run_generator", weights, "gen" + direction, work / "photo.png", str(width),
                                    str(height), work / "out.bin"], check=True)
                    ours = np.fromfile(work / "out.bin", np.float32)
                    at, differences = 0, []
                    for result in theirs:
                        mine = ours[at:at + result.size].reshape(result.shape)
                        at += result.size
                        scale = max(1.0, float(np.abs(mine).max())) if len(differences) == 2 else 1.0
                        differences.append(float(np.abs(result - mine).max()) / scale)
                    assert at == ours.size
                    worst = max(worst, *differences)
                    print("%s %s %dx%d: image %.2g, CAM logits %.2g, heat map %.2g" % (direction, photo.name, width, height, *differences))
    print("worst %.2g" % worst)
    sys.exit(0 if worst <= LIMIT else 1)


if __name__ == "__main__":
    main()
