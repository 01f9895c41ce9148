#!/usr/bin/env bash
# The full trainer in one translation unit: under 60 s of processor time and 2 GB of memory to compile.
set -euo pipefail
cd "$(dirname "$0")/.."

python3 - <<'PYTHON'
import resource
import subprocess
import sys

flags = subprocess.run(["pkg-config", "--cflags", "eigen3"], capture_output=True, text=True, check=True).stdout.split()
subprocess.run(["g++", "-std=c++20", "-O2", "-Iinclude", *flags, "-c", "tests/budget/full_trainer.cpp", "-o", "/dev/null"],
               check=True)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
seconds, gigabytes = used.ru_utime + used.ru_stime, used.ru_maxrss * 1024 / 1e9
print(f"full trainer: {seconds:.1f} s of 60, {gigabytes:.2f} GB of 2")
sys.exit(seconds > 60 or gigabytes > 2)
PYTHON
