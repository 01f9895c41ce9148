#!/usr/bin/env python3
"""Writes the golden files in tests/golden: what PyTorch computes, for the C++ tests to be compared with.

    python3 tests/reference/make_golden.py                    # everything
    python3 tests/reference/make_golden.py layers networks    # only these (also: norms, adam, penalty, images, curves)

Run by hand, and only when what is to be computed changes: the results are in the repository. Needs PyTorch (made with
1.13), NumPy and Pillow. tests/golden/README.md lists the files, the cases and the names of their fields.
All is computed in double precision; weights of networks are values that float32 holds exactly.
"""
import csv
import os
import sys
from unittest import mock

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F
from torch.nn.utils import spectral_norm

import ugatit_torch as ugatit

GOLDEN = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), 'golden')


# ---------------------------------------------------------------------------------------------------------- layers

def random(*shape, scale=1.0, shift=0.0):
    return torch.randn(*shape, dtype=torch.float64) * scale + shift


class Cases:
    """Collects case/field. A case runs `forward(**inputs)`, which gives one tensor (y) or a dictionary of outputs."""

    def __init__(self):
        self.tensors, self.attributes = {}, {}

    def put(self, case, **fields):
        for field, value in fields.items():
            self.tensors[case + '/' + field] = value.detach().clone() if torch.is_tensor(value) else np.float64(value).reshape(-1)

    def add(self, case, forward, attributes='', **inputs):
        leaves = {name: value.clone().requires_grad_(True) for name, value in inputs.items()}
        outputs = forward(**leaves)
        if torch.is_tensor(outputs):
            outputs = {'y': outputs}
        upstream = {'d' + name: torch.randn_like(value) for name, value in outputs.items()}
        torch.autograd.backward(list(outputs.values()), list(upstream.values()))
        self.put(case, **inputs, **outputs, **upstream)
        self.put(case, **{'d' + name: leaf.grad for name, leaf in leaves.items()})
        if attributes:
            self.attributes[case] = attributes

    def add_scalar(self, case, loss, attributes='', fixed=(), **inputs):
        """A loss: y is one number, its upstream gradient is 1."""
        leaves = {name: value.clone().requires_grad_(name not in fixed) for name, value in inputs.items()}
        y = loss(**leaves)
        y.backward()
        self.put(case, **inputs, y=y.reshape(1))
        self.put(case, **{'d' + name: leaf.grad for name, leaf in leaves.items() if name not in fixed})
        if attributes:
            self.attributes[case] = attributes


def normalised(w, u, v):
    """Spectral norm's weight with u, v held constant, after one power iteration; -> (weight, u, v)."""
    matrix = w.flatten(1)
    with torch.no_grad():
        v = F.normalize(matrix.t() @ u, dim=0, eps=1e-12)
        u = F.normalize(matrix @ v, dim=0, eps=1e-12)
    return w / (u @ matrix @ v), u, v


