#!/usr/bin/env python3
"""Makes tests/golden/inception.safetensors: PyTorch's Inception features of two images, with weights that follow from their
places, so that a test can make them again instead of reading 90 MB. By hand:

    python3 tests/reference/make_inception.py
"""
import os

import numpy as np
import torch
from PIL import Image

from compare_inception import Conv, Inception, resized
import ugatit_torch

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..')


def unit(size, salt):
    """MurmurHash3's finalizer of place + salt · 0x9e3779b9, over 2^32."""
    h = (np.arange(size, dtype=np.uint64) + np.uint64(salt * 0x9e3779b9)).astype(np.uint32)
    h ^= h >> 16
    h *= np.uint32(0x85ebca6b)
    h ^= h >> 13
    h *= np.uint32(0xc2b2ae35)
    h ^= h >> 16
    return h / 2.0 ** 32


def main():
    net = Inception().eval()
    salt = 0
    with torch.no_grad():
        for module in net.modules():
            if not isinstance(module, Conv):
                continue
            weight = module.conv.weight
            bound = np.sqrt(6 / (weight.numel() / weight.shape[0]))
            for tensor, low, high in ((weight, -bound, bound), (module.bn.weight, .5, 1.5), (module.bn.bias, -.3, .3),
                                      (module.bn.running_mean, -.3, .3), (module.bn.running_var, .5, 2)):
                values = low + (high - low) * unit(tensor.numel(), salt)
                tensor.copy_(torch.from_numpy(values.astype(np.float32)).reshape(tensor.shape))
                salt += 1
        features = []
        for name in ('noise_80x45.png', 'rgb.png'):
            levels = np.asarray(Image.open(os.path.join(FOLDER, 'io', 'golden', name)).convert('RGB'))
            x = torch.from_numpy(((resized(levels) - 128) / 128).transpose(2, 0, 1)[None].astype(np.float32))
            features.append(net(x)[0].numpy())
    ugatit_torch.write_safetensors(os.path.join(FOLDER, 'golden', 'inception.safetensors'),
                                   {'features': torch.from_numpy(np.stack(features))})


if __name__ == '__main__':
    main()
