#!/usr/bin/env python3
"""Checks a checkpoint written by `convert` against PyTorch and the published order of names.

    check_torch_files.py OURS.pt [ORIGINAL.pt]

OURS must load with torch.load (weights_only=True where this PyTorch has it), its networks must take it strictly, and its keys
must come in the order in which the published code's modules are made. With ORIGINAL, all six networks must be equal to it bit
for bit, and an iteration of training from either gives the same losses.

Needs PyTorch (1.13 of Debian 12 is what it was run with).
"""
import inspect
import sys

import torch

import ugatit_torch as ugatit

GENERATOR_ORDER = ["gap_fc", "gmp_fc", "conv1x1", "gamma", "beta", "UpBlock1_", "DownBlock", "FC", "UpBlock2"]
DISCRIMINATOR_ORDER = ["gap_fc", "gmp_fc", "conv1x1", "conv.", "model"]


def load(path):
    safe = {"weights_only": True} if "weights_only" in inspect.signature(torch.load).parameters else {}
    return torch.load(path, map_location="cpu", **safe)


def trainer_of(weights):
    generator = weights["genA2B"]
    ch = generator["DownBlock.1.weight"].shape[0]
    n_res = sum(".conv_block.1.weight" in key for key in generator)
    n_dis = sum(key.endswith("weight_orig") and key.startswith("model") for key in weights["disGA"])
    area = generator["FC.0.weight"].shape[1] // (4 * ch)
    light = area == 1
    size = 128 if light else 4 * round(area ** 0.5)
    return ugatit.Trainer(ch=ch, n_res=n_res, n_dis=n_dis, size=size, light=light, iterations=10, weights=weights), size


def check_order(keys, order, network):
    ranks = []
    for key in keys:
        ranks.append(next(i for i, start in enumerate(order) if key.startswith(start)))
    assert ranks == sorted(ranks), network + ": names are not in the published order"


def main():
    ours = load(sys.argv[1])
    assert list(ours) == ["genA2B", "genB2A", "disGA", "disGB", "disLA", "disLB"], list(ours)
    for network in ours:
        check_order(ours[network], GENERATOR_ORDER if network.startswith("gen") else DISCRIMINATOR_ORDER, network)
    trainer, size = trainer_of(ours)
    print(sys.argv[1], "loads,", sum(len(n) for n in ours.values()), "tensors in the published order")
    if len(sys.argv) < 3:
        return
    original = load(sys.argv[2])
    for network in original:
        assert set(original[network]) == set(ours[network]), network
        for key, tensor in original[network].items():
            assert tensor.dtype == ours[network][key].dtype and tensor.shape == ours[network][key].shape, key
            assert tensor.contiguous().numpy().tobytes() == ours[network][key].numpy().tobytes(), key
    print("equal to", sys.argv[2], "bit for bit")
    torch.manual_seed(1)
    a, b = torch.rand(1, 3, size, size) * 2 - 1, torch.rand(1, 3, size, size) * 2 - 1
    losses = [trainer_of(weights)[0].iteration(1, a, b) for weights in (ours, original)]
    assert losses[0] == losses[1]
    print("an iteration from either gives the same losses: d_loss %.6g, g_loss %.6g" % (losses[0]["d_loss"], losses[0]["g_loss"]))


if __name__ == "__main__":
    main()