def layers():
    torch.manual_seed(20)
    c = Cases()
    N, H, W = 2, 7, 9
    image = lambda channels=3: random(N, channels, H, W)

    # padding alone, then convolutions
    for p in (1, 3):
        c.add('pad_reflect_%d' % p, lambda x: F.pad(x, [p] * 4, mode='reflect'), x=image())
        c.add('pad_replicate_%d' % p, lambda x: F.pad(x, [p] * 4, mode='replicate'), x=image())
        c.add('pad_zero_%d' % p, lambda x: F.pad(x, [p] * 4), x=image())
    for mode in ('reflect', 'zero', 'replicate'):
        for name, k, s, p in (('3x3', 3, 1, 1), ('7x7', 7, 1, 3), ('3x3_s2', 3, 2, 1), ('4x4_s2', 4, 2, 1), ('4x4', 4, 1, 1)):
            def forward(x, w, b):
                x = F.pad(x, [p] * 4) if mode == 'zero' else F.pad(x, [p] * 4, mode=mode)
                return F.conv2d(x, w, b, stride=s)
            c.add('conv_%s_%s' % (mode, name), forward, 'kernel %d, stride %d, padding %d, 3 to 4 channels' % (k, s, p),
                  x=image(), w=random(4, 3, k, k, scale=0.3), b=random(4))
    c.add('conv_1x1', lambda x, w, b: F.conv2d(x, w, b), x=image(), w=random(4, 3, 1, 1), b=random(4))
    c.add('conv_1x1_no_bias', lambda x, w: F.conv2d(x, w), x=image(), w=random(4, 3, 1, 1))
    c.add('linear', lambda x, w: F.linear(x, w), 'w is [outputs, inputs]', x=random(N, 5), w=random(4, 5))
    c.add('linear_bias', lambda x, w, b: F.linear(x, w, b), x=random(N, 5), w=random(4, 5), b=random(4))
    c.add('flatten_linear', lambda x, w: F.linear(x.flatten(1), w), 'flattened in the order channel, row, column',
          x=image(), w=random(4, 3 * H * W, scale=0.1))

    # normalisation
    spread = lambda channels: random(N, channels, H, W, scale=1.5, shift=0.4)
    c.add('instance_norm', lambda x: F.instance_norm(x, eps=1e-5), 'biased variance, eps 1e-5', x=spread(4))
    c.add('instance_norm_affine', lambda x, gamma, beta: F.instance_norm(x, weight=gamma, bias=beta, eps=1e-5), 'biased variance',
          x=spread(4), gamma=random(4, scale=0.5, shift=1), beta=random(4))
    rho = lambda channels: torch.rand(1, channels, 1, 1, dtype=torch.float64)
    c.add('iln', lambda x, rho, gamma, beta: ugatit.mix(x, rho) * gamma + beta, 'unbiased variances',
          x=spread(4), rho=rho(4), gamma=random(1, 4, 1, 1, scale=0.5, shift=1), beta=random(1, 4, 1, 1))
    c.add('adalin', lambda x, rho, gamma, beta: ugatit.mix(x, rho) * gamma[:, :, None, None] + beta[:, :, None, None],
          'unbiased variances; gamma, beta for each sample', x=spread(4), rho=rho(4), gamma=random(N, 4), beta=random(N, 4))

    # attention
    C = 4
    def cam_generator(x, gap_w, gmp_w, conv_w, conv_b):
        y, logits, heatmap = ugatit.class_activation_map(x, lambda t: F.linear(t, gap_w), lambda t: F.linear(t, gmp_w), gap_w, gmp_w,
                                                         lambda t: F.conv2d(t, conv_w, conv_b), F.relu)
        return dict(y=y, logits=logits, heatmap=heatmap)
    c.add('cam_generator', cam_generator, 'y: features after the ReLU', x=image(C), gap_w=random(1, C), gmp_w=random(1, C),
          conv_w=random(C, 2 * C, 1, 1, scale=0.5), conv_b=random(C))

    state = {name: F.normalize(random(n), dim=0) for name, n in (('gap_u', 1), ('gap_v', C), ('gmp_u', 1), ('gmp_v', C))}
    after = {}
    def cam_discriminator(x, gap_w, gmp_w, conv_w, conv_b):
        gap, after['gap_u_after'], after['gap_v_after'] = normalised(gap_w, state['gap_u'], state['gap_v'])
        gmp, after['gmp_u_after'], after['gmp_v_after'] = normalised(gmp_w, state['gmp_u'], state['gmp_v'])
        y, logits, heatmap = ugatit.class_activation_map(x, lambda t: F.linear(t, gap), lambda t: F.linear(t, gmp), gap_w, gmp_w,
                                                         lambda t: F.conv2d(t, conv_w, conv_b), lambda t: F.leaky_relu(t, 0.2))
        return dict(y=y, logits=logits, heatmap=heatmap)
    c.add('cam_discriminator', cam_discriminator, 'logits with spectral norm, map with the weights before it; slope 0.2',
          x=image(C), gap_w=random(1, C), gmp_w=random(1, C), conv_w=random(C, 2 * C, 1, 1, scale=0.5), conv_b=random(C))
    c.put('cam_discriminator', **state, **after)

    # spectral norm: PyTorch's own, one forward pass in training; then one in evaluation
    def spectral(case, layer, x, forward):
        layer = layer.double().train()
        with torch.no_grad():
            for p in layer.parameters():
                p.copy_(random(*p.shape, scale=0.5))
        layer = spectral_norm(layer)
        u, v = layer.weight_u.clone(), layer.weight_v.clone()
        x = x.requires_grad_(True)
        y = forward(layer, x)
        dy = torch.randn_like(y)
        y.backward(dy)
        c.put(case, x=x, w=layer.weight_orig, u=u, v=v, y=y, dy=dy, dx=x.grad, dw=layer.weight_orig.grad,
              u_after=layer.weight_u, v_after=layer.weight_v)
        if layer.bias is not None:
            c.put(case, b=layer.bias, db=layer.bias.grad)
        c.put(case, y_again=forward(layer, x), u_again=layer.weight_u, v_again=layer.weight_v)
        layer.eval()
        c.put(case, y_evaluation=forward(layer, x))
        c.attributes[case] = ('u, v before; u_after, v_after after the training forward that gives y; *_again: a second one, same x; '
                              'y_evaluation: then in evaluation, with the stored u, v')
    padded = lambda layer, x: layer(F.pad(x, [1] * 4, mode='reflect'))
    spectral('spectral_conv_4x4_s2', nn.Conv2d(3, 4, 4, stride=2), image(), padded)
    spectral('spectral_conv_4x4', nn.Conv2d(3, 4, 4), image(), padded)
    spectral('spectral_conv_4x4_no_bias', nn.Conv2d(3, 1, 4, bias=False), image(), padded)
    spectral('spectral_linear', nn.Linear(5, 4), random(N, 5), lambda layer, x: layer(x))
    spectral('spectral_linear_no_bias', nn.Linear(5, 1, bias=False), random(N, 5), lambda layer, x: layer(x))

    # resampling and pooling
    c.add('upsample_nearest_2', lambda x: F.interpolate(x, scale_factor=2, mode='nearest'), x=image())
    c.add('upsample_pad_conv', lambda x, w: F.conv2d(F.pad(F.interpolate(x, scale_factor=2, mode='nearest'), [1] * 4, mode='reflect'), w),
          'nearest x2, reflection 1, 3x3', x=image(), w=random(4, 3, 3, 3, scale=0.3))
    c.add('avg_pool_global', lambda x: F.adaptive_avg_pool2d(x, 1), x=image())
    c.add('max_pool_global', lambda x: F.adaptive_max_pool2d(x, 1), x=image())
    c.add('avg_pool_2x2_s2', lambda x: F.avg_pool2d(x, 2, 2), 'odd rows and columns left over are not looked at', x=image())
    c.add('max_pool_2x2_s2', lambda x: F.max_pool2d(x, 2, 2), x=image())
    c.add('avg_pool_3x3_s2_p1', lambda x: F.avg_pool2d(x, 3, 2, 1), 'padding counts as zeros: always divided by 9', x=image())
    c.add('max_pool_3x3_s2_p1', lambda x: F.max_pool2d(x, 3, 2, 1), 'padding never wins', x=image())

    # activations
    c.add('relu', lambda x: F.relu(x), x=image())
    c.add('leaky_relu', lambda x: F.leaky_relu(x, 0.2), 'slope 0.2', x=image())
    c.add('tanh', lambda x: torch.tanh(x), x=random(N, 3, H, W, scale=2))
    c.add('sigmoid', lambda x: torch.sigmoid(x), x=random(N, 3, H, W, scale=4))

    # blocks
    c.add('residual_block', lambda x, w1, w2: x + F.instance_norm(F.conv2d(F.pad(F.relu(F.instance_norm(F.conv2d(
        F.pad(x, [1] * 4, mode='reflect'), w1))), [1] * 4, mode='reflect'), w2)), 'encoder block',
        x=image(4), w1=random(4, 4, 3, 3, scale=0.3), w2=random(4, 4, 3, 3, scale=0.3))
    def adalin_block(x, w1, rho1, w2, rho2, gamma, beta):
        pad = lambda t: F.pad(t, [1] * 4, mode='reflect')
        ada = lambda t, rho: ugatit.mix(t, rho) * gamma[:, :, None, None] + beta[:, :, None, None]
        return x + ada(F.conv2d(pad(F.relu(ada(F.conv2d(pad(x), w1), rho1))), w2), rho2)
    c.add('adalin_residual_block', adalin_block, 'decoder block', x=image(4), w1=random(4, 4, 3, 3, scale=0.3), rho1=rho(4),
          w2=random(4, 4, 3, 3, scale=0.3), rho2=rho(4), gamma=random(N, 4), beta=random(N, 4))

    # losses: means over all elements; y is one number
    for value, name in ((1.0, 'one'), (0.0, 'zero')):
        c.add_scalar('mse_' + name, lambda x: ugatit.to_constant(x, value), 'mean (x - %g)^2' % value, x=random(N, 1, 5, 3))
    x, target = random(N, 3, 5, 3), random(N, 3, 5, 3)
    target[0, 0, 0, 0] = x[0, 0, 0, 0]
    c.add_scalar('l1', lambda x, target: F.l1_loss(x, target), 'mean |x - target|; one element is equal: gradient 0 there', ('target',),
                 x=x, target=target)
    logits = random(N, 2, scale=3)
    logits[0, 0], logits[1, 1] = 40, -40
    for value, name in ((1.0, 'one'), (0.0, 'zero')):
        c.add_scalar('bce_' + name, lambda x: ugatit.cross_entropy(x, value), 'binary cross-entropy with logits to %g, mean' % value, x=logits)
        c.add_scalar('bce_' + name + '_large', lambda x: ugatit.cross_entropy(x, value), 'logits beyond exp\'s range',
                     x=torch.tensor([[1000.0, -1000.0], [30.0, -0.0]], dtype=torch.float64))

    # Adam
    p = random(3, 5)
    parameter = nn.Parameter(p.clone())
    optimizer = torch.optim.Adam([parameter], lr=1e-4, betas=(0.5, 0.999), weight_decay=1e-4)
    c.put('adam', p0=p)
    for step in range(1, 6):
        gradient = random(3, 5, scale=10.0 ** -step)
        parameter.grad = gradient.clone()
        optimizer.step()
        s = optimizer.state[parameter]
        c.put('adam', **{'g%d' % step: gradient, 'p%d' % step: parameter, 'm%d' % step: s['exp_avg'], 'v%d' % step: s['exp_avg_sq']})
    c.attributes['adam'] = 'lr 1e-4, betas 0.5 0.999, eps 1e-8, weight decay 1e-4 in the gradient; g: the gradient before decay; after step 1 to 5'

    ugatit.write_safetensors(os.path.join(GOLDEN, 'layers.safetensors'), c.tensors, c.attributes)


