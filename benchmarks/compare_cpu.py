#!/usr/bin/env python3
"""Compares our speed and memory on the CPU with PyTorch's, ONNX Runtime's and OpenVINO's, on the same machine, in one run.

    python3 benchmarks/compare_cpu.py --pytorch_python NEWEST/bin/python --onnx_python OTHERS/bin/python --output comparison.md

What is measured, batch 1, ch 64, with --threads threads (2):
- forward: one generator, image to image, no gradients kept
- iteration: one whole training iteration of the six networks. PyTorch's is the published loop as it is, with the passes it
  computes and throws away (tests/reference/ugatit_torch.py).

Who is measured:
- PyTorch of --python, by default the interpreter that runs this: eager, float32; other ways by --python_ways
- PyTorch of --pytorch_python, meant for PyPI's newest (pip install torch numpy): eager and compiled (torch.compile, channels last; of an
  iteration the generators alone), in float32 and in bfloat16 (autocast). --forward_ways and --iteration_ways choose.
  torch.compile needs g++ and Python.h. The version says +cu where the build carries CUDA, whose libraries count in its peak memory.
- ONNX Runtime of --onnx_python, float32, and OpenVINO of --openvino_python, float32 and bfloat16 (pip install onnxruntime openvino numpy): the
  forward pass of what `convert` writes of a generator with random weights, which one of the PyTorchs makes; or --onnx FILE, a light
  generator that `convert --image_only True` wrote
- ours, float32 and with products in bfloat16: the Google Benchmark binary bench_models
Who is not there, or fails, costs one line of the table, which says why. The full model's iteration takes 23 GB in PyTorch: of a machine with
24 GB it is measured where nothing else runs.

Every measurement is a process of its own (benchmarks/cpu_peers.py): all take turns --repetitions (3) times, so that a machine that
slows down slows all. Times are medians over the repetitions, of each process's own median; memory is the largest peak
resident size of a whole process, torch.compile's own work included. The first run of each kind warms up and is not counted (one iteration,
two forwards). PyTorch's threads wait by spinning: on a machine that others use too they are many times slower, so measure on an idle one.

--smoke tries everything at a size that takes seconds, but for torch.compile, which takes a minute for each iteration at any size.
"""
import argparse
import dataclasses
import datetime
import functools
import itertools
import json
import os
import platform
import re
import statistics
import subprocess
import sys
import tempfile
import typing

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PEERS = os.path.join(ROOT, 'benchmarks', 'cpu_peers.py')
PRECISIONS = ('float32', 'bfloat16')
WAYS = ('float32', 'bfloat16', 'compiled_float32', 'compiled_bfloat16')
SMOKE = dict(size=64, n_dis=4, repetitions=1, forwards=1, iterations=1)


class Failed(Exception):
    """Why there is nothing to report, in one line."""


# ------------------------------------------------------------------------------------------------- one measurement

def run_and_watch(command, options):
    """-> (standard output, peak resident size in bytes)"""
    threads = str(options.threads)
    environment = dict(os.environ, OMP_NUM_THREADS=threads, MKL_NUM_THREADS=threads, UGATIT_THREADS=threads, UGATIT_SIZE=str(options.size),
                       UGATIT_CH=str(options.ch), UGATIT_DIS=str(options.n_dis), TORCHINDUCTOR_CACHE_DIR=os.path.join(options.work, 'inductor'))
    with tempfile.TemporaryFile('w+') as out, tempfile.TemporaryFile('w+') as errors:
        try:
            process = subprocess.Popen(command, stdout=out, stderr=errors, env=environment)
        except OSError as error:
            raise Failed('%s: %s' % (os.path.basename(command[0]), error.strerror)) from None
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        errors.seek(0)
        text, complaints = out.read(), errors.read().strip()
    if process.returncode != 0:
        print(complaints, file=sys.stderr, flush=True)
        if process.returncode == -9:
            raise Failed('killed (out of memory?)')
        raise Failed(complaints.split('\n')[-1].strip() or 'ended with %d' % process.returncode)
    return text, usage.ru_maxrss * 1024


