"""U-GAT-IT in PyTorch: the yardstick that the C++ library is compared with.

Written from the specification of the model, for this library; nothing here is needed to build or to use it. Module names
are chosen so that `state_dict()` has the keys of the published checkpoints: the files that users have load here as they are.

Needs PyTorch (1.13 of Debian 12 is what the golden files were made with), NumPy and Pillow. The other scripts in this
folder import it:

    make_golden.py         writes everything in tests/golden
    compare_translate.py   compares the program `translate` with PyTorch, pixel by pixel
    compare_published.py   compares this transcription with a checkout of the published code
"""
import os

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F
from torch.nn.utils import spectral_norm

EPS = 1e-5


# ---------------------------------------------------------------------------------------------------------- layers

def normalise(x, dims):
    """(x - mean) / sqrt(unbiased variance + eps) over dims."""
    mean = x.mean(dim=dims, keepdim=True)
    variance = x.var(dim=dims, keepdim=True, unbiased=True)
    return (x - mean) / torch.sqrt(variance + EPS)


def mix(x, rho):
    """rho * instance norm + (1 - rho) * layer norm."""
    return rho * normalise(x, [2, 3]) + (1 - rho) * normalise(x, [1, 2, 3])


class AdaLIN(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.rho = nn.Parameter(torch.full((1, channels, 1, 1), 0.9))

    def forward(self, x, gamma, beta):
        return mix(x, self.rho) * gamma[:, :, None, None] + beta[:, :, None, None]


class ILN(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.rho = nn.Parameter(torch.zeros(1, channels, 1, 1))
        self.gamma = nn.Parameter(torch.ones(1, channels, 1, 1))
        self.beta = nn.Parameter(torch.zeros(1, channels, 1, 1))

    def forward(self, x):
        return mix(x, self.rho) * self.gamma + self.beta


def conv(inputs, outputs, kernel, stride=1, bias=False):
    return nn.Conv2d(inputs, outputs, kernel, stride=stride, bias=bias)


def class_activation_map(x, gap_fc, gmp_fc, gap_weight, gmp_weight, conv1x1, activation):
    """-> (features, logits [N,2], heat map [N,1,h,w]). The weights that scale the map may differ from those of the logits."""
    logits = torch.cat([gap_fc(F.adaptive_avg_pool2d(x, 1).flatten(1)),
                        gmp_fc(F.adaptive_max_pool2d(x, 1).flatten(1))], dim=1)
    scaled = torch.cat([x * gap_weight[:, :, None, None], x * gmp_weight[:, :, None, None]], dim=1)
    features = activation(conv1x1(scaled))
    return features, logits, features.sum(dim=1, keepdim=True)


# ------------------------------------------------------------------------------------------------------- generator

class EncoderBlock(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.conv_block = nn.Sequential(
            nn.ReflectionPad2d(1), conv(channels, channels, 3), nn.InstanceNorm2d(channels), nn.ReLU(),
            nn.ReflectionPad2d(1), conv(channels, channels, 3), nn.InstanceNorm2d(channels))

    def forward(self, x):
        return x + self.conv_block(x)


class DecoderBlock(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.pad = nn.ReflectionPad2d(1)
        self.conv1 = conv(channels, channels, 3)
        self.norm1 = AdaLIN(channels)
        self.conv2 = conv(channels, channels, 3)
        self.norm2 = AdaLIN(channels)

    def forward(self, x, gamma, beta):
        y = F.relu(self.norm1(self.conv1(self.pad(x)), gamma, beta))
        return self.norm2(self.conv2(self.pad(y)), gamma, beta) + x


class Generator(nn.Module):
    """image -> (image, CAM logits, heat map)"""

    def __init__(self, ch=64, n_res=4, size=256, light=False):
        super().__init__()
        self.light = light
        wide = 4 * ch

        down = [nn.ReflectionPad2d(3), conv(3, ch, 7), nn.InstanceNorm2d(ch), nn.ReLU()]
        for c in (ch, 2 * ch):
            down += [nn.ReflectionPad2d(1), conv(c, 2 * c, 3, stride=2), nn.InstanceNorm2d(2 * c), nn.ReLU()]
        self.DownBlock = nn.Sequential(*down, *[EncoderBlock(wide) for _ in range(n_res)])

        self.gap_fc = nn.Linear(wide, 1, bias=False)
        self.gmp_fc = nn.Linear(wide, 1, bias=False)
        self.conv1x1 = conv(2 * wide, wide, 1, bias=True)

        style_inputs = wide if light else (size // 4) ** 2 * wide
        self.FC = nn.Sequential(nn.Linear(style_inputs, wide, bias=False), nn.ReLU(),
                                nn.Linear(wide, wide, bias=False), nn.ReLU())
        self.gamma = nn.Linear(wide, wide, bias=False)
        self.beta = nn.Linear(wide, wide, bias=False)

        self.decoder = ['UpBlock1_%d' % (i + 1) for i in range(n_res)]
        for name in self.decoder:
            self.add_module(name, DecoderBlock(wide))

        up = []
        for c in (wide, 2 * ch):
            up += [nn.Upsample(scale_factor=2, mode='nearest'), nn.ReflectionPad2d(1), conv(c, c // 2, 3), ILN(c // 2), nn.ReLU()]
        self.UpBlock2 = nn.Sequential(*up, nn.ReflectionPad2d(3), conv(ch, 3, 7), nn.Tanh())

    def forward(self, image):
        x = self.DownBlock(image)
        x, logits, heatmap = class_activation_map(x, self.gap_fc, self.gmp_fc, self.gap_fc.weight, self.gmp_fc.weight,
                                                  self.conv1x1, F.relu)
        style = self.FC(F.adaptive_avg_pool2d(x, 1).flatten(1) if self.light else x.flatten(1))
        gamma, beta = self.gamma(style), self.beta(style)
        for name in self.decoder:
            x = getattr(self, name)(x, gamma, beta)
        return self.UpBlock2(x), logits, heatmap


# --------------------------------------------------------------------------------------------------- discriminator

class Discriminator(nn.Module):
    """image -> (patch logits, CAM logits, heat map)"""

    def __init__(self, ch=64, layers=7):
        super().__init__()
        model, c = [], 3
        for i in range(layers - 1):
            following = ch if i == 0 else 2 * c
            stride = 2 if i < layers - 2 else 1
            model += [nn.ReflectionPad2d(1), spectral_norm(conv(c, following, 4, stride, bias=True)), nn.LeakyReLU(0.2)]
            c = following
        self.gap_fc = spectral_norm(nn.Linear(c, 1, bias=False))
        self.gmp_fc = spectral_norm(nn.Linear(c, 1, bias=False))
        self.conv1x1 = conv(2 * c, c, 1, bias=True)
        self.pad = nn.ReflectionPad2d(1)
        self.conv = spectral_norm(conv(c, 1, 4))
        self.model = nn.Sequential(*model)

    def forward(self, image):
        x = self.model(image)
        x, logits, heatmap = class_activation_map(x, self.gap_fc, self.gmp_fc,
                                                  self.gap_fc.weight_orig, self.gmp_fc.weight_orig,  # before normalisation
                                                  self.conv1x1, lambda t: F.leaky_relu(t, 0.2))
        return self.conv(self.pad(x)), logits, heatmap


# -------------------------------------------------------------------------------------------------------- training

NETWORKS = ['genA2B', 'genB2A', 'disGA', 'disGB', 'disLA', 'disLB']

TERMS = (['d_ga', 'd_la', 'd_gb', 'd_lb']
         + [t for d in ('ga', 'la', 'gb', 'lb') for t in ('g_adv_' + d, 'g_adv_' + d + '_cam')]
         + ['g_cycle_a', 'g_cycle_b', 'g_identity_a', 'g_identity_b', 'g_cam_a', 'g_cam_b'])


def to_constant(x, value):
    """Mean squared distance to a constant."""
    return F.mse_loss(x, torch.full_like(x, value))


def cross_entropy(logits, value):
    return F.binary_cross_entropy_with_logits(logits, torch.full_like(logits, value))


class Trainer:
    """The six networks, their two optimizers and the iteration as published, wasted passes included."""

    def __init__(self, ch=64, n_res=4, n_dis=6, size=256, light=False, iterations=1000000, lr=1e-4, weight_decay=1e-4,
                 adv=1, cycle=10, identity=10, cam=1000, dtype=torch.float32, weights=None):
        self.iterations, self.lr = iterations, lr
        self.adv, self.cycle, self.identity, self.cam = adv, cycle, identity, cam
        self.genA2B = Generator(ch, n_res, size, light)
        self.genB2A = Generator(ch, n_res, size, light)
        self.disGA = Discriminator(ch, n_dis + 1)
        self.disGB = Discriminator(ch, n_dis + 1)
        self.disLA = Discriminator(ch, n_dis - 1)
        self.disLB = Discriminator(ch, n_dis - 1)
        for name in NETWORKS:
            network = getattr(self, name)
            if weights is not None:
                network.load_state_dict(weights[name])
            network.to(dtype).train()
        parameters = lambda names: [p for n in names for p in getattr(self, n).parameters()]
        adam = lambda p: torch.optim.Adam(p, lr=lr, betas=(0.5, 0.999), weight_decay=weight_decay)
        self.g_optim = adam(parameters(['genA2B', 'genB2A']))
        self.d_optim = adam(parameters(['disGA', 'disGB', 'disLA', 'disLB']))

    def state_dicts(self):
        return {name: getattr(self, name).state_dict() for name in NETWORKS}

    def discriminator_losses(self, a, b):
        fake_b = self.genA2B(a)[0]
        fake_a = self.genB2A(b)[0]
        judges = [('ga', self.disGA, a, fake_a), ('la', self.disLA, a, fake_a),
                  ('gb', self.disGB, b, fake_b), ('lb', self.disLB, b, fake_b)]
        reals = [judge(real)[:2] for _, judge, real, _ in judges]
        fakes = [judge(fake)[:2] for _, judge, _, fake in judges]
        terms = {}
        for (name, _, _, _), (r, r_cam), (f, f_cam) in zip(judges, reals, fakes):
            terms['d_' + name] = to_constant(r, 1) + to_constant(f, 0) + to_constant(r_cam, 1) + to_constant(f_cam, 0)
        total = self.adv * (terms['d_ga'] + terms['d_la']) + self.adv * (terms['d_gb'] + terms['d_lb'])
        return total, terms

    def generator_losses(self, a, b):
        fake_b, fake_b_cam, _ = self.genA2B(a)
        fake_a, fake_a_cam, _ = self.genB2A(b)
        cycle_a = self.genB2A(fake_b)[0]
        cycle_b = self.genA2B(fake_a)[0]
        same_a, same_a_cam, _ = self.genB2A(a)
        same_b, same_b_cam, _ = self.genA2B(b)
        terms = {}
        for name, judge, fake in (('ga', self.disGA, fake_a), ('la', self.disLA, fake_a),
                                  ('gb', self.disGB, fake_b), ('lb', self.disLB, fake_b)):
            logits, logits_cam, _ = judge(fake)
            terms['g_adv_' + name] = to_constant(logits, 1)
            terms['g_adv_' + name + '_cam'] = to_constant(logits_cam, 1)
        terms['g_cycle_a'] = F.l1_loss(cycle_a, a)
        terms['g_cycle_b'] = F.l1_loss(cycle_b, b)
        terms['g_identity_a'] = F.l1_loss(same_a, a)
        terms['g_identity_b'] = F.l1_loss(same_b, b)
        terms['g_cam_a'] = cross_entropy(fake_a_cam, 1) + cross_entropy(same_a_cam, 0)
        terms['g_cam_b'] = cross_entropy(fake_b_cam, 1) + cross_entropy(same_b_cam, 0)
        total = sum(self.adv * (terms['g_adv_g' + d] + terms['g_adv_g' + d + '_cam'] + terms['g_adv_l' + d] + terms['g_adv_l' + d + '_cam'])
                    + self.cycle * terms['g_cycle_' + d] + self.identity * terms['g_identity_' + d] + self.cam * terms['g_cam_' + d]
                    for d in 'ab')
        return total, terms

    def decay(self, step):
        """Called before step (from 1): a straight line to 0 over the second half."""
        half = self.iterations // 2
        if step > half:
            for optimizer in (self.g_optim, self.d_optim):
                optimizer.param_groups[0]['lr'] -= self.lr / half

    def iteration(self, step, a, b):
        """-> {'d_loss', 'g_loss', every term} as Python numbers"""
        self.decay(step)

        self.d_optim.zero_grad()
        d_loss, d_terms = self.discriminator_losses(a, b)
        d_loss.backward()
        self.d_optim.step()

        self.g_optim.zero_grad()
        g_loss, g_terms = self.generator_losses(a, b)
        g_loss.backward()
        self.g_optim.step()

        with torch.no_grad():
            for generator in (self.genA2B, self.genB2A):
                for module in generator.modules():
                    if isinstance(module, (AdaLIN, ILN)):
                        module.rho.clamp_(0, 1)

        return {name: value.item() for name, value in dict(d_loss=d_loss, g_loss=g_loss, **d_terms, **g_terms).items()}


# ---------------------------------------------------------------------------------------------------------- images

def load_image(path, size=None, dtype=torch.float32):
    """8-bit RGB -> [1,3,H,W] in [-1,1]; resized with Pillow's bilinear where the size differs."""
    from PIL import Image
    image = Image.open(path).convert('RGB')
    if size is not None and image.size != (size, size):
        image = image.resize((size, size), Image.BILINEAR)
    x = torch.from_numpy(np.array(image)).permute(2, 0, 1).to(dtype) / 255
    return ((x - 0.5) / 0.5)[None]


def to_pixels(x):
    """[1,3,H,W] in [-1,1] -> 8-bit RGB, rounded to the nearest level."""
    x = ((x[0].double() * 0.5 + 0.5) * 255).clamp(0, 255)
    return np.floor(x.permute(1, 2, 0).numpy() + 0.5).astype(np.uint8)


def images_of(folder):
    return [os.path.join(folder, name) for name in sorted(os.listdir(folder))]


# ---------------------------------------------------------------------------------------------------------- files

def write_safetensors(path, tensors, metadata=None):
    """tensors: {name: float32 or float64 array}, in order. 8 bytes of header length, JSON (padded to 8), data."""
    import json
    import struct
    header, offset, chunks = {}, 0, []
    if metadata:
        header['__metadata__'] = {k: str(v) for k, v in metadata.items()}
    for name, value in tensors.items():
        value = np.ascontiguousarray(value.detach().numpy() if isinstance(value, torch.Tensor) else value)
        kind = {'float32': 'F32', 'float64': 'F64'}[str(value.dtype)]
        data = value.astype(value.dtype.newbyteorder('<')).tobytes()
        header[name] = {'dtype': kind, 'shape': list(value.shape), 'data_offsets': [offset, offset + len(data)]}
        offset += len(data)
        chunks.append(data)
    text = json.dumps(header, separators=(',', ':')).encode()
    text += b' ' * (-len(text) % 8)
    with open(path, 'wb') as file:
        file.write(struct.pack('<Q', len(text)) + text)
        for chunk in chunks:
            file.write(chunk)
