#!/usr/bin/env python3
"""Our trainer beside the published PyTorch loop: the same starting weights, the same images in the same order, the same settings.

    python3 tests/reference/compare_training.py build/release/examples WORK_FOLDER --plot docs/images/curves.svg

Draws portraits, and for each seed (--seeds, 3) makes starting weights with PyTorch (a .pt in the published format), then trains from them
- PyTorch's loop (ugatit_torch.py) in float32,
- train_selfie2anime in float32 and with convolutions in bfloat16,
on images in name order, not augmented. Prints, for each seed and as means, the mean distance (L1) of the translated test images to their true
partners, in both directions, all translated by `translate` and scored by `evaluate`; and writes the loss curves of the first seed as a plot.

Settings are the demo's: small, so that three seeds take minutes (ch 16, S 64, --iterations 1000).
"""
import argparse
import csv
import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

SETTINGS = dict(ch=16, n_res=2, n_dis=4, size=64, light=True)
WEIGHTS = dict(cycle=5, identity=3, cam=3)
RATE = 0.0003


def run(*command):
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit('%s\n%s' % (' '.join(str(c) for c in command), done.stderr))
    return done.stdout


def train_pytorch(torch, ugatit, data, start, iterations, to):
    """-> rows of (d_loss, g_loss); the trained networks as a .pt"""
    trainer = ugatit.Trainer(iterations=iterations, lr=RATE, weights=torch.load(start), **SETTINGS, **WEIGHTS)
    folders = [ugatit.images_of(os.path.join(data, f)) for f in ('trainA', 'trainB')]
    pictures = [[ugatit.load_image(path, SETTINGS['size']) for path in folder] for folder in folders]
    rows = []
    for step in range(1, iterations + 1):
        losses = trainer.iteration(step, *(p[(step - 1) % len(p)] for p in pictures))
        rows.append((losses['d_loss'], losses['g_loss']))
        if step % 100 == 0:
            print('PyTorch, iteration %d of %d' % (step, iterations), file=sys.stderr, flush=True)
    torch.save(trainer.state_dicts(), to)
    return rows


def train_ours(programs, work, start, iterations, precision, name):
    """-> rows of (d_loss, g_loss), the last checkpoint"""
    results = os.path.join(work, name)
    run(os.path.join(programs, 'train_selfie2anime'), '--device', 'cpu', '--precision', precision, '--init_weights', start,
        '--data_dir', work, '--dataset', 'portraits', '--result_dir', results, '--augment_flag', 'False', '--shuffle', 'False',
        '--light', 'True', '--ch', SETTINGS['ch'], '--n_res', SETTINGS['n_res'], '--n_dis', SETTINGS['n_dis'], '--img_size', SETTINGS['size'],
        '--iteration', iterations, '--lr', RATE, '--cycle_weight', WEIGHTS['cycle'], '--identity_weight', WEIGHTS['identity'],
        '--cam_weight', WEIGHTS['cam'], '--print_freq', iterations, '--save_freq', iterations)
    with open(os.path.join(results, 'portraits', 'losses.csv')) as file:
        rows = [(float(row['d_loss']), float(row['g_loss'])) for row in csv.DictReader(file)]
    return rows, os.path.join(results, 'portraits', 'model', 'portraits_params_%07d.safetensors' % iterations)


def score(programs, work, weights, name):
    """-> mean L1 of the test images' translations to their true partners, A2B and B2A"""
    scores = []
    for direction in ('A2B', 'B2A'):
        to = os.path.join(work, name + '_' + direction)
        run(os.path.join(programs, 'translate'), '--device', 'cpu', '--weights', weights, '--direction', direction, '--img_size', SETTINGS['size'],
            '--input', os.path.join(work, 'portraits', 'test' + direction[0]), '--output', to)
        scores.append(distance(programs, os.path.join(work, 'portraits', 'test' + direction[2]), to))
    return scores


def distance(programs, real, fake):
    text = run(os.path.join(programs, 'evaluate'), '--real', real, '--fake', fake, '--paired')
    return next(float(line.split()[1]) for line in text.splitlines() if line.split()[:1] == ['l1'])


def smooth(values, width=25):
    """Means over a window, shorter at the ends."""
    half = width // 2
    return [sum(values[max(0, i - half):i + half + 1]) / len(values[max(0, i - half):i + half + 1]) for i in range(len(values))]