def peer(python, task, options, **arguments):
    """cpu_peers.py in a process of its own -> (standard output, peak resident size in bytes)"""
    for key in ('threads', 'size', 'ch', 'n_dis', 'forwards', 'iterations'):
        arguments[key] = getattr(options, key)
    return run_and_watch([python, PEERS, task] + ['--%s=%s' % argument for argument in arguments.items()], options)


@dataclasses.dataclass
class Measurement:
    seconds: float
    memory: int
    software: str


def measured_peer(python, task, options, **arguments):
    text, memory = peer(python, task, options, **arguments)
    result = json.loads(text.splitlines()[-1])
    return Measurement(result['seconds'], memory, result['software'])


def pytorch(flag, way, what, kind, options):
    python = getattr(options, flag)
    if not python:
        raise Failed('no --%s was given' % flag)
    return measured_peer(python, 'pytorch', options, what=what, kind=kind, way=way)


def onnx_peer(flag, task, way, _, kind, options):
    return measured_peer(getattr(options, flag), task, options, model=onnx_model(kind, options), way=way)


UNITS = {'ns': 1e-9, 'us': 1e-6, 'ms': 1e-3, 's': 1.0}


def ours(precision, what, kind, options):
    name = '%s_%s%s' % (what, kind, '' if precision == 'float32' else '_' + precision)
    count = options.forwards if what == 'forward' else options.iterations
    command = [options.program, '--benchmark_filter=^%s(/.*)?$' % name, '--benchmark_format=json', '--benchmark_repetitions=%d' % count]
    text, memory = run_and_watch(command + options.arguments.split(), options)
    if '{' not in text:
        raise Failed('%s has no benchmark %s' % (os.path.basename(options.program), name))
    runs = [b for b in json.loads(text[text.index('{'):])['benchmarks'] if re.match(r'%s(/|$)' % name, b['name'])]
    failed = [b for b in runs if b.get('error_occurred')]
    if failed:
        raise Failed(failed[0].get('error_message'))
    times = [b['real_time'] * UNITS[b['time_unit']] for b in runs if b.get('run_type') != 'aggregate']
    return Measurement(statistics.median(times), memory, 'ours')


# ------------------------------------------------------------------------------------------------- the ONNX models

def onnx_model(kind, options):
    """The .onnx of that kind; one that cannot be made is not tried twice."""
    if kind == 'light' and options.onnx:
        return options.onnx
    if kind not in options.onnx_models:
        try:
            options.onnx_models[kind] = make_onnx_model(kind, options)
        except Failed as error:
            options.onnx_models[kind] = Failed('no .onnx: %s' % error)
    model = options.onnx_models[kind]
    if isinstance(model, Failed):
        raise model
    return model


def make_onnx_model(kind, options):
    weights, model = (os.path.join(options.work, kind + ending) for ending in ('.pt', '.onnx'))
    write_weights(kind, weights, options)
    run_and_watch([options.convert, '--input', weights, '--output', model, '--image_only', 'True'], options)
    os.remove(weights)
    return model


def write_weights(kind, path, options):
    """By the first PyTorch that can."""
    for python in filter(None, (options.python, options.pytorch_python)):
        try:
            peer(python, 'weights', options, kind=kind, model=path)
            return
        except Failed as error:
            why = error
    raise why


# ---------------------------------------------------------------------------------------------------- who takes part

@dataclasses.dataclass
class Contestant:
    software: str  # until it says its version
    way: str
    precision: str
    measure: typing.Callable  # (what, kind, options) -> Measurement, or Failed
    times: list = dataclasses.field(default_factory=list)
    memories: list = dataclasses.field(default_factory=list)
    failure: str = ''

    @property
    def is_ours(self):
        return self.software == 'ours'

    @property
    def name(self):
        return '%s, %s' % (self.software, self.way) if self.way else self.software

    @property
    def time(self):
        return statistics.median(self.times)

    @property
    def memory(self):
        return max(self.memories)

    def take_turn(self, what, kind, options):
        """Measures once more; after a failure never again."""
        if self.failure:
            return
        try:
            result = self.measure(what, kind, options)
        except Failed as error:
            self.failure = str(error)
            said = 'not measured: ' + self.failure
        else:
            self.times.append(result.seconds)
            self.memories.append(result.memory)
            self.software = result.software
            said = '%.3f s, %.2f GB' % (result.seconds, result.memory / 1e9)
        print('%s_%s, %s, %s: %s' % (what, kind, self.name, self.precision, said), file=sys.stderr, flush=True)


