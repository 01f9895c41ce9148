#!/usr/bin/env python3
"""Compares our speed and memory on the CPU with PyTorch's, on the same machine, in one run.

    python3 benchmarks/compare_cpu.py --program build/release/benchmarks/bench_models --output comparison.md

What is measured, batch 1, ch 64, with --threads threads (2), PyTorch in float32, ours in float32 and with products in bfloat16:
- forward: one generator, image to image, no gradients kept (PyTorch: eval, no_grad)
- iteration: one whole training iteration of the six networks. PyTorch's is the published loop as it is, with the passes it
  computes and throws away (tests/reference/ugatit_torch.py).

Every measurement is a process of its own: ours and PyTorch's take turns --repetitions (3) times, so that a machine that
slows down slows both. Times are medians over the repetitions, of each process's own median; memory is the largest peak
resident size of a whole process. The first run of each kind warms up and is not counted (one iteration, two forwards).

The program is the Google Benchmark binary, with benchmarks forward_light, forward_full, iteration_light, iteration_full, and the same
names with _bfloat16 at the end.
Without it (--only pytorch) PyTorch alone is measured. The full model's iteration needs 24 GB in PyTorch.
Needs a Python with PyTorch: --python, by default the interpreter that runs this.

With --onnx FILE, a light generator that `convert --image_only True` wrote, the light forward pass is also measured in ONNX Runtime, of
the Python of --onnx_python.
"""
import argparse
import json
import os
import platform
import re
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


# ------------------------------------------------------------------------------- PyTorch, in a process of its own

def print_times(run, warm, count):
    """Calls run(step), step from 1, and prints the median without the first `warm` calls."""
    times = []
    for step in range(1, warm + count + 1):
        start = time.perf_counter()
        run(step)
        times.append(time.perf_counter() - start)
    print(json.dumps(dict(seconds=statistics.median(times[warm:]), all=times)))


def pytorch_worker(name, options):
    sys.path.insert(0, os.path.join(ROOT, 'tests', 'reference'))
    import torch
    import ugatit_torch as ugatit
    torch.set_num_threads(options.threads)
    torch.manual_seed(1)
    what, kind = name.split('_')
    light = kind == 'light'
    a, b = (torch.rand(1, 3, options.size, options.size) * 2 - 1 for _ in range(2))
    if what == 'forward':
        generator = ugatit.Generator(options.ch, 4, options.size, light).eval()
        def run(_):
            with torch.no_grad():
                generator(a)
        warm, count = 2, options.forwards
    else:
        trainer = ugatit.Trainer(ch=options.ch, n_res=4, n_dis=options.n_dis, size=options.size, light=light)
        run = lambda step: trainer.iteration(step, a, b)
        warm, count = 1, options.iterations
    print_times(run, warm, count)


def onnx_worker(options):
    import numpy
    import onnxruntime
    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = options.threads
    session = onnxruntime.InferenceSession(options.onnx, settings, providers=['CPUExecutionProvider'])
    image = numpy.random.default_rng(1).uniform(-1, 1, (1, 3, options.size, options.size)).astype(numpy.float32)
    print_times(lambda _: session.run(None, {session.get_inputs()[0].name: image}), 2, options.forwards)


# ------------------------------------------------------------------------------------------------- one measurement

def run_and_watch(command, threads):
    """-> (standard output, peak resident size in bytes)"""
    environment = dict(os.environ, OMP_NUM_THREADS=str(threads), MKL_NUM_THREADS=str(threads), UGATIT_THREADS=str(threads))
    with tempfile.TemporaryFile() as out:
        process = subprocess.Popen(command, stdout=out, env=environment)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        text = out.read().decode()
    if process.returncode != 0:
        sys.exit('%s ended with %d%s' % (' '.join(command), process.returncode, ' (out of memory?)' if process.returncode == -9 else ''))
    return text, usage.ru_maxrss * 1024


def worker(python, name, keys, options):
    """This script's own worker in a process of its own, with those of the options."""
    command = [python, os.path.abspath(__file__), '--worker', name]
    for key in keys:
        command += ['--' + key, str(getattr(options, key))]
    text, memory = run_and_watch(command, options.threads)
    return json.loads(text.splitlines()[-1])['seconds'], memory


def pytorch(name, options):
    return worker(options.python, name, ('threads', 'size', 'ch', 'n_dis', 'forwards', 'iterations'), options)


def onnx_runtime(name, options):
    """-> None where there is nothing to measure"""
    if name != 'forward_light':
        return None
    return worker(options.onnx_python, 'onnx', ('onnx', 'threads', 'size', 'forwards'), options)


UNITS = {'ns': 1e-9, 'us': 1e-6, 'ms': 1e-3, 's': 1.0}


def ours(name, options):
    count = options.forwards if name.startswith('forward') else options.iterations
    command = [options.program, '--benchmark_filter=^%s(/.*)?$' % name, '--benchmark_format=json', '--benchmark_repetitions=%d' % count]
    command += options.arguments.split()
    text, memory = run_and_watch(command, options.threads)
    runs = [b for b in json.loads(text[text.index('{'):])['benchmarks'] if re.match(r'%s(/|$)' % name, b['name'])]
    failed = [b for b in runs if b.get('error_occurred')]
    if failed:
        sys.exit('%s: %s' % (name, failed[0].get('error_message')))
    runs = [b for b in runs if b.get('run_type') != 'aggregate']
    if not runs:
        sys.exit('%s has no benchmark %s' % (options.program, name))
    return statistics.median(b['real_time'] * UNITS[b['time_unit']] for b in runs), memory


