#!/usr/bin/env bash
# Installs what is missing, builds, and runs the whole suite.
set -euo pipefail
cd "$(dirname "$0")/.."

cmake/install_packages.sh tests
cmake --preset dev
cmake --build --preset dev
ctest --preset dev
