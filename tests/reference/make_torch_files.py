#!/usr/bin/env python3
"""Writes the tiny PyTorch checkpoints that tests/io reads: both serialisations, good and hostile.

Run by hand with any PyTorch: python3 tests/reference/make_torch_files.py
"""
import collections
import os
import pathlib
import pickle

import torch

GOLDEN = pathlib.Path(__file__).resolve().parent.parent / "io" / "golden"


def counting(*shape, dtype=torch.float32):
    """0, 1, 2, … in row-major order, times 0.25: exact in every format."""
    count = int(torch.tensor(shape).prod()) if shape else 1
    return (torch.arange(count, dtype=torch.float64) * 0.25).reshape(shape).to(dtype)


def checkpoint():
    shared = counting(4, 6)
    generator = collections.OrderedDict()
    generator["DownBlock.1.weight"] = counting(2, 3, 1, 2)
    generator["transposed"] = counting(3, 4).t()  # 4 x 3, strides 1 and 4
    generator["part"] = shared[1:3, 2:5]  # 2 x 3 out of the middle
    generator["row"] = shared[2]  # contiguous, not at the beginning
    generator["parameter"] = torch.nn.Parameter(counting(5))
    generator["scalar"] = counting()
    generator["expanded"] = torch.tensor([1.5]).expand(3, 2)
    generator["empty"] = torch.zeros(0, 3)
    generator["num_batches_tracked"] = torch.tensor(7)
    generator["deep"] = {"er": [counting(1), counting(2)]}
    return {
        "genA2B": generator,
        "formats": {
            "half": counting(7, dtype=torch.float16),
            "bfloat16": counting(7, dtype=torch.bfloat16),
            "double": counting(7, dtype=torch.float64),
        },
        "iteration": 5,
        "rate": 1e-4,
        "note": "text",
        "nothing": None,
        "flag": True,
    }


class Hostile:
    def __reduce__(self):
        return os.system, ("touch a_hostile_checkpoint_ran_this",)


def main():
    GOLDEN.mkdir(parents=True, exist_ok=True)
    for name, is_zip in (("zip", True), ("stream", False)):
        torch.save(checkpoint(), GOLDEN / f"torch_{name}.pt", _use_new_zipfile_serialization=is_zip)
        torch.save({"a": torch.zeros(2), "b": Hostile()}, GOLDEN / f"hostile_{name}.pt",
                   _use_new_zipfile_serialization=is_zip)
    (GOLDEN / "hostile_pickle.pt").write_bytes(pickle.dumps(Hostile()))


if __name__ == "__main__":
    main()
