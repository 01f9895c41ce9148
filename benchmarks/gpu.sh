#!/usr/bin/env bash
# Everything that needs an NVIDIA GPU, on a machine that has one: benchmarks/gpu.sh [FOLDER [STEP...]], all steps where none is
# named. What they find lands in the folder (build/gpu).
#
#   tests       all that carry the label gpu, and loss curves of the real program
#   sanitizers  the layers' tests under compute-sanitizer (memcheck, initcheck, racecheck), and trainings under memcheck
#   comparison  ours beside PyTorch, and the parts of our iterations (benchmarks/compare_gpu.py)
#   connections our iterations with 32 connections to the GPU, the most, beside 8: they have many more streams
#   training    ten minutes on drawn portraits of 256×256, in float32 and in bfloat16
#   folder      2,000 images translated, with 1, 2, 4 and all threads of the host reading and writing
#
# UGATIT_GPU_BUILD: a build with UGATIT_CUDA=ON to use as it is, for machines that cannot build.
# UGATIT_GPU_TRAIN_SECONDS: of each training (600; 0: none).
# shellcheck disable=SC2317  # steps are called by their names
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
to=${1:-build/gpu}
shift || true
all_steps='tests sanitizers comparison connections training folder'
steps=${*:-$all_steps}
for one in $steps; do
  case " $all_steps " in
    *" $one "*) ;;
    *) echo "there is no step $one; there are: $all_steps" >&2; exit 2 ;;
  esac
done
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

tests() {
  step tests "$build/tests/test_gpu"
  if [ -x "$build/tests/test_examples" ]; then step curves "$build/tests/test_examples" "[.gpu]"; fi
}

# What it finds in kernels of cuDNN is not ours to mend: hazards in our own count.
our_races() {
  compute-sanitizer --tool racecheck "$build/tests/test_gpu" "$1" >"$to/racecheck_all.log" 2>&1
  tail -n 3 "$to/racecheck_all.log"
  ! grep -E 'Race reported|hazard detected' -A 2 "$to/racecheck_all.log" | grep ugatit
}

sanitizers() {
  if ! command -v compute-sanitizer >/dev/null; then
    echo "compute-sanitizer is not here: not run" | tee -a "$to/failures.log"
    return
  fi
  local layers="operations on the GPU equal the CPU's,images in bfloat16 are within a hundredth"
  for tool in memcheck initcheck; do
    step "$tool" compute-sanitizer --tool "$tool" --error-exitcode 3 "$build/tests/test_gpu" "$layers"
  done
  step racecheck our_races "$layers"
  # With the graph, and all that runs side by side.
  step memcheck_training compute-sanitizer --tool memcheck --error-exitcode 3 "$build/tests/test_gpu" \
    "a training on the GPU*,so is one of images in bfloat16*"
}

comparison() {
  [ -x "$build/benchmarks/bench_models" ] || return
  step comparison python3 benchmarks/compare_gpu.py --program "$build/benchmarks/bench_models" --output "$to/comparison.md"
}

connections() {
  [ -x "$build/benchmarks/bench_models" ] || return
  for count in 8 32 8 32; do
    step "connections_$count" env CUDA_DEVICE_MAX_CONNECTIONS="$count" "$build/benchmarks/bench_models" \
      --benchmark_filter='cuda_iteration_(light|full)_bfloat16'
  done
}

portraits() {
  [ -d "$to/portraits" ] || step portraits "$build/examples/draw_portraits" --output "$to/portraits" --size 256 --train 400 --test 40 --seed 1
}

training() {
  [ "${UGATIT_GPU_TRAIN_SECONDS:-600}" -gt 0 ] || return  # to timeout, 0 is no limit
  portraits
  for precision in float32 bfloat16; do
    # Stopped by a signal, as a user would: it saves first.
    step "train_$precision" timeout --preserve-status --signal=TERM "${UGATIT_GPU_TRAIN_SECONDS:-600}" \
      "$build/examples/train_selfie2anime" --device cuda --precision "$precision" --data_dir "$to" --dataset portraits \
      --result_dir "$to/results_$precision" --benchmark_flag True --light True --iteration 100000 --print_freq 1000 --save_freq 5000
  done
}

# Its figures are the last line of each log. Weights do not change the speed: those of a training's beginning will do.
folder() {
  portraits
  step weights "$build/examples/train_selfie2anime" --device cuda --precision bfloat16 --data_dir "$to" --dataset portraits \
    --result_dir "$to/results_folder" --light True --iteration 2 --print_freq 100 --save_freq 100
  mkdir -p "$to/many"
  for copy in 1 2 3 4 5; do
    for image in "$to"/portraits/trainA/*; do cp "$image" "$to/many/${copy}_$(basename "$image")"; done
  done
  local weights
  weights=$(find "$to/results_folder" -name '*A2B*.safetensors' | head -n 1)
  for threads in 1 2 4 0; do
    step "folder_$threads" "$build/examples/translate" --device cuda --precision bfloat16 --weights "$weights" --input "$to/many" \
      --output "$to/many_$threads" --threads "$threads"
  done
}

for one in $steps; do "$one"; done
[ "$failed" -eq 0 ] && echo "all of it passed; see $to" || echo "see $to/failures.log"
exit "$failed"