# --------------------------------------------------------------------------------------------------------- report

def machine(options):
    """Lines that describe where this was measured."""
    model, flags, total = platform.processor() or platform.machine(), set(), None
    try:
        with open('/proc/cpuinfo') as file:
            text = file.read()
        model = re.search(r'model name\s*: (.*)', text).group(1)
        flags = set(re.search(r'flags\s*: (.*)', text).group(1).split())
        with open('/proc/meminfo') as file:
            total = int(re.search(r'MemTotal:\s*(\d+)', file.read()).group(1)) / 2 ** 20
    except (OSError, AttributeError):
        pass
    wanted = ('avx2', 'fma', 'avx512f', 'avx512_bf16', 'avx512_vnni', 'amx_tile', 'amx_bf16')
    version = lambda code: subprocess.run([options.python, '-c', code], capture_output=True, text=True).stdout.strip()
    lines = ['%s, %d processors%s' % (model, os.cpu_count(), ', %.0f GB' % total if total else ''),
             'instructions: ' + ', '.join(f if f in flags else 'no ' + f for f in wanted),
             'load before the start (1 minute): %.1f' % os.getloadavg()[0],
             'Linux %s, Python %s, PyTorch %s, %s' % (platform.release().split('-')[0], version('import platform; print(platform.python_version())'),
                                         version('import torch; print(torch.__version__)'),
                                         version('import torch; print("oneDNN on" if torch.backends.mkldnn.is_available() else "oneDNN off")'))]
    return lines


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--program', default=os.path.join(ROOT, 'build', 'release', 'benchmarks', 'bench_models'))
    parser.add_argument('--python', default=sys.executable)
    parser.add_argument('--only', choices=['both', 'pytorch', 'ours'], default='both')
    parser.add_argument('--what', default='forward,iteration')
    parser.add_argument('--kind', default='light', help='light, full or light,full')
    parser.add_argument('--threads', type=int, default=2)
    parser.add_argument('--size', type=int, default=256, help='of PyTorch\'s images; --arguments tells our program')
    parser.add_argument('--ch', type=int, default=64)
    parser.add_argument('--n_dis', type=int, default=6)
    parser.add_argument('--repetitions', type=int, default=3, help='processes of each kind')
    parser.add_argument('--forwards', type=int, default=5, help='timed in each process')
    parser.add_argument('--iterations', type=int, default=2, help='timed in each process')
    parser.add_argument('--arguments', default='', help='further arguments of our program, in one string')
    parser.add_argument('--output', help='the Markdown file to write')
    parser.add_argument('--onnx', help='a light generator of that ch, from convert --image_only True')
    parser.add_argument('--onnx_python', default=sys.executable)
    parser.add_argument('--worker', help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker == 'onnx':
        return onnx_worker(options)
    if options.worker:
        return pytorch_worker(options.worker, options)
    def ours_in_bfloat16(name, options):
        return ours(name + '_bfloat16', options)
    measured = [('PyTorch', pytorch)] if options.only != 'ours' else []
    if options.onnx and options.only != 'ours':
        measured += [('ONNX Runtime', onnx_runtime)]
    peers = [n for n, _ in measured]
    if options.only != 'pytorch':
        measured += [('ours', ours), ('ours, bfloat16', ours_in_bfloat16)]
    if options.only != 'pytorch' and not os.access(options.program, os.X_OK):
        sys.exit('%s is not there: build it, or name it with --program (or --only pytorch)' % options.program)

    lines = ['# Speed and memory on the CPU', '']
    lines += ['- ' + line for line in machine(options)]
    lines += ['- batch 1, size %d, ch %d, %d threads; medians of %d processes each, in turn (spread in brackets)'
              % (options.size, options.ch, options.threads, options.repetitions), '']
    header = ['', *(n for n, _ in measured), *(n + ', peak memory' for n, _ in measured)]
    compared = [(n, peer) for n, _ in measured if n not in peers for peer in peers]
    header += ['%s, %s / %s' % (of, n, peer) for n, peer in compared for of in ('time', 'memory')]
    lines += ['| ' + ' | '.join(header) + ' |', '|' + '---|' * len(header)]
    for kind in options.kind.split(','):
        for what in options.what.split(','):
            name = what + '_' + kind
            times, memories = {n: [] for n, _ in measured}, {n: [] for n, _ in measured}
            for repetition in range(options.repetitions):
                for n, measure in measured:
                    result = measure(name, options)
                    if result is None:
                        continue
                    seconds, memory = result
                    times[n].append(seconds)
                    memories[n].append(memory)
                    print('%s, %s, %d of %d: %.3f s, %.2f GB' % (name, n, repetition + 1, options.repetitions, seconds, memory / 1e9),
                          file=sys.stderr, flush=True)
            median = {n: statistics.median(t) for n, t in times.items() if t}
            peak = {n: max(m) for n, m in memories.items() if m}
            row = ['%s, %s' % (what, kind)]
            row += ['%.3g s (%.3g to %.3g)' % (median[n], min(times[n]), max(times[n])) if n in median else '' for n, _ in measured]
            row += ['%.2f GB' % (peak[n] / 1e9) if n in peak else '' for n, _ in measured]
            row += ['%.3f' % (of[n] / of[peer]) if peer in of else '' for n, peer in compared for of in (median, peak)]
            lines.append('| ' + ' | '.join(row) + ' |')
    text = '\n'.join(lines) + '\n'
    print(text)
    if options.output:
        with open(options.output, 'w') as file:
            file.write(text)


if __name__ == '__main__':
    sys.exit(main())