# ----------------------------------------------------------------------------------------------------------- norms

def switchable(x, gamma, beta, mean_weight, var_weight, batch=None):
    """Equations 3 to 5 of Luo et al., "Differentiable learning-to-normalize via switchable normalization" (ICLR 2019), each
    statistic straight from its set; `batch` gives batch statistics that are not of x."""
    sets = [(2, 3), (1, 2, 3), (0, 2, 3)]
    means = [x.mean(s, keepdim=True) for s in sets]
    variances = [((x - m) ** 2).mean(s, keepdim=True) for m, s in zip(means, sets)]
    if batch is not None:
        means[2], variances[2] = (t[None, :, None, None] for t in batch)
    w, v = F.softmax(mean_weight, 0), F.softmax(var_weight, 0)
    mean = sum(w[k] * means[k] for k in range(3))
    variance = sum(v[k] * variances[k] for k in range(3))
    return gamma[:, None, None] * (x - mean) / torch.sqrt(variance + 1e-5) + beta[:, None, None], means[2], variances[2]


def norms():
    torch.manual_seed(25)
    c = Cases()
    for N, C, H, W in ((1, 4, 5, 7), (2, 6, 7, 9), (3, 4, 3, 5)):
        end = '_%d' % N
        x = lambda: random(N, C, H, W, scale=1.5, shift=0.4) + random(N, C, 1, 1)
        affine = lambda: dict(gamma=random(C, scale=0.5, shift=1), beta=random(C))
        c.add('group_norm' + end, lambda x, gamma, beta: F.group_norm(x, 2, gamma, beta), '2 groups', x=x(), **affine())
        c.add('layer_norm' + end, lambda x, gamma, beta: F.layer_norm(x, x.shape[1:]) * gamma[:, None, None] + beta[:, None, None],
              'over C, H, W; gamma, beta of each channel', x=x(), **affine())

        running = dict(running_mean=random(C), running_var=random(C) ** 2 + 0.5)
        after = {name + '_after': value.clone() for name, value in running.items()}
        c.add('batch_norm' + end, lambda x, gamma, beta: F.batch_norm(x, after['running_mean_after'], after['running_var_after'], gamma,
                                                                      beta, training=True), 'training, momentum 0.1', x=x(), **affine())
        c.put('batch_norm' + end, **running, **after)
        c.add('batch_norm_evaluation' + end, lambda x, gamma, beta: F.batch_norm(x, running['running_mean'], running['running_var'],
                                                                                 gamma, beta), x=x(), **affine())
        c.put('batch_norm_evaluation' + end, **running, **{name + '_after': value for name, value in running.items()})

        def training(**inputs):
            y, mean, variance = switchable(**inputs)
            for name, value in (('running_mean', mean), ('running_var', variance)):
                after[name + '_after'] = 0.9 * running[name] + 0.1 * value.detach().flatten()
            return y
        weights = lambda: dict(mean_weight=random(3), var_weight=random(3))
        c.add('switchable_norm' + end, training, 'training; weights: instance, layer, batch', x=x(), **affine(), **weights())
        c.put('switchable_norm' + end, **running, **after)
        c.add('switchable_norm_evaluation' + end, lambda **inputs: switchable(batch=list(running.values()), **inputs)[0], x=x(), **affine(),
              **weights())
        c.put('switchable_norm_evaluation' + end, **running, **{name + '_after': value for name, value in running.items()})
    ugatit.write_safetensors(os.path.join(GOLDEN, 'norms.safetensors'), c.tensors, c.attributes)


