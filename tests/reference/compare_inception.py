#!/usr/bin/env python3
"""Compares KID, FID and Inception features of the program `evaluate` with PyTorch and NumPy. By hand:

    python3 tests/reference/compare_inception.py build/release/examples/evaluate WORK_FOLDER

Writes random weights under the names of pytorch-fid's file (100 MB) and two folders of drawn images, and prints the largest
difference of a feature, relative to the largest feature, and both sides' scores. Exit code 1 where features are more than 1e-4
apart, or FID or KID (of all images, so that nothing is random) more than 1e-3 of their values.
"""
import json
import os
import subprocess
import sys

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import nn


class Conv(nn.Module):
    def __init__(self, i, o, kernel, stride=1, padding=0):
        super().__init__()
        self.conv = nn.Conv2d(i, o, kernel, stride, padding, bias=False)
        self.bn = nn.BatchNorm2d(o, eps=0.001)

    def forward(self, x):
        return F.relu(self.bn(self.conv(x)))


def average(x):
    return F.avg_pool2d(x, 3, 1, 1, count_include_pad=False)


class Block(nn.Module):
    """Convolutions by name; `run` lists the branches, each a list of names, or of pools and lists of parallel names."""

    def __init__(self, branches, run):
        super().__init__()
        for name, arguments in branches.items():
            setattr(self, name, Conv(*arguments))
        self.run = run

    def forward(self, x):
        outputs = []
        for branch in self.run:
            y = x
            for step in branch:
                if callable(step):
                    y = step(y)
                elif isinstance(step, tuple):
                    y = torch.cat([getattr(self, name)(y) for name in step], 1)
                else:
                    y = getattr(self, step)(y)
            outputs.append(y)
        return torch.cat(outputs, 1)


def halve(x):
    return F.max_pool2d(x, 3, 2)


def block_a(i, pool):
    return Block({'branch1x1': (i, 64, 1), 'branch5x5_1': (i, 48, 1), 'branch5x5_2': (48, 64, 5, 1, 2),
                  'branch3x3dbl_1': (i, 64, 1), 'branch3x3dbl_2': (64, 96, 3, 1, 1), 'branch3x3dbl_3': (96, 96, 3, 1, 1),
                  'branch_pool': (i, pool, 1)},
                 [['branch1x1'], ['branch5x5_1', 'branch5x5_2'], ['branch3x3dbl_1', 'branch3x3dbl_2', 'branch3x3dbl_3'],
                  [average, 'branch_pool']])


def block_b(i):
    return Block({'branch3x3': (i, 384, 3, 2), 'branch3x3dbl_1': (i, 64, 1), 'branch3x3dbl_2': (64, 96, 3, 1, 1),
                  'branch3x3dbl_3': (96, 96, 3, 2)},
                 [['branch3x3'], ['branch3x3dbl_1', 'branch3x3dbl_2', 'branch3x3dbl_3'], [halve]])


def block_c(i, c):
    wide, high = ((1, 7), 1, (0, 3)), ((7, 1), 1, (3, 0))
    return Block({'branch1x1': (i, 192, 1), 'branch7x7_1': (i, c, 1), 'branch7x7_2': (c, c, *wide), 'branch7x7_3': (c, 192, *high),
                  'branch7x7dbl_1': (i, c, 1), 'branch7x7dbl_2': (c, c, *high), 'branch7x7dbl_3': (c, c, *wide),
                  'branch7x7dbl_4': (c, c, *high), 'branch7x7dbl_5': (c, 192, *wide), 'branch_pool': (i, 192, 1)},
                 [['branch1x1'], ['branch7x7_%d' % k for k in (1, 2, 3)], ['branch7x7dbl_%d' % k for k in (1, 2, 3, 4, 5)],
                  [average, 'branch_pool']])


def block_d(i):
    return Block({'branch3x3_1': (i, 192, 1), 'branch3x3_2': (192, 320, 3, 2), 'branch7x7x3_1': (i, 192, 1),
                  'branch7x7x3_2': (192, 192, (1, 7), 1, (0, 3)), 'branch7x7x3_3': (192, 192, (7, 1), 1, (3, 0)),
                  'branch7x7x3_4': (192, 192, 3, 2)},
                 [['branch3x3_1', 'branch3x3_2'], ['branch7x7x3_%d' % k for k in (1, 2, 3, 4)], [halve]])


def block_e(i, pool):
    wide, high = ((1, 3), 1, (0, 1)), ((3, 1), 1, (1, 0))
    return Block({'branch1x1': (i, 320, 1), 'branch3x3_1': (i, 384, 1), 'branch3x3_2a': (384, 384, *wide),
                  'branch3x3_2b': (384, 384, *high), 'branch3x3dbl_1': (i, 448, 1), 'branch3x3dbl_2': (448, 384, 3, 1, 1),
                  'branch3x3dbl_3a': (384, 384, *wide), 'branch3x3dbl_3b': (384, 384, *high), 'branch_pool': (i, 192, 1)},
                 [['branch1x1'], ['branch3x3_1', ('branch3x3_2a', 'branch3x3_2b')],
                  ['branch3x3dbl_1', 'branch3x3dbl_2', ('branch3x3dbl_3a', 'branch3x3dbl_3b')], [pool, 'branch_pool']])


