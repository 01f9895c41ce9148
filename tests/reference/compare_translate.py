#!/usr/bin/env python3
"""Compares the program `translate` with PyTorch, pixel by pixel. By hand:

    python3 tests/reference/compare_translate.py build/release/examples/translate IMAGES WORK_FOLDER

Writes random-weight checkpoints in the published format (ch 64, size 256: 0.5 GB light, 2.7 GB full), translates every image of
the folder IMAGES with the program and with PyTorch, in both directions, and prints the largest and the mean difference in levels
(0 to 255) for each picture. Exit code 1 when a pixel is more than --levels (1) away. --random-norms also moves rho, gamma and
beta from their starting values; --keep-files uses the checkpoints of an earlier run.
"""
import argparse
import os
import subprocess
import sys

import numpy as np
import torch
from PIL import Image

import make_golden
import ugatit_torch as ugatit


def checkpoint(path, kind, options):
    torch.manual_seed(30 + (kind == 'full'))
    light = kind == 'light'
    nets = {'genA2B': ugatit.Generator(options.ch, options.n_res, options.size, light),
            'genB2A': ugatit.Generator(options.ch, options.n_res, options.size, light)}
    for name, layers in (('disGA', 7), ('disGB', 7), ('disLA', 5), ('disLB', 5)):
        nets[name] = ugatit.Discriminator(options.ch, layers)
    if options.random_norms:
        for net in nets.values():
            make_golden.randomise_norms(net)
    torch.save({name: net.state_dict() for name, net in nets.items()}, path)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('program')
    parser.add_argument('images')
    parser.add_argument('work')
    parser.add_argument('--kinds', default='light,full')
    parser.add_argument('--directions', default='A2B,B2A')
    parser.add_argument('--ch', type=int, default=64)
    parser.add_argument('--n_res', type=int, default=4)
    parser.add_argument('--size', type=int, default=256)
    parser.add_argument('--levels', type=int, default=1)
    parser.add_argument('--random-norms', action='store_true')
    parser.add_argument('--keep-files', action='store_true')
    parser.add_argument('--arguments', default='', help='further arguments of the program, in one string')
    options = parser.parse_args()
    torch.set_num_threads(2)
    os.makedirs(options.work, exist_ok=True)
    names = sorted(n for n in os.listdir(options.images) if n.lower().endswith(('.png', '.jpg', '.jpeg', '.bmp')))
    if not names:
        sys.exit('no images in ' + options.images)
    worst = 0
    for kind in options.kinds.split(','):
        weights = os.path.join(options.work, 'random_%s.pt' % kind)
        if not (options.keep_files and os.path.exists(weights)):
            checkpoint(weights, kind, options)
        states = torch.load(weights)
        for direction in options.directions.split(','):
            output = os.path.join(options.work, '%s_%s' % (kind, direction))
            subprocess.run([options.program, '--weights', weights, '--input', options.images, '--output', output, '--direction', direction]
                           + options.arguments.split(), check=True)
            net = ugatit.Generator(options.ch, options.n_res, options.size, kind == 'light')
            net.load_state_dict(states['gen' + direction])
            net.eval()
            for name in names:
                with torch.no_grad():
                    expected = ugatit.to_pixels(net(ugatit.load_image(os.path.join(options.images, name), options.size))[0])
                stem = os.path.splitext(name)[0]
                Image.fromarray(expected).save(os.path.join(options.work, '%s_%s_%s_pytorch.png' % (kind, direction, stem)))
                got = np.array(Image.open(os.path.join(output, stem + '.png')).convert('RGB'))
                if got.shape != expected.shape:
                    sys.exit('%s: %s instead of %s' % (name, got.shape, expected.shape))
                difference = np.abs(got.astype(int) - expected.astype(int))
                worst = max(worst, difference.max())
                print('%-5s %s %-24s max %d, mean %.5f levels, %.4f %% of values differ'
                      % (kind, direction, name, difference.max(), difference.mean(), 100 * (difference > 0).mean()), flush=True)
    print('worst: %d level(s)' % worst)
    return int(worst > options.levels)


if __name__ == '__main__':
    sys.exit(main())