# ------------------------------------------------------------------------------------------------ Adam and schedule

def adam():
    """20 steps under the schedule, larger steps than in practice so that weight decay and eps are seen."""
    torch.manual_seed(21)
    tensors = {}
    iterations, half, lr = 20, 10, 1e-4
    parameter = nn.Parameter(random(4, 6))
    tensors['p/0'] = parameter.detach().clone()
    optimizer = torch.optim.Adam([parameter], lr=lr, betas=(0.5, 0.999), weight_decay=1e-4)
    rates = []
    for step in range(1, iterations + 1):
        if step > half:
            optimizer.param_groups[0]['lr'] -= lr / half
        rates.append(optimizer.param_groups[0]['lr'])
        parameter.grad = random(4, 6) * torch.tensor([1.0, 1e-2, 1e-4, 1e-8], dtype=torch.float64)[:, None]
        tensors['g/%d' % step] = parameter.grad.clone()
        optimizer.step()
        tensors['p/%d' % step] = parameter.detach().clone()
    s = optimizer.state[parameter]
    tensors['m/%d' % iterations], tensors['v/%d' % iterations] = s['exp_avg'], s['exp_avg_sq']
    tensors['lr'] = torch.tensor(rates, dtype=torch.float64)
    ugatit.write_safetensors(os.path.join(GOLDEN, 'adam.safetensors'), tensors,
                             {'about': 'lr[i] is the learning rate of step i + 1 of 20; p/i after step i, of gradient g/i'})
    with open(os.path.join(GOLDEN, 'schedule.csv'), 'w') as file:
        file.write('iteration,lr\n')
        for i, rate in enumerate(rates):
            file.write('%d,%.17g\n' % (i + 1, rate))


