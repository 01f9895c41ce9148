#!/usr/bin/env python3
"""Writes the golden files of the presets `tensorflow` and `paddle` in tests/golden; their README says what is in them.

    python3 tests/reference/make_presets.py

Needs PyTorch (made with 1.13) and NumPy. All is computed in double precision; weights are values that float32 holds
exactly.
"""
import os

import torch

import ugatit_presets as presets
import ugatit_torch as ugatit

GOLDEN = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), 'golden')
CH, N_RES, ITERATIONS = 4, 2, 10


def rounded(network):
    """Values that take two bytes, in double."""
    network.double()
    with torch.no_grad():
        for p in list(network.parameters()) + list(network.buffers()):
            p.copy_(p.to(torch.bfloat16).to(p.dtype))
    return network


def network(file, net, size, outputs, metadata):
    net = rounded(net)
    tensors = {'weight/' + key: value.float() for key, value in presets.exported(net, net.state_dict()).items()}
    x = (torch.rand(2, 3, size, size) * 2 - 1).float()
    tensors['input/x'] = x
    x = x.double().requires_grad_(True)
    results = net(x)
    upstream = [torch.randn_like(value).float() for value in results]
    for name, value, up in zip(outputs, results, upstream):
        tensors['output/' + name], tensors['upstream/' + name] = value.detach(), up
    torch.autograd.backward(results, [up.double() for up in upstream])
    tensors['gradient/x'] = x.grad
    # The instance norm behind a convolution takes its bias away: that gradient is 0 but for rounding.
    unseen = lambda key: key.startswith('DownBlock.') and key.endswith(('.1.bias', '.5.bias', '.9.bias'))
    gradients = {key: torch.zeros_like(p) if unseen(key) else p.grad for key, p in net.named_parameters()}
    tensors.update({'gradient/' + key: value for key, value in presets.exported(net, gradients).items()})
    tensors.update({'after/' + key: value for key, value in presets.exported(net, dict(net.named_buffers())).items()})
    if dict(net.named_buffers()):
        for name, value in zip(outputs, net(x)):
            tensors['evaluation/' + name] = value.detach()
    ugatit.write_safetensors(os.path.join(GOLDEN, file), tensors, metadata)


def curve(preset, light):
    size = 32
    trainer = presets.Trainer(preset, CH, N_RES, 4, size, light, ITERATIONS)
    tensors = {}
    for name in ugatit.NETWORKS:
        net = rounded(getattr(trainer, name))
        tensors.update({name + '.' + key: value.float() for key, value in presets.exported(net, net.state_dict()).items()})
    images = [(torch.rand(2, 3, size, size) * 2 - 1).float() for _ in range(2)]
    tensors['images/a'], tensors['images/b'] = images
    rows = [trainer.iteration(step, *(i[step % 2][None].double() for i in images)) for step in range(1, ITERATIONS + 1)]
    columns = ['d_loss', 'g_loss'] + ugatit.TERMS
    tensors['losses'] = torch.tensor([[row[c] for c in columns] for row in rows], dtype=torch.float64)
    kind = 'light' if light else 'full'
    print(preset, kind, 'd_loss %g to %g, g_loss %g to %g' % (rows[0]['d_loss'], rows[-1]['d_loss'], rows[0]['g_loss'], rows[-1]['g_loss']))
    ugatit.write_safetensors(os.path.join(GOLDEN, 'preset_%s_curve_%s.safetensors' % (preset, kind)), tensors,
                             {'columns': ','.join(columns)})


if __name__ == '__main__':
    torch.set_num_threads(1)
    for number, preset in enumerate(('tensorflow', 'paddle')):
        torch.manual_seed(40 + number)
        for light in (True, False):
            kind = 'light' if light else 'full'
            network('preset_%s_generator_%s.safetensors' % (preset, kind), presets.Generator(preset, CH, N_RES, 32, light), 32,
                    ('image', 'cam', 'heatmap'), dict(ch=CH, n_res=N_RES, size=32, light=light, batch=2))
        network('preset_%s_discriminator.safetensors' % preset, presets.Discriminator(preset, CH, 5), 48,
                ('logits', 'cam', 'heatmap'), dict(ch=CH, layers=5, size=48, batch=2))
        for light in (True, False):
            curve(preset, light)
