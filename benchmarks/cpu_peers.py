#!/usr/bin/env python3
"""Measures one peer once, in the Python that has it. compare_cpu.py starts this as a process of its own for each measurement:

    python3 benchmarks/cpu_peers.py pytorch --what forward --kind light --way compiled_bfloat16
    python3 benchmarks/cpu_peers.py onnxruntime --model light.onnx
    python3 benchmarks/cpu_peers.py openvino --model light.onnx --way bfloat16

The last line printed is JSON: the median of the timed calls in seconds, each of them, and what the software calls itself. Calls that warm
up are not among them: compiling, and whatever is allocated once.

    python3 benchmarks/cpu_peers.py weights --kind light --model light.pt

writes a generator with random weights, for `convert` to make an .onnx of.
"""
import argparse
import json
import os
import statistics
import sys
import time
import traceback

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def print_times(software, run, warm, count):
    """Calls run(step), step from 1, and prints the median without the first `warm` calls."""
    times = []
    for step in range(1, warm + count + 1):
        start = time.perf_counter()
        run(step)
        times.append(time.perf_counter() - start)
    print(json.dumps(dict(seconds=statistics.median(times[warm:]), all=times, software=software)))


# ---------------------------------------------------------------------------------------------------------- PyTorch

def import_pytorch(options):
    """-> (torch, the reference)"""
    sys.path.insert(0, os.path.join(ROOT, 'tests', 'reference'))
    import torch
    import ugatit_torch
    torch.set_num_threads(options.threads)
    torch.manual_seed(1)
    return torch, ugatit_torch


def make_generator(ugatit, options):
    return ugatit.Generator(options.ch, 4, options.size, options.kind == 'light').eval()


def write_weights(options):
    torch, ugatit = import_pytorch(options)
    torch.save({'genA2B': make_generator(ugatit, options).state_dict()}, options.model)


def compiled(torch, network):
    """As PyTorch advises for convolutions: channels last too, which made compiled forward passes 3 to 13 % faster."""
    return torch.compile(network.to(memory_format=torch.channels_last))


def pytorch_forward(torch, ugatit, autocast, options):
    generator = make_generator(ugatit, options)
    if options.way.startswith('compiled'):
        generator = compiled(torch, generator)
    image = torch.rand(1, 3, options.size, options.size) * 2 - 1

    def run(_):
        with torch.no_grad(), autocast:
            generator(image)
    return run


def pytorch_iteration(torch, ugatit, autocast, options):
    trainer = ugatit.Trainer(ch=options.ch, n_res=4, n_dis=options.n_dis, size=options.size, light=options.kind == 'light')
    if options.way.startswith('compiled'):
        # Discriminators stay as they are: their spectral norm changes in place what an earlier pass has kept.
        trainer.genA2B, trainer.genB2A = (compiled(torch, g) for g in (trainer.genA2B, trainer.genB2A))
    # Backward passes and Adam run outside of autocast, as PyTorch wants it.
    trainer.discriminator_losses = autocast(trainer.discriminator_losses)
    trainer.generator_losses = autocast(trainer.generator_losses)
    a, b = (torch.rand(1, 3, options.size, options.size) * 2 - 1 for _ in range(2))
    return lambda step: trainer.iteration(step, a, b)


def pytorch(options):
    torch, ugatit = import_pytorch(options)
    autocast = torch.autocast('cpu', torch.bfloat16, enabled=options.way.endswith('bfloat16'))
    software = 'PyTorch ' + torch.__version__
    if not torch.backends.mkldnn.is_available():
        software += ' without oneDNN'
    if options.what == 'forward':
        print_times(software, pytorch_forward(torch, ugatit, autocast, options), 2, options.forwards)
    else:
        print_times(software, pytorch_iteration(torch, ugatit, autocast, options), 1, options.iterations)


# ------------------------------------------------------------------------------------------ what runs an ONNX model

def random_image(options):
    import numpy
    return numpy.random.default_rng(1).uniform(-1, 1, (1, 3, options.size, options.size)).astype(numpy.float32)


def onnxruntime(options):
    import onnxruntime
    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = options.threads
    session = onnxruntime.InferenceSession(options.model, settings, providers=['CPUExecutionProvider'])
    inputs = {session.get_inputs()[0].name: random_image(options)}
    print_times('ONNX Runtime ' + onnxruntime.__version__, lambda _: session.run(None, inputs), 2, options.forwards)


def openvino(options):
    import openvino
    core = openvino.Core()
    if options.way == 'bfloat16' and 'BF16' not in core.get_property('CPU', 'OPTIMIZATION_CAPABILITIES'):
        sys.exit('this processor has no bfloat16 for OpenVINO')
    image = random_image(options)
    model = core.read_model(options.model)
    model.reshape(list(image.shape))  # a fixed size is a little faster than any size
    settings = {'PERFORMANCE_HINT': 'LATENCY', 'INFERENCE_NUM_THREADS': options.threads,
                'INFERENCE_PRECISION_HINT': {'float32': 'f32', 'bfloat16': 'bf16'}[options.way]}
    request = core.compile_model(model, 'CPU', settings).create_infer_request()
    print_times('OpenVINO ' + openvino.__version__.split('-')[0], lambda _: request.infer([image]), 2, options.forwards)


TASKS = {'pytorch': pytorch, 'onnxruntime': onnxruntime, 'openvino': openvino, 'weights': write_weights}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('task', choices=TASKS)
    parser.add_argument('--what', choices=['forward', 'iteration'], default='forward')
    parser.add_argument('--kind', choices=['light', 'full'], default='light')
    parser.add_argument('--way', default='float32', help='float32 or bfloat16; in PyTorch compiled_float32 or compiled_bfloat16 too')
    parser.add_argument('--model', help='the .onnx that is run, or the weights that are written')
    parser.add_argument('--threads', type=int, default=2)
    parser.add_argument('--size', type=int, default=256)
    parser.add_argument('--ch', type=int, default=64)
    parser.add_argument('--n_dis', type=int, default=6)
    parser.add_argument('--forwards', type=int, default=5)
    parser.add_argument('--iterations', type=int, default=2)
    options = parser.parse_args()
    try:
        TASKS[options.task](options)
    except Exception as error:  # the table has room for one line
        traceback.print_exc()
        sys.exit(str(error).strip().split('\n')[0] or type(error).__name__)


if __name__ == '__main__':
    main()