# -------------------------------------------------------------------------------------------------------- networks

def round_to_bfloat16(network):
    """So that the files compress: two bytes of each number are zero. Spectral norm's u and v stay as they are."""
    with torch.no_grad():
        for p in network.parameters():
            p.copy_(p.to(torch.bfloat16).to(p.dtype))


def randomise_norms(network):
    """Values that a trained network could have, instead of the starting constants."""
    with torch.no_grad():
        for module in network.modules():
            if isinstance(module, (ugatit.AdaLIN, ugatit.ILN)):
                module.rho.uniform_(0, 1)
            if isinstance(module, ugatit.ILN):
                module.gamma.normal_(1, 0.3)
                module.beta.normal_(0, 0.3)


def network(file, net, size, batch, outputs, metadata):
    randomise_norms(net)
    round_to_bfloat16(net)
    f32 = lambda t: t.detach().to(torch.float32).clone()
    tensors = {'weight/' + name: f32(value) for name, value in net.state_dict().items()}
    x = f32(torch.rand(batch, 3, size, size) * 2 - 1)
    tensors['input/x'] = x
    net = net.double().train()
    x = x.double().requires_grad_(True)
    results = net(x)
    upstream = []
    for name, value in zip(outputs, results):
        tensors['output/' + name] = value.detach().clone()
        upstream.append(f32(torch.randn_like(value)))
        tensors['upstream/' + name] = upstream[-1]
    torch.autograd.backward(results, [u.double() for u in upstream])
    tensors['gradient/x'] = f32(x.grad)
    for name, p in net.named_parameters():
        tensors['gradient/' + name] = f32(p.grad)
    for name, value in net.named_buffers():
        tensors['after/' + name] = value.clone()
    if any(True for _ in net.buffers()):
        net.eval()
        for name, value in zip(outputs, net(x)):
            tensors['evaluation/' + name] = value.detach().clone()
    ugatit.write_safetensors(os.path.join(GOLDEN, file), tensors, metadata)


