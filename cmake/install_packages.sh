#!/usr/bin/env bash
# Installs what is missing on Debian or Ubuntu, as root or with sudo: install_packages.sh [tests] [benchmarks] [checks]
# Nothing is asked for and no network is touched where everything is there.
set -euo pipefail

packages=(g++ cmake ninja-build pkg-config libeigen3-dev libstb-dev nlohmann-json3-dev libzip-dev libcli11-dev)
for what in "$@"; do
  case "$what" in
    tests) packages+=(catch2 git) ;;
    benchmarks) packages+=(libbenchmark-dev) ;;
    checks) packages+=(clang clang-format clang-tidy python3) ;;
    *) echo "install_packages.sh: unknown word $what; use tests, benchmarks, checks" >&2; exit 2 ;;
  esac
done

missing=()
for package in "${packages[@]}"; do
  # A tool that is there by other means will do.
  case "$package" in
    g++ | cmake | git | clang | clang-format | clang-tidy | python3) command -v "${package/%clang/clang++}" >/dev/null && continue ;;
    ninja-build) command -v ninja >/dev/null && continue ;;
    pkg-config) command -v pkg-config >/dev/null && continue ;;
  esac
  dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0

if ! command -v apt-get >/dev/null; then
  echo "install_packages.sh: please install ${missing[*]} (or what your system calls them); apt-get is not here" >&2
  exit 1
fi
as_root=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || { echo "install_packages.sh: ${missing[*]} must be installed: run as root or install sudo" >&2; exit 1; }
  as_root=(sudo)
fi
echo "Installing ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
