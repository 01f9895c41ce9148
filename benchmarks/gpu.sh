#!/usr/bin/env bash
# Everything that needs an NVIDIA GPU, on a machine that has one: builds, runs the tests that carry the label gpu, runs them under
# compute-sanitizer, and measures beside PyTorch. What it finds lands in a folder: benchmarks/gpu.sh [FOLDER] (build/gpu).
#
# UGATIT_GPU_BUILD: a build with UGATIT_CUDA=ON to use as it is, for machines that cannot build.
set -uo pipefail
cd "$(dirname "$0")/.."
to=${1:-build/gpu}
mkdir -p "$to"
failed=0
step() {
  local name=$1
  shift
  printf '\n=== %s\n' "$name"
  "$@" 2>&1 | tee "$to/$name.log"
  local status=${PIPESTATUS[0]}
  [ "$status" -eq 0 ] || { failed=1; echo "$name failed with $status" | tee -a "$to/failures.log"; }
}
rm -f "$to/failures.log"

build=${UGATIT_GPU_BUILD:-}
if [ -z "$build" ]; then
  build=build/gpu-build
  step configure cmake --preset cuda -B "$build" -DUGATIT_CHANNELS="8;64" -DUGATIT_BUILD_BENCHMARKS=ON
  step build cmake --build "$build" --target test_gpu test_examples train_selfie2anime translate draw_portraits bench_models
fi
{ nvidia-smi; nvcc --version; date -u +%Y-%m-%d; } > "$to/machine.txt" 2>&1

export UGATIT_REQUIRE_GPU=1
step tests "$build/tests/test_gpu"
if [ -x "$build/tests/test_examples" ]; then
  step curves "$build/tests/test_examples" "[.gpu]"
fi
if command -v compute-sanitizer >/dev/null; then
  layers="operations on the GPU equal the CPU's,images in bfloat16 are within a hundredth"
  for tool in memcheck initcheck; do
    step "$tool" compute-sanitizer --tool "$tool" --error-exitcode 3 "$build/tests/test_gpu" "$layers"
  done
  # What it finds in kernels of cuDNN is not ours to mend: hazards in our own count.
  our_races() {
    compute-sanitizer --tool racecheck "$build/tests/test_gpu" "$layers" >"$to/racecheck_all.log" 2>&1
    tail -n 3 "$to/racecheck_all.log"
    ! grep -E 'Race reported|hazard detected' -A 2 "$to/racecheck_all.log" | grep ugatit
  }
  step racecheck our_races
  # With the graph, and all that runs side by side.
  step memcheck_training compute-sanitizer --tool memcheck --error-exitcode 3 "$build/tests/test_gpu" \
    "a training on the GPU*,so is one of images in bfloat16*"
else
  echo "compute-sanitizer is not here: not run" | tee -a "$to/failures.log"
fi
if [ -x "$build/benchmarks/bench_models" ]; then
  step comparison python3 benchmarks/compare_gpu.py --program "$build/benchmarks/bench_models" --output "$to/comparison.md"
fi

# Ten minutes of training on drawn portraits of 256×256, in float32 and in bfloat16, and a folder translated.
if [ "${UGATIT_GPU_TRAIN_SECONDS:-600}" -gt 0 ]; then
  step portraits "$build/examples/draw_portraits" --output "$to/portraits" --size 256 --train 400 --test 40 --seed 1
  for precision in float32 bfloat16; do
    # Stopped by a signal, as a user would: it saves first.
    step "train_$precision" timeout --preserve-status --signal=TERM "${UGATIT_GPU_TRAIN_SECONDS:-600}" \
      "$build/examples/train_selfie2anime" --device cuda --precision "$precision" --data_dir "$to" --dataset portraits \
      --result_dir "$to/results_$precision" --benchmark_flag True --light True --iteration 100000 --print_freq 1000 --save_freq 5000
  done
fi
[ "$failed" -eq 0 ] && echo "all of it passed; see $to" || echo "see $to/failures.log"
exit "$failed"