def networks():
    torch.manual_seed(22)
    for kind in ('light', 'full'):
        network('generator_%s.safetensors' % kind, ugatit.Generator(8, 4, 32, kind == 'light'), 32, 2, ('image', 'cam', 'heatmap'),
                dict(ch=8, n_res=4, size=32, light=kind == 'light', batch=2))
    network('discriminator_7.safetensors', ugatit.Discriminator(4, 7), 128, 1, ('logits', 'cam', 'heatmap'), dict(ch=4, layers=7, size=128, batch=1))
    network('discriminator_5.safetensors', ugatit.Discriminator(8, 5), 64, 2, ('logits', 'cam', 'heatmap'), dict(ch=8, layers=5, size=64, batch=2))


# --------------------------------------------------------------------------------------------------------- penalty

def penalty():
    """Gradient penalties of both sums of logits, and their gradient, by PyTorch's gradient of a gradient."""
    torch.manual_seed(25)
    net = ugatit.Discriminator(4, 4)
    with torch.no_grad():
        net.conv1x1.weight.mul_(20)  # lengths on both sides of 1
    round_to_bfloat16(net)
    x = torch.rand(3, 3, 28, 32) * 2 - 1
    for _ in range(5):
        net(x)
    tensors = {'weight/' + name: value.detach().to(torch.float32).clone() for name, value in net.state_dict().items()}
    tensors['input/x'] = x.clone()
    net = net.double().eval()  # u and v stand still
    x = x.double().requires_grad_(True)
    total = 0
    for name, y in zip(('penalty', 'penalty_cam'), net(x)[:2]):
        g, = torch.autograd.grad(y.sum(), x, create_graph=True)
        lengths = g.flatten(1).norm(dim=1)
        value = 10 * ((lengths - 1) ** 2).mean()
        print('%s: %g, lengths %s' % (name, value, lengths.tolist()))
        tensors['output/' + name] = value.detach().reshape(1)
        total = total + value
    parameters = dict(net.named_parameters())
    for name, gradient in zip(parameters, torch.autograd.grad(total, parameters.values(), allow_unused=True)):
        tensors['gradient/' + name] = torch.zeros_like(parameters[name]) if gradient is None else gradient
    ugatit.write_safetensors(os.path.join(GOLDEN, 'penalty.safetensors'), tensors, dict(ch=4, layers=4, height=28, width=32, batch=3))


# ---------------------------------------------------------------------------------------------------------- images

def draw(rng, size, cartoon):
    """A head of sorts: shaded and grainy in domain A, flat and outlined in domain B."""
    y, x = np.mgrid[0:size, 0:size] / size - 0.5
    blur = lambda d, softness: 1 / (1 + np.exp(-np.clip(d / softness, -50, 50)))
    canvas = np.ones((size, size, 3)) * rng.uniform(0.3, 0.8, 3)
    def blob(cx, cy, rx, ry, colour, softness):
        d = 1 - np.sqrt(((x - cx) / rx) ** 2 + ((y - cy) / ry) ** 2)
        mask = blur(d, softness)[..., None]
        canvas[:] = canvas * (1 - mask) + np.asarray(colour) * mask
    softness = 0.02 if cartoon else 0.06
    skin = rng.uniform([0.75, 0.55, 0.4], [0.95, 0.75, 0.65])
    hair = rng.uniform(0.1, 0.6, 3)
    cx, cy = rng.uniform(-0.08, 0.08, 2)
    blob(cx, cy - 0.08, 0.36, 0.38, hair, softness)
    blob(cx, cy, 0.26, 0.34, skin * 0.3 if cartoon else skin, softness)
    if cartoon:
        blob(cx, cy, 0.245, 0.325, skin, softness)
    big = 0.075 if cartoon else 0.04
    for side in (-1, 1):
        blob(cx + side * 0.1, cy - 0.03, big, big * 0.9, (0.97, 0.97, 0.95), softness)
        blob(cx + side * 0.1, cy - 0.025, big * 0.6, big * 0.75, rng.uniform(0.05, 0.5, 3), softness)
    blob(cx, cy + 0.17, 0.07, 0.018, (0.7, 0.25, 0.25), softness)
    if not cartoon:
        light = 1 + 0.35 * (x * rng.uniform(-1, 1) - y)
        ripple = 0.04 * np.sin(2 * np.pi * (x * rng.uniform(8, 20) + y * rng.uniform(8, 20)))
        canvas *= (light + ripple)[..., None]
        canvas += rng.normal(0, 0.012, (size, size, 1))
    return np.uint8(np.clip(canvas, 0, 1) * 255 + 0.5)


