#!/usr/bin/env python3
"""Compares our speed and memory on an NVIDIA GPU with PyTorch's, on the same GPU, in one run, and writes one table.

    python3 benchmarks/compare_gpu.py --program build/cuda/benchmarks/bench_models --output comparison.md

What is measured, batch 1, S 256, ch 64 unless told otherwise:
- forward: one generator, image to image, no gradients kept, at batch 1 and 8
- iteration: one whole training iteration of the six networks
PyTorch's iteration is the published loop (tests/reference/ugatit_torch.py): eager in float32 as published, and tuned as far as
PyTorch goes: autocast to bfloat16, channels_last, cudnn.benchmark, fused Adam and the whole iteration as one CUDA graph; the same
once more with the generators through torch.compile (the discriminators do not go through it: their spectral norm changes in place
what an earlier pass has kept). What does not work there is left out, and the table says what was on.

Below the table, the parts of our iterations: what their kernels take (benchmarks/kernel_parts.py; each in a process of its own,
which is a little slower, as it is written down). "Of the floor" is the least time that an H200 needs to do the arithmetic or to move
the bytes, whichever is more, through the time measured; it holds for what FLOORS names.

Every measurement is a process of its own; ours and PyTorch's take turns --repetitions (3) times. Times are medians. torch.compile
takes minutes, so that is measured once.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile

import kernel_parts

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
# Milliseconds of a whole iteration on an H200 (790 TFLOP/s in bfloat16, 400 in TF32, 4.3 TB/s), batch 1, S 256, ch 64.
FLOORS = {('iteration', 'light', 'bfloat16'): 3.1, ('iteration', 'full', 'bfloat16'): 7.3, ('iteration', 'full', 'tf32'): 9.5}
UNITS = {'ns': 1e-6, 'us': 1e-3, 'ms': 1.0, 's': 1e3}


# ------------------------------------------------------------------------------- PyTorch, in a process of its own

def tuned_iteration(torch, trainer, compiled):
    """The published iteration without what waits for the host; -> a function of (step, a, b)."""
    import ugatit_torch as ugatit
    for optimizer in ('g_optim', 'd_optim'):
        old = getattr(trainer, optimizer)
        parameters = old.param_groups[0]['params']
        setattr(trainer, optimizer, torch.optim.Adam(parameters, lr=1e-4, betas=(0.5, 0.999), weight_decay=1e-4, fused=True, capturable=True))
    rhos = [p for g in (trainer.genA2B, trainer.genB2A) for name, p in g.named_parameters() if name.endswith('rho')]
    for name in ugatit.NETWORKS:
        network = getattr(trainer, name).to(memory_format=torch.channels_last)
        if compiled and name.startswith('gen'):
            network = torch.compile(network)
        setattr(trainer, name, network)

    def run(step, a, b):
        for optimizer, losses in ((trainer.d_optim, trainer.discriminator_losses), (trainer.g_optim, trainer.generator_losses)):
            optimizer.zero_grad()
            with torch.autocast('cuda', torch.bfloat16):
                loss = losses(a, b)[0]
            loss.backward()
            optimizer.step()
        with torch.no_grad():
            for rho in rhos:
                rho.clamp_(0, 1)
    return run


def as_graph(torch, run):
    """All that `run` puts on the GPU as one CUDA graph; -> a function of the step, which is the same each time."""
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        for step in range(1, 4):
            run(step)
    torch.cuda.current_stream().wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        run(4)
    return lambda step: graph.replay()


def pytorch_worker(name, how, options):
    sys.path.insert(0, os.path.join(ROOT, 'tests', 'reference'))
    import torch
    import ugatit_torch as ugatit
    torch.manual_seed(1)
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = how != 'float32'
    torch.backends.cudnn.benchmark = how != 'float32'
    what, kind = name.split('_')
    light = kind == 'light'
    a, b = (torch.rand(options.batch, 3, options.size, options.size, device='cuda') * 2 - 1 for _ in range(2))
    if how != 'float32':
        a, b = (x.contiguous(memory_format=torch.channels_last) for x in (a, b))
    said = {'float32': 'eager, float32', 'tuned': 'autocast, channels_last, fused Adam', 'compiled': 'the same, generators compiled'}[how]

    def forward():
        generator = ugatit.Generator(options.ch, 4, options.size, light).eval().cuda()
        if how != 'float32':
            generator = generator.to(memory_format=torch.channels_last)
        if how == 'compiled':
            generator = torch.compile(generator)

        def run(_):
            with torch.no_grad(), torch.autocast('cuda', torch.bfloat16, enabled=how != 'float32'):
                generator(a)
        return run

    def iteration():
        trainer = ugatit.Trainer(ch=options.ch, n_res=4, n_dis=options.n_dis, size=options.size, light=light)
        for network in ugatit.NETWORKS:
            getattr(trainer, network).cuda()
        if how == 'float32':
            return lambda step: trainer.iteration(step, a, b)
        run = tuned_iteration(torch, trainer, how == 'compiled')
        return lambda step: run(step, a, b)

    run = forward() if what == 'forward' else iteration()
    if how != 'float32':
        try:
            run = as_graph(torch, run)  # before anything else runs: what autograd makes first stays on the stream it was made on
            said += ', one CUDA graph'
        except Exception as error:  # what this PyTorch cannot do
            print('no CUDA graph: %s' % error, file=sys.stderr)
    for step in range(4, 7):
        run(step)
    import time
    times = []
    for step in range(7, 7 + options.times):
        torch.cuda.synchronize()
        start = time.perf_counter()
        run(step)
        torch.cuda.synchronize()
        times.append(1e3 * (time.perf_counter() - start))
    print(json.dumps(dict(ms=statistics.median(times), memory=torch.cuda.max_memory_allocated(), said=said)))


# ------------------------------------------------------------------------------------------------- one measurement

def run_program(command, options, **environment):
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=options.timeout, env=dict(os.environ, **environment))
    except subprocess.TimeoutExpired:
        return None
    return done.stdout if done.returncode == 0 else None


def pytorch(name, how, batch, options):
    command = [options.python, os.path.abspath(__file__), '--worker', name, '--how', how, '--batch', str(batch)]
    for key in ('size', 'ch', 'n_dis', 'times'):
        command += ['--' + key, str(getattr(options, key))]
    text = run_program(command, options)
    return json.loads(text.splitlines()[-1]) if text else None


def ours(name, how, batch, options, **environment):
    full = 'cuda_' + name + {'float32': '', 'tf32': '_tf32', 'bfloat16': '_bfloat16'}[how]
    text = run_program([options.program, '--benchmark_filter=^%s(/.*)?$' % full, '--benchmark_format=json', '--benchmark_min_time=%g' % options.seconds],
                       options, UGATIT_SIZE=str(options.size), UGATIT_CH=str(options.ch), UGATIT_DIS=str(options.n_dis), UGATIT_BATCH=str(batch), **environment)
    if not text:
        return None
    runs = [b for b in json.loads(text[text.index('{'):])['benchmarks'] if b.get('run_type') != 'aggregate']
    if not runs:
        return None
    return dict(ms=statistics.median(b['real_time'] * UNITS[b['time_unit']] for b in runs), memory=runs[0]['memory_GB'] * 1e9, said=how)


def parts(name, how, batch, options):
    """Markdown: what the kernels of one of our iterations take."""
    recorder = os.path.join(os.path.dirname(options.program), 'libkernel_times.so')
    if not os.path.exists(recorder):
        return ['Not known: %s is not there, since the build has found no CUPTI.' % recorder]
    with tempfile.TemporaryDirectory() as folder:
        times = os.path.join(folder, 'times.txt')
        result = ours(name, how, batch, options, CUDA_INJECTION64_PATH=recorder, UGATIT_KERNEL_TIMES=times)
        if not result or not os.path.exists(times):
            return ['Not known: CUPTI has written nothing down.']
        return ['%.2f ms while it was written down:' % result['ms'], ''] + kernel_parts.table(times, result['ms'])


# --------------------------------------------------------------------------------------------------------- report

def machine(options):
    def first_line(*command):
        try:
            return subprocess.run(command, capture_output=True, text=True).stdout.strip().splitlines()[0]
        except (OSError, IndexError):
            return 'not known'
    return ['GPU, driver: ' + first_line('nvidia-smi', '--query-gpu=name,driver_version', '--format=csv,noheader'),
            'PyTorch, its CUDA, its cuDNN: ' + first_line(options.python, '-c', 'import torch; print(torch.__version__, torch.version.cuda, torch.backends.cudnn.version())'),
            'date: ' + first_line('date', '-u', '+%Y-%m-%d')]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--program', default=os.path.join(ROOT, 'build', 'cuda', 'benchmarks', 'bench_models'))
    parser.add_argument('--python', default=sys.executable)
    parser.add_argument('--cases', default='iteration:light:1,iteration:full:1,forward:light:1,forward:light:8', help='what:model:batch, with commas between')
    parser.add_argument('--torch', default='float32,tuned,compiled', help='ways of PyTorch')
    parser.add_argument('--ours', default='float32,tf32,bfloat16', help='our precisions')
    parser.add_argument('--timeout', type=float, default=600, help='seconds for one process')
    parser.add_argument('--seconds', type=float, default=1, help='that ours is measured in each process')
    parser.add_argument('--size', type=int, default=256)
    parser.add_argument('--ch', type=int, default=64)
    parser.add_argument('--n_dis', type=int, default=6)
    parser.add_argument('--times', type=int, default=20, help='timed in each process of PyTorch')
    parser.add_argument('--repetitions', type=int, default=3)
    parser.add_argument('--output', help='the Markdown file to write')
    parser.add_argument('--worker', help=argparse.SUPPRESS)
    parser.add_argument('--how', help=argparse.SUPPRESS)
    parser.add_argument('--batch', type=int, default=1, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        return pytorch_worker(options.worker, options.how, options)
    if not os.access(options.program, os.X_OK):
        sys.exit('%s is not there: build it with -DUGATIT_CUDA=ON, or name it with --program' % options.program)

    lines = ['# Speed and memory on a GPU', ''] + ['- ' + line for line in machine(options)]
    lines += ['- size %d, ch %d; medians of %d processes each, in turn' % (options.size, options.ch, options.repetitions), '']
    lines += ['| what | who | ms | images/s | memory | time / fastest PyTorch | of the floor |', '|---|---|---|---|---|---|---|']
    of_parts = []
    hows = [(who, measure, how) for who, measure, all_of in (('PyTorch', pytorch, options.torch), ('ours', ours, options.ours))
            for how in all_of.split(',') if how]
    for case in options.cases.split(','):
        what, kind, batch = case.split(':')
        results = {}
        for repetition in range(options.repetitions):
            for who, measure, how in hows:
                if how == 'compiled' and repetition > 0:
                    continue
                result = measure('%s_%s' % (what, kind), how, int(batch), options)
                print('%s %s, batch %s, %s %s: %s' % (what, kind, batch, who, how, result), file=sys.stderr, flush=True)
                if result:
                    results.setdefault((who, how), []).append(result)
        median = {key: statistics.median(r['ms'] for r in all_of) for key, all_of in results.items()}
        base = min((ms for (who, _), ms in median.items() if who == 'PyTorch'), default=None)
        for (who, how), all_of in results.items():
            ms = median[who, how]
            floor = FLOORS.get((what, kind, how)) if who == 'ours' and (batch, options.size, options.ch) == ('1', 256, 64) else None
            lines.append('| %s, %s, batch %s | %s, %s | %.2f | %.0f | %.2f GB | %s | %s |' % (
                what, kind, batch, who, all_of[0]['said'] if who == 'PyTorch' else how, ms, 1e3 * int(batch) / ms,
                max(r['memory'] for r in all_of) / 1e9, '%.3f' % (ms / base) if base else '–', '%.0f %%' % (100 * floor / ms) if floor else '–'))
            if who == 'ours' and what == 'iteration':
                of_parts += ['', '## %s, %s, batch %s, %s' % (what, kind, batch, how), ''] + parts('%s_%s' % (what, kind), how, int(batch), options)
    text = '\n'.join(lines + of_parts) + '\n'
    print(text)
    if options.output:
        with open(options.output, 'w') as file:
            file.write(text)


if __name__ == '__main__':
    sys.exit(main())
