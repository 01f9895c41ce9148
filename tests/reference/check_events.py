#!/usr/bin/env python3
"""Reads the event files of a training with TensorBoard's own loader and compares them with its tables. By hand:

    train_selfie2anime ... --tensorboard --evaluate_every N --result_dir RESULTS
    python3 tests/reference/check_events.py RESULTS/DATASET

Prints what was found. Exit code 1 where a number of losses.csv, metrics.csv or rho.csv is missing or another (float32).
"""
import csv
import os
import sys

import numpy as np
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator


def rows(path):
    with open(path) as file:
        return list(csv.DictReader(file))


def compare_scalars(events, group, path):
    table = rows(path)
    worst = 0
    for column in [name for name in table[0] if name != 'iteration']:
        ours = {event.step: event.value for event in events.Scalars(group + '/' + column)}
        assert len(ours) > 0 and set(ours) <= {int(row['iteration']) for row in table}, column
        for row in table:
            if int(row['iteration']) in ours:
                value = float(row[column])
                worst = max(worst, abs(ours[int(row['iteration'])] - value) / max(abs(value), 1e-6))
    print('%s: %d rows, largest relative difference %.2g' % (group, len(ours), worst))
    assert worst < 1e-5


def main():
    folder = sys.argv[1]
    events = EventAccumulator(os.path.join(folder, 'tensorboard'), size_guidance={'scalars': 0, 'histograms': 0, 'images': 0})
    events.Reload()
    compare_scalars(events, 'losses', os.path.join(folder, 'losses.csv'))
    if os.path.exists(os.path.join(folder, 'metrics.csv')):
        compare_scalars(events, 'metrics', os.path.join(folder, 'metrics.csv'))
    table = rows(os.path.join(folder, 'rho.csv'))
    histograms = {name: {event.step: event.histogram_value for event in events.Histograms('rho/' + name)}
                  for name in {row['layer'] for row in table}}
    for row in table:
        histogram = histograms[row['layer']][int(row['iteration'])]
        counts = [int(row['bin_%d' % i]) for i in range(20)]
        assert histogram.num == sum(counts) and np.allclose(histogram.bucket_limit, np.arange(1, 21) / 20)
        centres = (np.arange(20) + .5) / 20
        assert abs(np.dot(centres, counts) - histogram.sum) <= sum(counts) / 40 + 1e-9
    print('rho: %d histograms' % len(table))
    for direction in ('A2B', 'B2A'):
        images = events.Images('sheet/' + direction)
        assert all(image.encoded_image_string.startswith(b'\x89PNG') and image.width > 0 for image in images)
        print('sheet/%s: %d images of %dx%d' % (direction, len(images), images[0].width, images[0].height))


if __name__ == '__main__':
    main()
