#!/usr/bin/env python3
"""How time and memory of ours grow with the image, the batch and the threads, and what --memory low saves.

    python3 benchmarks/measure_growth.py build/release/benchmarks/bench_models

Runs benchmarks of whole models, each in a process of its own, and prints a table: median seconds of --repetitions (3), and the peak
resident size of the process. `share` is the time for each image and 256x256 pixels of it, relative to the table's first row of the same kind.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile

# (size, batch, threads, low memory)
RUNS = {'forward': [(256, 1, 2, 0), (256, 1, 1, 0), (128, 1, 2, 0), (512, 1, 2, 0), (256, 2, 2, 0), (256, 4, 2, 0)],
        'iteration': [(256, 1, 2, 0), (256, 1, 2, 1), (256, 1, 1, 0), (128, 1, 2, 0), (512, 1, 2, 0), (256, 2, 2, 0), (256, 4, 2, 0)]}


def measure(program, name, run, repetitions):
    """-> (seconds, peak bytes)"""
    size, batch, threads, low = run
    settings = dict(UGATIT_SIZE=size, UGATIT_BATCH=batch, UGATIT_THREADS=threads, UGATIT_LOW_MEMORY=low)
    with tempfile.NamedTemporaryFile(suffix='.json') as output:
        process = subprocess.Popen([program, '--benchmark_filter=^%s/' % name, '--benchmark_min_time=0.05', '--benchmark_repetitions=%d' % repetitions,
                                    '--benchmark_out=' + output.name], env={**os.environ, **{k: str(v) for k, v in settings.items()}},
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        if status != 0:
            sys.exit('%s failed in %s' % (program, name))
        rows = json.load(output)['benchmarks']
    return statistics.median(r['real_time'] for r in rows if r['run_type'] == 'iteration') / 1000, usage.ru_maxrss * 1024


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('program')
    parser.add_argument('--repetitions', type=int, default=3)
    parser.add_argument('--kinds', nargs='+', default=['forward_light', 'forward_light_bfloat16', 'iteration_light', 'iteration_light_bfloat16'])
    options = parser.parse_args()
    print('|  | size | batch | threads | memory | seconds | share | peak memory |\n|---|---|---|---|---|---|---|---|')
    for kind in options.kinds:
        first = None
        for run in RUNS[kind.split('_')[0]]:
            seconds, peak = measure(options.program, kind, run, options.repetitions)
            size, batch, threads, low = run
            work = seconds / (batch * (size / 256) ** 2)
            first = first or work
            print('| %s | %d | %d | %d | %s | %.3g | %.2f | %.2f GB |' % (kind.replace('_', ', '), size, batch, threads, 'low' if low else 'ample', seconds, work / first,
                                                                 peak / 1e9), flush=True)


if __name__ == '__main__':
    main()