def plot(path, curves):
    """curves: [(name, colour, rows)]. Two panels, the discriminators' loss and the generators'."""
    width, height, left, bottom, gap = 460, 300, 56, 40, 30
    parts = ['<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" font-family="sans-serif" font-size="12">' % (2 * width + gap + 20, height + 60),
             '<rect width="100%" height="100%" fill="white"/>']
    for panel, title in enumerate(('discriminators', 'generators')):
        x0, y0 = panel * (width + gap) + left, 34
        inner_w, inner_h = width - left - 10, height - bottom
        lines = [(name, colour, smooth([row[panel] for row in rows])) for name, colour, rows in curves]
        low, high = min(min(v) for _, _, v in lines), max(max(v) for _, _, v in lines)
        parts.append('<text x="%d" y="22" font-size="14">Loss of the %s (means over 25 iterations)</text>' % (x0, title))
        parts.append('<rect x="%d" y="%d" width="%d" height="%d" fill="none" stroke="#999"/>' % (x0, y0, inner_w, inner_h))
        for i in range(5):
            value, y = low + (high - low) * i / 4, y0 + inner_h * (1 - i / 4)
            parts.append('<text x="%d" y="%.1f" text-anchor="end">%.3g</text>' % (x0 - 6, y + 4, value))
            parts.append('<line x1="%d" x2="%d" y1="%.1f" y2="%.1f" stroke="#eee"/>' % (x0, x0 + inner_w, y, y))
        count = len(lines[0][2])
        for i in range(5):
            parts.append('<text x="%.1f" y="%d" text-anchor="middle">%d</text>' % (x0 + inner_w * i / 4, y0 + inner_h + 18, count * i // 4))
        for k, (name, colour, values) in enumerate(lines):
            points = ' '.join('%.1f,%.1f' % (x0 + inner_w * i / (count - 1), y0 + inner_h * (1 - (v - low) / (high - low))) for i, v in enumerate(values))
            parts.append('<polyline points="%s" fill="none" stroke="%s" stroke-width="1.3"/>' % (points, colour))
            if panel == 0:
                parts.append('<line x1="%d" x2="%d" y1="%d" y2="%d" stroke="%s" stroke-width="3"/>' % (left + 190 * k, left + 190 * k + 24, height + 40, height + 40, colour))
                parts.append('<text x="%d" y="%d">%s</text>' % (left + 190 * k + 30, height + 44, name))
    parts.append('</svg>')
    with open(path, 'w') as file:
        file.write('\n'.join(parts) + '\n')


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('programs')
    parser.add_argument('work')
    parser.add_argument('--seeds', type=int, default=3)
    parser.add_argument('--iterations', type=int, default=1000)
    parser.add_argument('--threads', type=int, default=2)
    parser.add_argument('--plot', help='the SVG file to write')
    options = parser.parse_args()
    import torch
    import ugatit_torch as ugatit
    torch.set_num_threads(options.threads)
    os.makedirs(options.work, exist_ok=True)
    data = os.path.join(options.work, 'portraits')
    run(os.path.join(options.programs, 'draw_portraits'), '--output', data, '--size', SETTINGS['size'], '--train', 400, '--test', 40, '--seed', 1)
    before = [distance(options.programs, os.path.join(data, 'test' + d[1]), os.path.join(data, 'test' + d[0])) for d in ('AB', 'BA')]
    table = [('untranslated', [before] * options.seeds)]
    scores = {}
    for seed in range(1, options.seeds + 1):
        torch.manual_seed(seed)
        start = os.path.join(options.work, 'start_%d.pt' % seed)
        trained = os.path.join(options.work, 'pytorch_%d.pt' % seed)
        torch.save(ugatit.Trainer(**SETTINGS).state_dicts(), start)
        curves = [('PyTorch, float32', '#d62728', train_pytorch(torch, ugatit, data, start, options.iterations, trained))]
        scores.setdefault('PyTorch, float32', []).append(score(options.programs, options.work, trained, 'pytorch_%d' % seed))
        for precision, colour in (('float32', '#1f77b4'), ('bfloat16', '#2ca02c')):
            name = '%s_%d' % (precision, seed)
            rows, weights = train_ours(options.programs, options.work, start, options.iterations, precision, name)
            curves.append(('ours, ' + precision, colour, rows))
            scores.setdefault('ours, ' + precision, []).append(score(options.programs, options.work, weights, name))
        if seed == 1 and options.plot:
            plot(options.plot, curves)
        print({who: all_of[-1] for who, all_of in scores.items()}, file=sys.stderr, flush=True)
    table += scores.items()
    print('| | ' + ' | '.join('seed %d: A2B, B2A' % s for s in range(1, options.seeds + 1)) + ' | mean |')
    print('|---' * (options.seeds + 2) + '|')
    for who, all_of in table:
        mean = [sum(s[d] for s in all_of) / len(all_of) for d in (0, 1)]
        print('| %s | ' % who + ' | '.join('%.4f, %.4f' % tuple(s) for s in all_of) + ' | %.4f, %.4f |' % tuple(mean))


if __name__ == '__main__':
    main()
