#!/usr/bin/env python3
"""Compares `evaluate` with torch-fidelity on the CPU: KID and FID of two folders, from start to scores, in one run.

    python3 benchmarks/compare_evaluate.py build/release/examples WORK_FOLDER

Draws two folders of --images (1000) portraits of 256x256, gives both sides the same random Inception weights, and lets them take turns
--repetitions (1) times, each a process of its own with --threads (2). Prints times, ratio and both sides' scores.
Needs a Python with PyTorch, torchvision and torch-fidelity: --python, by default the interpreter that runs this.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

WORKER = '''
import json, sys, torch, torch_fidelity
threads, images, real, fake, weights = int(sys.argv[1]), *sys.argv[2:]
torch.set_num_threads(threads)
scores = torch_fidelity.calculate_metrics(
    input1=fake, input2=real, cuda=False, fid=True, kid=True, kid_subset_size=min(1000, int(images)), cache=False, verbose=False,
    feature_extractor_weights_path=weights)
print(json.dumps(dict(kid=scores['kernel_inception_distance_mean'], fid=scores['frechet_inception_distance'])))
'''

WRITE_WEIGHTS = '''
import sys, torch
sys.path.insert(0, sys.argv[1])
from compare_inception import random_inception
torch.save(random_inception().state_dict(), sys.argv[2])
'''


def timed(*command):
    start = time.perf_counter()
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit('%s\n%s' % (command[0], done.stderr))
    return time.perf_counter() - start, done.stdout


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('programs', help='folder of draw_portraits and evaluate')
    parser.add_argument('work', help='folder for images, weights and scores')
    parser.add_argument('--images', type=int, default=1000)
    parser.add_argument('--threads', type=int, default=2)
    parser.add_argument('--repetitions', type=int, default=1)
    parser.add_argument('--python', default=sys.executable)
    options = parser.parse_args()
    os.makedirs(options.work, exist_ok=True)
    data = os.path.join(options.work, 'portraits')
    real, fake = os.path.join(data, 'trainB'), os.path.join(data, 'trainA')
    weights, scores = os.path.join(options.work, 'inception.pth'), os.path.join(options.work, 'scores.json')
    timed(os.path.join(options.programs, 'draw_portraits'), '--output', data, '--size', 256, '--train', options.images, '--test', 1)
    timed(options.python, '-c', WRITE_WEIGHTS, os.path.join(ROOT, 'tests', 'reference'), weights)
    times = {'torch-fidelity': [], 'evaluate': []}
    for _ in range(options.repetitions):
        seconds, text = timed(options.python, '-c', WORKER, options.threads, options.images, real, fake, weights)
        times['torch-fidelity'].append(seconds)
        theirs = json.loads(text.splitlines()[-1])
        seconds, _ = timed(os.path.join(options.programs, 'evaluate'), '--real', real, '--fake', fake, '--inception', weights, '--json', scores,
                           '--threads', options.threads)
        times['evaluate'].append(seconds)
        with open(scores) as file:
            ours = json.load(file)
    median = {who: statistics.median(all_of) for who, all_of in times.items()}
    print('| %d images of 256x256, %d threads | seconds | KID | FID |\n|---|---|---|---|' % (2 * options.images, options.threads))
    for who, scored in (('torch-fidelity', theirs), ('evaluate', ours)):
        print('| %s | %.1f | %.6g | %.6g |' % (who, median[who], scored['kid'], scored['fid']))
    print('\nevaluate / torch-fidelity: %.3f' % (median['evaluate'] / median['torch-fidelity']))


if __name__ == '__main__':
    main()
