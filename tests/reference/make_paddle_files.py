#!/usr/bin/env python3
"""Writes the small Paddle checkpoints that tests/io reads, and the same numbers under PyTorch's names.

    make_paddle_files.py           paddle_port.pickle    as the port for Paddle 1.8 saves: NumPy arrays, pickle of protocol 2
                                   paddle_protocol4.pickle  the same in protocol 4
                                   paddle_published.pt   what they are to be read as
    make_paddle_files.py --paddle  paddle_saved.pdparams, by paddle.save (made with Paddle 3): tensors, pickle of protocol 4

Networks of the port: https://github.com/GuoQuanhao/UGATIT-Paddle. Names and shapes here follow its networks.py.
"""
import collections
import pathlib
import pickle
import sys

import numpy as np

GOLDEN = pathlib.Path(__file__).resolve().parent.parent / "io" / "golden"
CH, N_RES, N_DIS = 1, 1, 4


def generator():
    """-> [(name in the port, name in PyTorch, shape in PyTorch)]"""
    wide = 4 * CH
    rows = []

    def add(name, shape, published=None):
        rows.append((name, published or name, shape))

    add("gap_fc.weight", (1, wide))
    add("gmp_fc.weight", (1, wide))
    add("conv1x1.weight", (wide, 2 * wide, 1, 1))
    add("conv1x1.bias", (wide,))
    add("gamma.weight", (wide, wide))
    add("beta.weight", (wide, wide))
    for block in range(1, N_RES + 1):
        for half in "12":
            add("UpBlock1_%d.conv%s.weight" % (block, half), (wide, wide, 3, 3))
            add("UpBlock1_%d.norm%s.rho" % (block, half), (1, wide, 1, 1))
    for place, out, inputs, kernel in ((1, CH, 3, 7), (5, 2 * CH, CH, 3), (9, wide, 2 * CH, 3)):
        add("DownBlock.%d.weight" % place, (out, inputs, kernel, kernel))
        add("DownBlock.%d.scale" % (place + 1), (out,), "DownBlock.%d.weight" % (place + 1))
        add("DownBlock.%d.bias" % (place + 1), (out,))
    for block in range(12, 12 + N_RES):
        for place in (1, 5):
            prefix = "DownBlock.%d.conv_block." % block
            add(prefix + "%d.weight" % place, (wide, wide, 3, 3))
            add(prefix + "%d.scale" % (place + 1), (wide,), prefix + "%d.weight" % (place + 1))
            add(prefix + "%d.bias" % (place + 1), (wide,))
    add("FC.0.weight", (wide, wide))
    add("FC.1.weight", (wide, wide), "FC.2.weight")
    for conv, norm, published, channels in ((2, 3, 2, 2 * CH), (6, 7, 7, CH)):
        add("UpBlock2.%d.weight" % conv, (channels, 2 * channels, 3, 3), "UpBlock2.%d.weight" % published)
        for part in ("rho", "gamma", "beta"):
            add("UpBlock2.%d.%s" % (norm, part), (1, channels, 1, 1), "UpBlock2.%d.%s" % (published + 1, part))
    add("UpBlock2.9.weight", (3, CH, 7, 7), "UpBlock2.11.weight")
    return rows


def discriminator(layers):
    rows = []
    wide = CH << (layers - 2)

    def add_normalised(prefix, shape, bias):
        height, width = shape[0], int(np.prod(shape[1:]))
        if len(shape) == 2:  # the port's matrix is the transposed one, and so are its u and v
            uv = (("u", "weight_v", width), ("v", "weight_u", height))
        else:
            uv = (("u", "weight_u", height), ("v", "weight_v", width))
        if bias:
            rows.append((prefix + ".layer.bias", prefix + ".bias", (shape[0],)))
        rows.append((prefix + ".weight_orig", prefix + ".weight_orig", shape))
        for ours, published, size in uv:
            rows.append((prefix + ".spectral_norm.weight_" + ours, prefix + "." + published, (size,)))
        rows.append((prefix + ".layer.weight", None, shape))  # what is computed from the others

    add_normalised("gap_fc", (1, wide), False)
    add_normalised("gmp_fc", (1, wide), False)
    rows.append(("conv1x1.weight", "conv1x1.weight", (wide, 2 * wide, 1, 1)))
    rows.append(("conv1x1.bias", "conv1x1.bias", (wide,)))
    add_normalised("conv", (1, wide, 4, 4), False)
    inputs, out = 3, CH
    for layer in range(layers - 1):
        add_normalised("model.%d" % (1 + 3 * layer), (out, inputs, 4, 4), True)
        inputs, out = out, 2 * out
    return rows


def checkpoints():
    """-> (the port's, PyTorch's), dictionaries of dictionaries of arrays"""
    random = np.random.RandomState(1)
    port, published = {}, {}
    for name in ("genA2B", "genB2A", "disGA", "disGB", "disLA", "disLB"):
        rows = generator() if name.startswith("gen") else discriminator(N_DIS + 1 if name.startswith("disG") else N_DIS - 1)
        port[name], published[name] = {}, collections.OrderedDict()
        for key, other, shape in rows:
            numbers = random.standard_normal(shape).astype(np.float32)
            port[name][key] = numbers.T.copy() if numbers.ndim == 2 else numbers
            if other is not None:
                published[name][other] = numbers
        port[name]["StructuredToParameterName@@"] = {key: "parameter_%d" % i for i, key in enumerate(port[name])}
    return port, published


def main():
    port, published = checkpoints()
    if "--paddle" in sys.argv:
        import paddle
        tensors = {name: {key: paddle.to_tensor(value) for key, value in network.items() if isinstance(value, np.ndarray)}
                   for name, network in port.items()}
        paddle.save(tensors, str(GOLDEN / "paddle_saved.pdparams"))
        return
    import torch
    (GOLDEN / "paddle_port.pickle").write_bytes(pickle.dumps(port, protocol=2))
    # An array in Fortran's order, as a transposed view is pickled, means the same numbers.
    port["genA2B"]["gamma.weight"] = np.asfortranarray(port["genA2B"]["gamma.weight"])
    (GOLDEN / "paddle_protocol4.pickle").write_bytes(pickle.dumps(port, protocol=4))
    torch.save({name: collections.OrderedDict((key, torch.from_numpy(value)) for key, value in network.items())
                for name, network in published.items()}, GOLDEN / "paddle_published.pt")


if __name__ == "__main__":
    main()