class Inception(nn.Module):
    def __init__(self):
        super().__init__()
        self.Conv2d_1a_3x3, self.Conv2d_2a_3x3 = Conv(3, 32, 3, 2), Conv(32, 32, 3)
        self.Conv2d_2b_3x3, self.Conv2d_3b_1x1 = Conv(32, 64, 3, 1, 1), Conv(64, 80, 1)
        self.Conv2d_4a_3x3 = Conv(80, 192, 3)
        self.Mixed_5b, self.Mixed_5c, self.Mixed_5d = block_a(192, 32), block_a(256, 64), block_a(288, 64)
        self.Mixed_6a = block_b(288)
        self.Mixed_6b, self.Mixed_6c, self.Mixed_6d, self.Mixed_6e = (block_c(768, c) for c in (128, 160, 160, 192))
        self.Mixed_7a = block_d(768)
        self.Mixed_7b, self.Mixed_7c = block_e(1280, average), block_e(2048, lambda x: F.max_pool2d(x, 3, 1, 1))
        self.fc = nn.Linear(2048, 1008)

    def forward(self, x):
        for name, module in self.named_children():
            if name == 'fc':
                return x.mean((2, 3))
            x = module(x)
            if name in ('Conv2d_2b_3x3', 'Conv2d_4a_3x3'):
                x = halve(x)


def resized(levels):
    """TensorFlow 1's bilinear resizing of [H, W, 3] levels to 299x299, in float32."""
    def taps(size):
        at = np.arange(299, dtype=np.float32) * (np.float32(size) / np.float32(299))
        low = at.astype(int)
        return low, np.minimum(low + 1, size - 1), at - low.astype(np.float32)
    x = levels.astype(np.float32)
    low, high, share = taps(x.shape[1])
    x = x[:, low] + (x[:, high] - x[:, low]) * share[None, :, None]
    low, high, share = taps(x.shape[0])
    return x[low] + (x[high] - x[low]) * share[:, None, None]


def drawn(random, size):
    y, x = np.mgrid[0:size, 0:size + 9] / size
    waves = [np.sin(random.uniform(2, 30) * x + random.uniform(2, 30) * y + random.uniform(0, 6)) for _ in range(3)]
    return (127.5 + 100 * np.stack(waves, 2) + random.uniform(-20, 20, (size, size + 9, 3))).clip(0, 255).astype(np.uint8)


def discrepancy(x, y):
    def kernel(a, b):
        return (a @ b.T / a.shape[1] + 1) ** 3
    def others(a):
        k = kernel(a, a)
        return (k.sum() - np.trace(k)) / (len(a) * (len(a) - 1))
    return others(x) + others(y) - 2 * kernel(x, y).mean()


def frechet(x, y):
    # tr (S1 S2)^(1/2) is the sum of the singular values of A Bᵀ, where S1 = AᵀA and S2 = BᵀB.
    a, b = ((z - z.mean(0)) / np.sqrt(len(z) - 1) for z in (x, y))
    roots = np.linalg.svd(a @ b.T, compute_uv=False).sum()
    return ((x.mean(0) - y.mean(0)) ** 2).sum() + (a ** 2).sum() + (b ** 2).sum() - 2 * roots


def random_inception():
    """The network with weights that keep its features in a sensible range."""
    torch.manual_seed(1)
    net = Inception().eval()
    with torch.no_grad():
        for module in net.modules():
            if isinstance(module, Conv):
                nn.init.kaiming_normal_(module.conv.weight)
                for field, low, high in (('weight', .5, 1.5), ('bias', -.3, .3), ('running_mean', -.3, .3), ('running_var', .5, 2)):
                    getattr(module.bn, field).uniform_(low, high)
    return net


def main():
    program, work = os.path.abspath(sys.argv[1]), sys.argv[2]
    net = random_inception()
    os.makedirs(work, exist_ok=True)
    torch.save(net.state_dict(), os.path.join(work, 'inception.pth'))
    random = np.random.default_rng(1)
    features = {}
    for folder, sizes in (('real', (64, 299, 400, 128)), ('fake', (80, 256, 31, 128))):
        os.makedirs(os.path.join(work, folder), exist_ok=True)
        images = [drawn(random, size) for size in sizes]
        for i, image in enumerate(images):
            Image.fromarray(image).save(os.path.join(work, folder, '%d.png' % i))
        batch = np.stack([(resized(image) - 128) / 128 for image in images]).transpose(0, 3, 1, 2)
        with torch.no_grad():
            features[folder] = net(torch.from_numpy(batch)).double().numpy()
    subprocess.run([program, '--real', 'real', '--fake', 'fake', '--source', 'real', '--inception', 'inception.pth', '--features',
                    'f.safetensors', '--json', 's.json'], cwd=work, check=True)
    with open(os.path.join(work, 'f.safetensors'), 'rb') as file:
        length = int.from_bytes(file.read(8), 'little')
        header, data = json.loads(file.read(length)), file.read()
    worst = 0
    for folder, theirs in features.items():
        begin, end = header[folder]['data_offsets']
        ours = np.frombuffer(data[begin:end]).reshape(header[folder]['shape'])
        worst = max(worst, abs(ours - theirs).max() / abs(theirs).max())
    with open(os.path.join(work, 's.json')) as file:
        scores = json.load(file)
    kid, fid = discrepancy(features['real'], features['fake']), frechet(features['real'], features['fake'])
    print('features: largest difference %.2g of the largest' % worst)
    print('kid %.9g (PyTorch %.9g)   fid %.9g (PyTorch %.9g)' % (scores['kid'], kid, scores['fid'], fid))
    far = worst > 1e-4 or abs(scores['kid'] - kid) > 1e-3 * abs(kid) or abs(scores['fid'] - fid) > 1e-3 * fid
    sys.exit(1 if far else 0)


if __name__ == '__main__':
    main()
