"""The presets `tensorflow` and `paddle` in PyTorch: what the C++ library's other presets are compared with.

Written for this library from a reading of the published codes, in their order and their layouts:

    TensorFlow  https://github.com/taki0112/UGATIT, ops.py and UGATIT.py of 20 August 2019 and later
    Paddle      https://github.com/GuoQuanhao/UGATIT-Paddle, networks.py and UGATIT.py, on the operators of Paddle 1.8

Parameters have the names that checkpoints of this library give them; `exported` brings them into its shapes. Needs
PyTorch; make_presets.py writes the golden files.
"""
import math

import torch
from torch import nn
from torch.nn import functional as F

import ugatit_torch as ugatit

EPS = 1e-5


def normal(*shape, scale=1.0, shift=0.0):
    return nn.Parameter(torch.randn(*shape) * scale + shift)


def standardise(x, dims):
    """(x - mean) / sqrt(mean squared distance + eps)"""
    centred = x - x.mean(dim=dims, keepdim=True)
    return centred / torch.sqrt((centred * centred).mean(dim=dims, keepdim=True) + EPS)


def mixed(x, rho):
    return rho * standardise(x, [2, 3]) + (1 - rho) * standardise(x, [1, 2, 3])


class InstanceNorm(nn.Module):
    """Affine in both codes."""

    def __init__(self, channels):
        super().__init__()
        self.weight, self.bias = normal(channels, scale=0.3, shift=1), normal(channels, scale=0.3)

    def forward(self, x):
        return standardise(x, [2, 3]) * self.weight[:, None, None] + self.bias[:, None, None]