def pytorchs(flag, ways):
    return [Contestant('PyTorch of --' + flag, 'compiled' if way.startswith('compiled') else 'eager', way.split('_')[-1],
                       functools.partial(pytorch, flag, way)) for way in ways]


def contestants(what, options):
    everyone = []
    if options.only != 'ours':
        everyone += pytorchs('python', options.python_ways)
        everyone += pytorchs('pytorch_python', options.forward_ways if what == 'forward' else options.iteration_ways)
    if options.only != 'ours' and what == 'forward':
        everyone.append(Contestant('ONNX Runtime', '', 'float32', functools.partial(onnx_peer, 'onnx_python', 'onnxruntime', 'float32')))
        everyone += [Contestant('OpenVINO', '', precision, functools.partial(onnx_peer, 'openvino_python', 'openvino', precision))
                     for precision in PRECISIONS]
    if options.only in ('both', 'ours'):
        everyone += [Contestant('ours', '', precision, functools.partial(ours, precision)) for precision in PRECISIONS]
    return everyone


# --------------------------------------------------------------------------------------------------------- report

def machine():
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
    return ['%s, %d processors%s, Linux %s' % (model, os.cpu_count(), ', %.0f GB' % total if total else '', platform.release().split('-')[0]),
            'instructions: ' + ', '.join(f if f in flags else 'no ' + f for f in wanted),
            'load before the start (1 minute): %.1f' % os.getloadavg()[0]]


def table_row(cells):
    return '| ' + ' | '.join(cells) + ' |'


def ratios(contestant, our_own):
    """Ours as a part of a peer's time and memory."""
    if contestant.is_ours:
        return [''] * (2 * len(our_own))
    return ['%.3f' % ratio for own in our_own for ratio in (own.time / contestant.time, own.memory / contestant.memory)]


def failures(everyone):
    """One row for each reason that a piece of software has."""
    failed = sorted((c for c in everyone if c.failure), key=lambda c: (c.software, c.failure))
    for (software, failure), group in itertools.groupby(failed, lambda c: (c.software, c.failure)):
        yield software, ', '.join(' '.join(filter(None, (c.way, c.precision))) for c in group), 'not measured: ' + failure.replace('|', '/')


def fastest(what, kind, everyone):
    """One line for each precision: the fastest peer, and ours beside it."""
    for precision in PRECISIONS:
        peers = [c for c in everyone if not c.is_ours and c.precision == precision]
        if not peers:
            continue
        best = min(peers, key=lambda c: c.time)
        line = '- %s, %s: the fastest peer in %s is %s' % (what, kind, precision, best.name)
        for own in (c for c in everyone if c.is_ours and c.precision == precision):
            line += '; ours takes %.3f of its time' % (own.time / best.time)
        yield line


def table(what, kind, everyone):
    present = [c for c in everyone if not c.failure]
    our_own = [c for c in present if c.is_ours]
    header = ['%s, %s' % (what, kind), 'precision', 'time', 'peak memory']
    header += ['our %s in %s / this' % (of, own.precision) for own in our_own for of in ('time', 'memory')]
    lines = [table_row(header), '|' + '---|' * len(header)]
    for c in present:
        lines.append(table_row([c.name, c.precision, '%.3g s (%.3g to %.3g)' % (c.time, min(c.times), max(c.times)), '%.2f GB' % (c.memory / 1e9),
                                *ratios(c, our_own)]))
    for row in failures(everyone):
        lines.append(table_row([*row, *[''] * (len(header) - 3)]))
    return lines + ['', *fastest(what, kind, present), '']


