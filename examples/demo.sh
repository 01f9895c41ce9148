#!/usr/bin/env bash
# From nothing to a translated picture, in less than ten minutes on two cores: installs what is missing, builds, draws a
# small data set (400 "photos", 400 other people's cartoons), trains a small model, and translates photos of people
# that it has never seen. Everything lands in demo/.
set -euo pipefail
cd "$(dirname "$0")/.."

cmake/install_packages.sh
cmake --preset release -B build/demo -DUGATIT_CHANNELS=16 -DUGATIT_PRESETS=pytorch -DUGATIT_BUILD_BENCHMARKS=OFF -DUGATIT_CUDA=OFF
cmake --build build/demo --target draw_portraits train_selfie2anime translate evaluate
programs=build/demo/examples

$programs/draw_portraits --output demo/portraits --size 64 --train 400 --test 40 --seed 1
# Settings for a short training of small images: fewer blocks and layers, faster steps, and smaller weights for what holds
# the translation back. No augmentation: its crops leave out 30 pixels at any size, here a third of the face.
$programs/train_selfie2anime --data_dir demo --dataset portraits --result_dir demo/results \
  --light True --ch 16 --n_res 2 --n_dis 4 --img_size 64 --augment_flag False \
  --iteration "${UGATIT_DEMO_ITERATIONS:-3500}" --lr 0.0003 --cycle_weight 5 --identity_weight 3 --cam_weight 3 --ema 0.99 \
  --print_freq 500 --save_freq 500
weights=demo/results/portraits/model/portraits_A2B.safetensors
$programs/translate --weights $weights --input demo/portraits/testA --output demo/translated --heatmap demo/attention

score() { $programs/evaluate --real demo/portraits/testB --fake "$1" --paired | awk '$1 == "l1" { print $2 }'; }
echo
echo "Mean distance to the true partners, 0 to 1: before $(score demo/portraits/testA), after $(score demo/translated)"
echo "Look at:  demo/portraits/testA    the photos"
echo "          demo/translated         what the model made of them"
echo "          demo/portraits/testB    the same people as drawn cartoons, which it has never seen"
echo "          demo/attention          where it looked"
echo "          demo/results/portraits/img   sheets from the training"
