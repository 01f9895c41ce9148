#!/usr/bin/env python3
"""Shows that ugatit_torch.py computes what the published PyTorch code computes. By hand:

    python3 tests/reference/compare_published.py CHECKOUT [--curves light,full]

CHECKOUT is a folder with networks.py and UGATIT.py of the published PyTorch implementation (it is not part of this library).
Both get the same weights, in double precision. Compared: state_dict keys and shapes; outputs and gradients of both
generators and discriminators; then the published train() itself, run on the golden curve's images and weights, against
the golden curve (with --weights also against the weights that our own loop ends with). What train() imports and does not use for this
(torchvision, OpenCV, data set, utilities) is replaced by empty modules.
"""
import argparse
import contextlib
import csv
import importlib.util
import io
import os
import re
import sys
import types

import torch

import make_golden
import ugatit_torch as ugatit


def import_file(name, path):
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def distance(a, b):
    return ((a - b).norm() / b.norm().clamp_min(1e-300)).item()


def compare(name, ours, theirs, size, batch=2):
    theirs.load_state_dict(ours.state_dict())
    assert {k: v.shape for k, v in ours.state_dict().items()} == {k: v.shape for k, v in theirs.state_dict().items()}
    ours.train(), theirs.train()
    x = torch.rand(batch, 3, size, size) * 2 - 1
    inputs = [x.clone().requires_grad_(True) for _ in range(2)]
    results = [net(i) for net, i in zip((ours, theirs), inputs)]
    upstream = [torch.randn_like(r) for r in results[0]]
    for r in results:
        torch.autograd.backward(r, upstream)
    outputs = max(distance(a, b) for a, b in zip(*results))
    published = dict(theirs.named_parameters())
    gradients = max([distance(inputs[0].grad, inputs[1].grad)]
                    + [distance(p.grad, published[k].grad) for k, p in ours.named_parameters()])
    state = max([0.0] + [distance(b, dict(theirs.named_buffers())[k]) for k, b in ours.named_buffers()])
    print('%-24s %3d keys; worst relative L2: outputs %.2g, gradients %.2g, u and v %.2g'
          % (name, len(ours.state_dict()), outputs, gradients, state), flush=True)


class Cycle:
    """What train() asks of a DataLoader: iter() of it has next(), which raises at the end."""

    def __init__(self, items):
        self.items = items

    def __iter__(self):
        self.position = -1
        return self

    def next(self):
        self.position += 1
        return self.items[self.position], 0

    __next__ = next


def published_curve(module, kind, weights_too):
    options, total = make_golden.CURVES[kind], make_golden.ITERATIONS
    weights = torch.load(os.path.join(make_golden.GOLDEN, 'curve_%s.pt' % kind))
    args = types.SimpleNamespace(
        light=options['light'], result_dir='', dataset='', iteration=total, decay_flag=True, batch_size=1, print_freq=10 ** 9, save_freq=10 ** 9,
        lr=1e-4, weight_decay=1e-4, ch=8, adv_weight=1, cycle_weight=10, identity_weight=10, cam_weight=1000, n_res=4, n_dis=options['n_dis'],
        img_size=make_golden.SIZE, img_ch=3, device='cpu', benchmark_flag=False, resume=False)
    plain = module.Discriminator
    # the published code builds 7 and 5 layers whatever --n_dis says
    module.Discriminator = lambda input_nc, ndf, n_layers: plain(input_nc, ndf, n_layers - 6 + options['n_dis'])
    shown = io.StringIO()
    try:
        with contextlib.redirect_stdout(shown):
            model = module.UGATIT(args)
            model.build_model()
    finally:
        module.Discriminator = plain
    for name in ugatit.NETWORKS:
        getattr(model, name).load_state_dict(weights[name])
    for side in 'AB':
        folder = os.path.join(make_golden.GOLDEN, 'curve', 'train' + side)
        setattr(model, 'train%s_loader' % side, Cycle([ugatit.load_image(f, make_golden.SIZE, torch.float64) for f in ugatit.images_of(folder)]))

    with contextlib.redirect_stdout(shown):
        model.train()
    losses = [tuple(map(float, m)) for m in re.findall(r'd_loss: ([\d.]+), g_loss: ([\d.]+)', shown.getvalue())]
    with open(os.path.join(make_golden.GOLDEN, 'curve_%s_float64.csv' % kind)) as file:
        golden = list(csv.DictReader(file))
    assert len(golden) == len(losses) == total
    for i, name in enumerate(('d_loss', 'g_loss')):
        worst = max(abs(float(row[name]) - pair[i]) / pair[i] for row, pair in zip(golden, losses))
        print('%s, %d iterations: %s, worst relative difference from the golden curve %.2g (it prints 8 decimals)'
              % (kind, total, name, worst), flush=True)
    if not weights_too:
        return
    trainer = ugatit.Trainer(ch=8, n_res=4, size=make_golden.SIZE, iterations=total, dtype=torch.float64, weights=weights, **options)
    make_golden.run_curve(options, weights, torch.float64, total, trainer)
    end = {n: getattr(model, n).state_dict() for n in ugatit.NETWORKS}
    print('%s, weights after %d iterations: worst relative L2 %.2g' % (kind, total, max(
        distance(v, end[n][k]) for n, state in trainer.state_dicts().items() for k, v in state.items())), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('checkout')
    parser.add_argument('--curves', default='light,full', help='which golden curves to run the published loop on; empty for none')
    parser.add_argument('--weights', action='store_true', help='run our own loop too and compare the weights that both end with')
    options = parser.parse_args()

    def silent(name, **members):
        sys.modules[name] = types.ModuleType(name)
        sys.modules[name].__dict__.update(members)
    anything = lambda *a, **k: []
    names = ('Compose', 'RandomHorizontalFlip', 'Resize', 'RandomCrop', 'ToTensor', 'Normalize')
    silent('torchvision', transforms=types.SimpleNamespace(**{n: anything for n in names}))
    silent('dataset', ImageFolder=lambda *a: [0])
    silent('utils', os=os, str2bool=None)
    torch.manual_seed(1)
    torch.set_num_threads(2)
    torch.set_default_dtype(torch.float64)
    networks = import_file('networks', os.path.join(options.checkout, 'networks.py'))

    def prepared(net):
        make_golden.randomise_norms(net)
        return net
    for light in (True, False):
        compare('generator, ' + ('light' if light else 'full'), prepared(ugatit.Generator(8, 4, 32, light)),
                networks.ResnetGenerator(3, 3, 8, 4, 32, light), 32)
    compare('generator, light, ch 64', ugatit.Generator(64, 4, 64, True), networks.ResnetGenerator(3, 3, 64, 4, 64, True), 64, 1)
    compare('discriminator, 7 layers', ugatit.Discriminator(8, 7), networks.Discriminator(3, 8, 7), 128)
    compare('discriminator, 5 layers', ugatit.Discriminator(8, 5), networks.Discriminator(3, 8, 5), 64)
    published = import_file('UGATIT', os.path.join(options.checkout, 'UGATIT.py'))
    for kind in filter(None, options.curves.split(',')):
        published_curve(published, kind, options.weights)


if __name__ == '__main__':
    main()