class ILN(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.rho = nn.Parameter(torch.rand(1, channels, 1, 1))
        self.gamma, self.beta = normal(1, channels, 1, 1, scale=0.3, shift=1), normal(1, channels, 1, 1, scale=0.3)

    def forward(self, x):
        return mixed(x, self.rho) * self.gamma + self.beta


class AdaLIN(nn.Module):
    def __init__(self, channels, smoothing):
        super().__init__()
        self.rho = nn.Parameter(torch.rand(1, channels, 1, 1))
        self.smoothing = smoothing

    def forward(self, x, gamma, beta):
        rho = torch.clamp(self.rho - 0.1, 0, 1) if self.smoothing else self.rho
        return mixed(x, rho) * gamma[:, :, None, None] + beta[:, :, None, None]


class Conv(nn.Module):
    """Reflection, then a convolution without a border. Rows and columns are added as TensorFlow's code adds them where
    `surplus`: `pad` before, and what is left of kernel - stride behind, where that number is odd."""

    def __init__(self, inputs, outputs, kernel, stride=1, pad=0, bias=False, surplus=False):
        super().__init__()
        self.weight = normal(outputs, inputs, kernel, kernel, scale=1 / math.sqrt(inputs * kernel * kernel))
        self.bias = normal(outputs, scale=0.2) if bias else None
        self.stride = stride
        behind = kernel - stride - pad if surplus and (kernel - stride) % 2 else pad
        self.border = [pad, behind, pad, behind]

    def padded(self, x):
        return F.pad(x, self.border, mode='reflect') if any(self.border) else x

    def forward(self, x):
        return F.conv2d(self.padded(x), self.weight, self.bias, stride=self.stride)


class Linear(nn.Module):
    def __init__(self, inputs, outputs, bias):
        super().__init__()
        self.weight = normal(outputs, inputs, scale=1 / math.sqrt(inputs))
        self.bias = normal(outputs, scale=0.2) if bias else None

    def forward(self, x):
        return F.linear(x, self.weight, self.bias)


# ------------------------------------------------------------------------------------------- spectral normalisation

class TensorFlowNorm(nn.Module):
    """[.., out] read as a matrix; u is all that is stored, and is assigned to whenever the weight is asked for."""

    def __init__(self, layer):
        super().__init__()
        self.layer, self.bias = layer, layer.bias
        self.weight_orig = layer.weight
        del layer.weight
        layer.bias = None
        self.register_buffer('weight_u', torch.randn(self.weight_orig.shape[0]))

    def normalised(self):
        w = self.weight_orig.flatten(1).t()  # [rest, out]
        unit = lambda t: t * torch.rsqrt(torch.clamp((t * t).sum(), min=1e-12))
        with torch.no_grad():
            v = unit(self.weight_u @ w.t())
            u = unit(v @ w)
            self.weight_u.copy_(u)
        return self.weight_orig / (v @ w @ u)

    def forward(self, x):
        if self.weight_orig.dim() == 2:
            return F.linear(x, self.normalised(), self.bias)
        return F.conv2d(self.layer.padded(x), self.normalised(), self.bias, stride=self.layer.stride)


class PaddleNorm(nn.Module):
    """The operator copies u and v, iterates once on the copies, and stores neither. A linear layer's matrix is
    [in, out]: its u and v stand for our v and u."""

    def __init__(self, layer):
        super().__init__()
        self.layer, self.bias = layer, layer.bias
        self.weight_orig = layer.weight
        del layer.weight
        layer.bias = None
        out, rest = self.weight_orig.shape[0], self.weight_orig[0].numel()
        self.register_buffer('weight_u', torch.randn(out))
        self.register_buffer('weight_v', torch.randn(rest))

    def normalised(self):
        linear = self.weight_orig.dim() == 2
        w = self.weight_orig.t() if linear else self.weight_orig.flatten(1)
        with torch.no_grad():
            u = self.weight_v if linear else self.weight_u
            v = w.t() @ u
            v = v / (v.norm() + 1e-12)
            u = w @ v
            u = u / (u.norm() + 1e-12)
        return self.weight_orig / (u @ (w @ v))

    forward = TensorFlowNorm.forward


# -------------------------------------------------------------------------------------------------------- networks

class TensorFlowCam(nn.Module):
    """One classifier, asked twice; the features are scaled by its weight, as it is used, plus its bias."""

    def __init__(self, channels, norm):
        super().__init__()
        self.cam_fc = norm(Linear(channels, 1, True))
        self.conv1x1 = Conv(2 * channels, channels, 1, bias=True)

    def forward(self, x, activation):
        logits, scaled = [], []
        for pooled in (x.mean([2, 3]), x.amax([2, 3])):
            w = self.cam_fc.normalised() if hasattr(self.cam_fc, 'normalised') else self.cam_fc.weight
            logits.append(pooled @ w.t() + self.cam_fc.bias)
            scaled.append(x * (w[0] + self.cam_fc.bias)[:, None, None])
        y = activation(self.conv1x1(torch.cat(scaled, 1)))
        return y, torch.cat(logits, 1), y.sum(1, keepdim=True)


class PaddleCam(nn.Module):
    """Two classifiers; a generator's second map is scaled by the first one's weight."""

    def __init__(self, channels, norm, second_map):
        super().__init__()
        self.gap_fc, self.gmp_fc = norm(Linear(channels, 1, False)), norm(Linear(channels, 1, False))
        self.conv1x1 = Conv(2 * channels, channels, 1, bias=True)
        self.second_map = second_map

    def forward(self, x, activation):
        raw = lambda layer: layer.weight_orig if hasattr(layer, 'weight_orig') else layer.weight
        logits = torch.cat([self.gap_fc(x.mean([2, 3])), self.gmp_fc(x.amax([2, 3]))], 1)
        first, second = raw(self.gap_fc), raw(getattr(self, self.second_map))
        both = torch.cat([x * first[0][:, None, None], x * second[0][:, None, None]], 1)
        y = activation(self.conv1x1(both))
        return y, logits, y.sum(1, keepdim=True)


class Block(nn.Module):
    def __init__(self, wide, bias, smoothing):
        super().__init__()
        self.conv1, self.norm1 = Conv(wide, wide, 3, 1, 1, bias, bias), AdaLIN(wide, smoothing)
        self.conv2, self.norm2 = Conv(wide, wide, 3, 1, 1, bias, bias), AdaLIN(wide, smoothing)

    def forward(self, x, gamma, beta):
        return self.norm2(self.conv2(F.relu(self.norm1(self.conv1(x), gamma, beta))), gamma, beta) + x


class Generator(nn.Module):
    def __init__(self, preset, ch, n_res, size, light):
        super().__init__()
        is_tensorflow = preset == 'tensorflow'
        self.is_tensorflow, self.light, self.n_res = is_tensorflow, light, n_res
        wide, bias = 4 * ch, is_tensorflow
        conv = lambda i, o, k, s, p: Conv(i, o, k, s, p, bias, is_tensorflow)
        down = nn.ModuleDict({'1': conv(3, ch, 7, 1, 3), '2': InstanceNorm(ch), '5': conv(ch, 2 * ch, 3, 2, 1),
                              '6': InstanceNorm(2 * ch), '9': conv(2 * ch, wide, 3, 2, 1), '10': InstanceNorm(wide)})
        for i in range(n_res):
            half = nn.ModuleDict({'1': conv(wide, wide, 3, 1, 1), '2': InstanceNorm(wide),
                                  '5': conv(wide, wide, 3, 1, 1), '6': InstanceNorm(wide)})
            down[str(12 + i)] = nn.ModuleDict({'conv_block': half})
        self.DownBlock = down
        self.cam = TensorFlowCam(wide, lambda layer: layer) if is_tensorflow else PaddleCam(wide, lambda layer: layer, 'gap_fc')
        inputs = wide if light else (size // 4) ** 2 * wide
        self.FC = nn.ModuleDict({'0': Linear(inputs, wide, bias), '2': Linear(wide, wide, bias)})
        self.gamma, self.beta = Linear(wide, wide, bias), Linear(wide, wide, bias)
        for i in range(n_res):
            self.add_module('UpBlock1_%d' % (i + 1), Block(wide, bias, is_tensorflow))
        self.UpBlock2 = nn.ModuleDict({'2': conv(wide, 2 * ch, 3, 1, 1), '3': ILN(2 * ch), '7': conv(2 * ch, ch, 3, 1, 1),
                                       '8': ILN(ch), '11': conv(ch, 3, 7, 1, 3)})

    def forward(self, image):
        d, u, x = self.DownBlock, self.UpBlock2, image
        for conv, norm in (('1', '2'), ('5', '6'), ('9', '10')):
            x = F.relu(d[norm](d[conv](x)))
        for i in range(self.n_res):
            half = d[str(12 + i)]['conv_block']
            x = half['6'](half['5'](F.relu(half['2'](half['1'](x))))) + x
        x, logits, heat = self.cam(x, F.relu)
        if self.light:
            style = x.mean([2, 3])
        else:
            style = (x.permute(0, 2, 3, 1) if self.is_tensorflow else x).flatten(1)
        style = F.relu(self.FC['2'](F.relu(self.FC['0'](style))))
        gamma, beta = self.gamma(style), self.beta(style)
        for i in range(self.n_res):
            x = getattr(self, 'UpBlock1_%d' % (i + 1))(x, gamma, beta)
        for conv, norm in (('2', '3'), ('7', '8')):
            x = u[conv](F.interpolate(x, scale_factor=2, mode='nearest'))
            x = F.relu(u[norm](x)) if self.is_tensorflow else u[norm](F.relu(x))
        return torch.tanh(u['11'](x)), logits, heat


class Discriminator(nn.Module):
    def __init__(self, preset, ch, layers):
        super().__init__()
        is_tensorflow = preset == 'tensorflow'
        norm = TensorFlowNorm if is_tensorflow else PaddleNorm
        conv = lambda i, o, s, bias: norm(Conv(i, o, 4, s, 1, bias, is_tensorflow))
        self.model, c = nn.ModuleDict(), 3
        for i in range(layers - 1):
            following = ch if i == 0 else 2 * c
            self.model[str(1 + 3 * i)] = conv(c, following, 2 if i < layers - 2 else 1, True)
            c = following
        self.cam = TensorFlowCam(c, norm) if is_tensorflow else PaddleCam(c, norm, 'gmp_fc')
        self.conv = conv(c, 1, 1, is_tensorflow)

    def forward(self, image):
        leaky, x = lambda t: F.leaky_relu(t, 0.2), image
        for layer in self.model.values():
            x = leaky(layer(x))
        x, logits, heat = self.cam(x, leaky)
        return self.conv(x), logits, heat


def exported(network, tensors):
    """{name: tensor} of a network's parameters, buffers or their gradients, under checkpoints' names and in their
    order of inputs: TensorFlow flattens height, width, channels."""
    result = {}
    for name, value in tensors.items():
        value = value.detach()
        if name == 'FC.0.weight' and network.is_tensorflow and not network.light:
            outputs = value.shape[0]
            side = math.isqrt(value.shape[1] // outputs)
            value = value.reshape(outputs, side, side, outputs).permute(0, 3, 1, 2).reshape(outputs, -1)
        result[name.removeprefix('cam.')] = value.clone()
    return result


# -------------------------------------------------------------------------------------------------------- training

class Adam:
    """epsilon stands beside the square root of v as it is, in both codes."""

    def __init__(self, parameters, lr, decay):
        self.parameters, self.lr, self.decay, self.t = list(parameters), lr, decay, 0
        self.m = [torch.zeros_like(p) for p in self.parameters]
        self.v = [torch.zeros_like(p) for p in self.parameters]

    def zero_grad(self):
        for p in self.parameters:
            p.grad = None

    @torch.no_grad()
    def step(self):
        self.t += 1
        rate = self.lr * math.sqrt(1 - 0.999 ** self.t) / (1 - 0.5 ** self.t)
        for p, m, v in zip(self.parameters, self.m, self.v):
            g = p.grad + self.decay * p
            m.mul_(0.5).add_(0.5 * g)
            v.mul_(0.999).add_(0.001 * g * g)
            p.sub_(rate * m / (torch.sqrt(v) + 1e-8))


class Trainer(ugatit.Trainer):
    """The iteration of ugatit_torch.Trainer with a preset's networks and optimizer. TensorFlow's regularisation is a
    term of what is differentiated; the totals that come out are without it."""

    def __init__(self, preset, ch, n_res, n_dis, size, light, iterations, lr=1e-4):
        self.iterations, self.lr, self.preset = iterations, lr, preset
        self.adv, self.cycle, self.identity, self.cam = 1, 10, 10, 1000
        for name in ugatit.NETWORKS:
            layers = n_dis + 1 if name.startswith('disG') else n_dis - 1
            setattr(self, name, Generator(preset, ch, n_res, size, light) if name.startswith('gen')
                    else Discriminator(preset, ch, layers))
        of = lambda names: [p for n in names for p in getattr(self, n).parameters()]
        self.generators, self.judges = ugatit.NETWORKS[:2], ugatit.NETWORKS[2:]
        decay = 0 if preset == 'tensorflow' else 1e-4
        self.make_optimizers = lambda: (Adam(of(self.generators), lr, decay), Adam(of(self.judges), lr, decay))

    def regularisation(self, names):
        if self.preset != 'tensorflow':
            return 0
        kernels = [p for n in names for key, p in getattr(self, n).named_parameters()
                   if key.endswith(('.weight', '.weight_orig')) and p.dim() > 1]
        return sum(1e-4 * (p * p).sum() / 2 for p in kernels)

    def iteration(self, step, a, b):
        if step == 1:
            self.g_optim, self.d_optim = self.make_optimizers()
        half = self.iterations // 2
        if step > half:
            for optimizer in (self.g_optim, self.d_optim):
                optimizer.lr -= self.lr / half
        self.d_optim.zero_grad()
        d_loss, d_terms = self.discriminator_losses(a, b)
        (d_loss + self.regularisation(self.judges)).backward()
        self.d_optim.step()
        self.g_optim.zero_grad()
        g_loss, g_terms = self.generator_losses(a, b)
        (g_loss + self.regularisation(self.generators)).backward()
        self.g_optim.step()
        with torch.no_grad():
            for name in self.generators:
                for key, p in getattr(self, name).named_parameters():
                    if key.endswith('.rho'):
                        p.clamp_(0, 1)
        return {name: value.item() for name, value in dict(d_loss=d_loss, g_loss=g_loss, **d_terms, **g_terms).items()}
