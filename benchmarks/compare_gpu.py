#!/usr/bin/env python3
"""Compares our speed and memory on an NVIDIA GPU with PyTorch's, on the same GPU, in one run, and writes one table.

    python3 benchmarks/compare_gpu.py --program build/cuda/benchmarks/bench_models --output comparison.md

What is measured, batch 1, S 256, ch 64 unless told otherwise:
- forward: one generator, image to image, no gradients kept, at batch 1 and 8
- iteration: one whole training iteration of the six networks
PyTorch's iteration is the published loop (tests/reference/ugatit_torch.py): eager in float32 as published, and tuned as far as
PyTorch goes: autocast to bfloat16, channels_last, cudnn.benchmark, fused Adam, torch.compile with CUDA graphs. What does not
work there is left out one by one, and the table says what was on.

Every measurement is a process of its own; ours and PyTorch's take turns --repetitions (3) times. Times are medians.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
UNITS = {'ns': 1e-6, 'us': 1e-3, 'ms': 1.0, 's': 1e3}


# ------------------------------------------------------------------------------- PyTorch, in a process of its own

def tuned_iteration(torch, trainer, with_graphs):
    """The published iteration without what waits for the host; -> a function of (step, a, b)."""
    import ugatit_torch as ugatit
    for optimizer in ('g_optim', 'd_optim'):
        old = getattr(trainer, optimizer)
        setattr(trainer, optimizer, torch.optim.Adam(old.param_groups[0]['params'], lr=1e-4, betas=(0.5, 0.999), weight_decay=1e-4, fused=True))
    for name in ugatit.NETWORKS:
        network = getattr(trainer, name).to(memory_format=torch.channels_last)
        if with_graphs is not None:
            network = torch.compile(network, mode='reduce-overhead' if with_graphs else 'default')
        setattr(trainer, name, network)

    def run(step, a, b):
        if with_graphs:
            torch.compiler.cudagraph_mark_step_begin()
        trainer.decay(step)
        trainer.d_optim.zero_grad()
        with torch.autocast('cuda', torch.bfloat16):
            loss = trainer.discriminator_losses(a, b)[0]
        loss.backward()
        trainer.d_optim.step()
        trainer.g_optim.zero_grad()
        with torch.autocast('cuda', torch.bfloat16):
            loss = trainer.generator_losses(a, b)[0]
        loss.backward()
        trainer.g_optim.step()
        with torch.no_grad():
            for generator in (trainer.genA2B, trainer.genB2A):
                for name, parameter in generator.named_parameters():
                    if name.endswith('rho'):
                        parameter.clamp_(0, 1)
    return run


def pytorch_worker(name, how, options):
    sys.path.insert(0, os.path.join(ROOT, 'tests', 'reference'))
    import torch
    import ugatit_torch as ugatit
    torch.manual_seed(1)
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = how == 'tf32'
    torch.backends.cudnn.benchmark = how != 'float32'
    what, kind = name.split('_')
    light = kind == 'light'
    a, b = (torch.rand(options.batch, 3, options.size, options.size, device='cuda') * 2 - 1 for _ in range(2))
    halves = torch.autocast('cuda', torch.bfloat16, enabled=how == 'tuned')

    def attempts():
        """Ways to run it, best first."""
        if what == 'forward':
            generator = ugatit.Generator(options.ch, 4, options.size, light).eval().cuda()
            def run(_):
                with torch.no_grad(), halves:
                    generator(a)
            yield 'autocast' if how == 'tuned' else 'eager', run
            return
        for graphs in ((True, False, None) if how == 'tuned' else (None,)):
            trainer = ugatit.Trainer(ch=options.ch, n_res=4, n_dis=options.n_dis, size=options.size, light=light)
            for network in ugatit.NETWORKS:
                getattr(trainer, network).cuda()
            if how == 'tuned':
                said = {True: ' + compile + CUDA graphs', False: ' + compile', None: ''}[graphs]
                yield 'autocast + channels_last + fused Adam' + said, tuned_iteration_of(trainer, graphs)
            else:
                yield 'eager', lambda step: trainer.iteration(step, a, b)

    def tuned_iteration_of(trainer, graphs):
        run = tuned_iteration(torch, trainer, graphs)
        return lambda step: run(step, a, b)

    for said, run in attempts():
        try:
            for step in range(1, 6):
                run(step)
            torch.cuda.synchronize()
            break
        except Exception as error:  # what this PyTorch cannot do
            print('%s: %s' % (said, str(error).splitlines()[0] if str(error) else type(error)), file=sys.stderr)
    else:
        sys.exit('PyTorch cannot run %s' % name)
    import time
    times = []
    for step in range(6, 6 + options.times):
        torch.cuda.synchronize()
        start = time.perf_counter()
        run(step)
        torch.cuda.synchronize()
        times.append(1e3 * (time.perf_counter() - start))
    print(json.dumps(dict(ms=statistics.median(times), memory=torch.cuda.max_memory_allocated(), said=said)))


# ------------------------------------------------------------------------------------------------- one measurement

def run_program(command, **environment):
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, env=dict(os.environ, **environment))
    if done.returncode != 0:
        return None
    return done.stdout


def pytorch(name, how, batch, options):
    command = [options.python, os.path.abspath(__file__), '--worker', name, '--how', how, '--batch', str(batch)]
    for key in ('size', 'ch', 'n_dis', 'times'):
        command += ['--' + key, str(getattr(options, key))]
    text = run_program(command)
    return json.loads(text.splitlines()[-1]) if text else None


def ours(name, how, batch, options):
    full = 'cuda_' + name + {'float32': '', 'tf32': '_tf32', 'bfloat16': '_bfloat16'}[how]
    text = run_program([options.program, '--benchmark_filter=^%s(/.*)?$' % full, '--benchmark_format=json', '--benchmark_repetitions=5'],
                       UGATIT_SIZE=str(options.size), UGATIT_CH=str(options.ch), UGATIT_DIS=str(options.n_dis), UGATIT_BATCH=str(batch))
    if not text:
        return None
    runs = [b for b in json.loads(text[text.index('{'):])['benchmarks'] if b.get('run_type') != 'aggregate']
    if not runs:
        return None
    return dict(ms=statistics.median(b['real_time'] * UNITS[b['time_unit']] for b in runs), memory=runs[0]['arena_peak_GB'] * 1e9, said=how)


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
    parser.add_argument('--kind', default='light,full')
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
    lines += ['| what | who | ms | images/s | memory | time / tuned PyTorch |', '|---|---|---|---|---|---|']
    hows = [('PyTorch', pytorch, 'float32'), ('PyTorch', pytorch, 'tuned'),
            ('ours', ours, 'float32'), ('ours', ours, 'tf32'), ('ours', ours, 'bfloat16')]
    for kind in options.kind.split(','):
        for what, batch in (('iteration', 1), ('forward', 1), ('forward', 8)):
            if kind == 'full' and what == 'forward' and batch > 1:
                continue
            results = {}
            for repetition in range(options.repetitions):
                for who, measure, how in hows:
                    result = measure('%s_%s' % (what, kind), how, batch, options)
                    print('%s %s, batch %d, %s %s: %s' % (what, kind, batch, who, how, result), file=sys.stderr, flush=True)
                    if result:
                        results.setdefault((who, how), []).append(result)
            tuned = results.get(('PyTorch', 'tuned'))
            base = statistics.median(r['ms'] for r in tuned) if tuned else None
            for (who, how), all_of in results.items():
                ms = statistics.median(r['ms'] for r in all_of)
                said = all_of[0]['said'] if who == 'PyTorch' else how
                lines.append('| %s, %s, batch %d | %s, %s | %.2f | %.0f | %.2f GB | %s |' % (
                    what, kind, batch, who, said, ms, 1e3 * batch / ms, max(r['memory'] for r in all_of) / 1e9,
                    '%.3f' % (ms / base) if base else '–'))
    text = '\n'.join(lines) + '\n'
    print(text)
    if options.output:
        with open(options.output, 'w') as file:
            file.write(text)


if __name__ == '__main__':
    sys.exit(main())