def images():
    from PIL import Image
    rng = np.random.RandomState(23)
    for folder, count in (('trainA', 3), ('trainB', 3), ('testA', 2), ('testB', 2)):
        path = os.path.join(GOLDEN, 'curve', folder)
        os.makedirs(path, exist_ok=True)
        for i in range(count):
            Image.fromarray(draw(rng, 128, folder.endswith('B'))).save(os.path.join(path, '%02d.png' % i), optimize=True)


# ---------------------------------------------------------------------------------------------------------- curves

def instance_norm_by_formula(self, x):
    """PyTorch's own kernel adds -mean/std to x/std: where the mean is far from 0 that costs a digit, too much for a curve that amplifies rounding."""
    distance = x - x.mean(dim=[2, 3], keepdim=True)
    return distance / torch.sqrt((distance * distance).mean(dim=[2, 3], keepdim=True) + ugatit.EPS)


CURVES = {'light': dict(light=True, n_dis=6), 'full': dict(light=False, n_dis=4)}
# Full's is one of those whose curve passes no kink of a ReLU within rounding: summed in other orders it stays within 2e-11.
SEEDS = {'light': 24, 'full': 31}
ITERATIONS, SIZE = 20, 128


def run_curve(options, weights, dtype, iterations=ITERATIONS, trainer=None):
    """-> one dictionary of losses for each iteration; images in name order, cycled, each domain on its own"""
    trainer = trainer or ugatit.Trainer(ch=8, n_res=4, size=SIZE, iterations=ITERATIONS, dtype=dtype, weights=weights, **options)
    folders = [ugatit.images_of(os.path.join(GOLDEN, 'curve', f)) for f in ('trainA', 'trainB')]
    rows = []
    for step in range(1, iterations + 1):
        a, b = (ugatit.load_image(f[(step - 1) % len(f)], SIZE, dtype) for f in folders)
        rows.append(trainer.iteration(step, a, b))
    return rows


def curves(names=CURVES):
    for name in names:
        options = CURVES[name]
        torch.manual_seed(SEEDS[name])
        trainer = ugatit.Trainer(ch=8, n_res=4, size=SIZE, **options)
        for n in ugatit.NETWORKS:
            round_to_bfloat16(getattr(trainer, n))
        path = os.path.join(GOLDEN, 'curve_%s.pt' % name)
        torch.save(trainer.state_dicts(), path)
        weights = torch.load(path)
        rows = {}
        for dtype, digits in ((torch.float64, 17), (torch.float32, 9)):
            kind = str(dtype).split('.')[1]
            forward = instance_norm_by_formula if dtype == torch.float64 else nn.InstanceNorm2d.forward
            with mock.patch.object(nn.InstanceNorm2d, 'forward', forward):
                rows[kind] = run_curve(options, weights, dtype)
            with open(os.path.join(GOLDEN, 'curve_%s_%s.csv' % (name, kind)), 'w') as file:
                columns = ['d_loss', 'g_loss'] + ugatit.TERMS
                file.write('iteration,' + ','.join(columns) + '\n')
                for i, row in enumerate(rows[kind]):
                    file.write('%d,' % (i + 1) + ','.join('%.*g' % (digits, row[c]) for c in columns) + '\n')
        for c in ('d_loss', 'g_loss'):
            worst = max(abs(s[c] - d[c]) / abs(d[c]) for s, d in zip(rows['float32'], rows['float64']))
            print('%s %s: from %g to %g; float32 is off by at most %.2g' % (name, c, rows['float64'][0][c], rows['float64'][-1][c], worst))


STEPS = dict(layers=layers, norms=norms, adam=adam, networks=networks, penalty=penalty, images=images, curves=curves)

if __name__ == '__main__':
    torch.set_num_threads(2)
    os.makedirs(GOLDEN, exist_ok=True)
    for wanted in sys.argv[1:] or STEPS:
        if wanted not in STEPS:
            sys.exit('unknown: %s; one of %s' % (wanted, ' '.join(STEPS)))
        STEPS[wanted]()
        print('made', wanted, flush=True)