def report(options):
    """Measures everything -> (Markdown, whether all of ours was measured)"""
    lines = ['## Beside PyTorch, ONNX Runtime and OpenVINO, %s' % datetime.date.today(), '']
    lines += ['- ' + line for line in machine()]
    lines += ['- batch 1, size %d, ch %d, %d threads; medians of %d processes each, in turn (spread in brackets)'
              % (options.size, options.ch, options.threads, options.repetitions), '']
    complete = True
    for kind, what in itertools.product(options.kind.split(','), options.what.split(',')):
        everyone = contestants(what, options)
        for _ in range(options.repetitions):
            for contestant in everyone:
                contestant.take_turn(what, kind, options)
        lines += table(what, kind, everyone)
        complete = complete and not any(c.is_ours and c.failure for c in everyone)
    return '\n'.join(lines).rstrip() + '\n', complete


def ways(text):
    """'float32,bfloat16' -> those of WAYS; nothing for none"""
    chosen = list(filter(None, text.split(',')))
    unknown = set(chosen) - set(WAYS)
    if unknown:
        raise argparse.ArgumentTypeError('no %s; there are %s' % (', '.join(unknown), ', '.join(WAYS)))
    return chosen


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    programs = os.path.join(ROOT, 'build', 'release')
    parser.add_argument('--program', default=os.path.join(programs, 'benchmarks', 'bench_models'))
    parser.add_argument('--convert', default=os.path.join(programs, 'examples', 'convert'), help='the program that writes .onnx')
    parser.add_argument('--python', default=sys.executable, help='that has PyTorch, as Debian\'s')
    parser.add_argument('--pytorch_python', help='that has another PyTorch, as PyPI\'s newest')
    parser.add_argument('--python_ways', type=ways, default='float32', help='of the PyTorch of --python: some of ' + ','.join(WAYS))
    parser.add_argument('--forward_ways', type=ways, default=','.join(WAYS), help='of the PyTorch of --pytorch_python (all four)')
    parser.add_argument('--iteration_ways', type=ways, default=','.join(WAYS), help='the same for the iteration (all four)')
    parser.add_argument('--only', choices=['both', 'peers', 'pytorch', 'ours'], default='both', help='pytorch is the same as peers')
    parser.add_argument('--what', default='forward,iteration')
    parser.add_argument('--kind', default='light', help='light, full or light,full')
    parser.add_argument('--threads', type=int, default=2)
    parser.add_argument('--size', type=int, default=256)
    parser.add_argument('--ch', type=int, default=64, help='that the programs were built for')
    parser.add_argument('--n_dis', type=int, default=6)
    parser.add_argument('--repetitions', type=int, default=3, help='processes of each kind')
    parser.add_argument('--forwards', type=int, default=5, help='timed in each process')
    parser.add_argument('--iterations', type=int, default=2, help='timed in each process')
    parser.add_argument('--smoke', action='store_true', help='tiny sizes, once each, to see whether everything works')
    parser.add_argument('--arguments', default='', help='further arguments of our program, in one string')
    parser.add_argument('--output', help='the Markdown file to write')
    parser.add_argument('--onnx', help='a light generator of that ch, from convert --image_only True (made where not given)')
    parser.add_argument('--onnx_python', default=sys.executable, help='that has ONNX Runtime')
    parser.add_argument('--openvino_python', help='that has OpenVINO (the one of --onnx_python)')
    options = parser.parse_args()
    if options.smoke:
        vars(options).update(SMOKE)
    options.openvino_python = options.openvino_python or options.onnx_python
    options.onnx_models = {}
    return options


def main():
    options = parse_arguments()
    if options.only in ('both', 'ours') and not os.access(options.program, os.X_OK):
        sys.exit('%s is not there: build it, or name it with --program (or --only peers)' % options.program)
    with tempfile.TemporaryDirectory() as options.work:
        text, complete = report(options)
    print(text)
    if options.output:
        with open(options.output, 'w') as file:
            file.write(text)
    return 0 if complete else 1


if __name__ == '__main__':
    sys.exit(main())
