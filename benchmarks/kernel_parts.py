#!/usr/bin/env python3
"""Says where the time of an iteration goes on a GPU, from what benchmarks/kernel_times.cpp has written down.

    python3 benchmarks/kernel_parts.py times.txt --milliseconds 15.2 [--chain]

--milliseconds is how long one iteration takes, as the benchmark that was recorded says. Of the last iterations one is looked
at. Its kernels run side by side, so that their times sum to more than the iteration's; "of the time" shares each moment among
the kernels that run then, and sums to it. "Alone" is when nothing else runs: what is done there faster is gained.

--chain prints all its kernels in order instead, with their streams.
"""
import argparse
import collections
import re

# The first that fits. Names are mangled, so that they hold lengths: 11pad_forward.
PARTS = [
    ('spectral normalisation', 'spectral'),
    ('norms', 'norm'),
    ('borders', 'pad_forward|pad_backward'),
    ('Adam, sums of squares', 'adam|square_sum|sum_squares|sum_up|allow_if_finite'),
    ('weights and images as tensor cores want them, and back', 'packing|folded|nchwToNhwc|nhwcToNchw'),
    ('attention, pooling', 'cam_|pool|classifier|channel_sum'),
    ('linear layers', 'linear_|sum_columns'),
    ('losses', 'least_squares|2l1I|bce_with'),
    ('activations, sums, copies', 'ugatit'),
    ('convolutions', ''),
]


def read(path):
    kernels = []
    with open(path) as file:
        for line in file:
            start, duration, stream, name = line.rstrip('\n').split(' ', 3)
            kernels.append((float(start), float(duration), int(stream), name))
    return sorted(kernels)


def one_iteration(kernels, milliseconds):
    """One period before the last one: each kernel of an iteration is in it once."""
    end = kernels[-1][0] - 1e3 * milliseconds
    begin = end - 1e3 * milliseconds
    if kernels[0][0] > begin:
        raise SystemExit('fewer than two iterations of %g ms were written down; measure for longer' % milliseconds)
    return begin, [kernel for kernel in kernels if begin <= kernel[0] < end]


def part_of(name):
    return next(part for part, pattern in PARTS if re.search(pattern, name))


def moments(kernels):
    """(duration, kernels that run) for each stretch of time in which they are the same."""
    times = sorted({start for start, *_ in kernels} | {start + duration for start, duration, *_ in kernels})
    running, next_one = [], 0
    for begin, end in zip(times, times[1:]):
        running = [kernel for kernel in running if kernel[0] + kernel[1] > begin]
        while next_one < len(kernels) and kernels[next_one][0] <= begin:
            running.append(kernels[next_one])
            next_one += 1
        yield end - begin, running


def table(path, milliseconds):
    _, kernels = one_iteration(read(path), milliseconds)
    count, own, shared, alone = (collections.Counter() for _ in range(4))
    at_once = collections.Counter()
    parts = {name: part_of(name) for name in {kernel[3] for kernel in kernels}}
    for _, duration, _, name in kernels:
        count[parts[name]] += 1
        own[parts[name]] += duration
    for duration, running in moments(kernels):
        at_once[min(len(running), 4)] += duration
        for *_, name in running:
            shared[parts[name]] += duration / len(running)
        if len(running) == 1:
            alone[parts[running[0][3]]] += duration
    lines = ['| | kernels | their times, ms | of the time, ms | alone, ms |', '|---|---|---|---|---|']
    for part, time in shared.most_common():
        lines.append('| %s | %d | %.2f | %.2f | %.2f |' % (part, count[part], own[part] / 1e3, time / 1e3, alone[part] / 1e3))
    lines.append('| all | %d | %.2f | %.2f | %.2f |' % (len(kernels), sum(own.values()) / 1e3, sum(shared.values()) / 1e3, sum(alone.values()) / 1e3))
    lines += ['', 'Kernels at once: ' + ', '.join('%s for %.2f ms' % ('4 or more' if n == 4 else n, at_once[n] / 1e3) for n in range(5)) + '.']
    return lines


def chain(path, milliseconds):
    begin, kernels = one_iteration(read(path), milliseconds)
    return ['%9.3f ms %8.1f us  stream %-5d %s' % ((start - begin) / 1e3, duration, stream, name) for start, duration, stream, name in kernels]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('times')
    parser.add_argument('--milliseconds', type=float, required=True)
    parser.add_argument('--chain', action='store_true')
    options = parser.parse_args()
    print('\n'.join((chain if options.chain else table)(options.times, options.milliseconds)))


if __name__ == '__main__':
    main()
