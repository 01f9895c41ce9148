#!/usr/bin/env bash
# Installs what is missing on Debian or Ubuntu, as root or with sudo: install_packages.sh [build] [tests] [benchmarks] [checks] [docs]
# Nothing is asked for and no network is touched where everything is there.
set -euo pipefail

packages=(g++ cmake ninja-build pkg-config libeigen3-dev libstb-dev nlohmann-json3-dev libzip-dev libcli11-dev)
for what in "$@"; do
  case "$what" in
    build) ;;  # always
    tests) packages+=(catch2 git dpkg-dev file) ;;
    benchmarks) packages+=(libbenchmark-dev) ;;
    checks) packages+=(clang libclang-rt-dev clang-format clang-tidy python3) ;;
    docs) packages+=(doxygen) ;;
    *) echo "install_packages.sh: unknown word $what; use build, tests, benchmarks, checks, docs" >&2; exit 2 ;;
  esac
done

missing=()
for package in "${packages[@]}"; do
  # A tool that is there by other means will do.
  case "$package" in
    g++ | cmake | git | clang | clang-format | clang-tidy | python3 | doxygen) command -v "${package/%clang/clang++}" >/dev/null && continue ;;
    ninja-build) command -v ninja >/dev/null && continue ;;
    pkg-config) command -v pkg-config >/dev/null && continue ;;
  esac
  dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package")
done
# C++20 needs g++ 11: say so here, not in a page of errors later.
check_compiler() {
  local version
  version=$("${CXX:-g++}" -dumpversion 2>/dev/null | cut -d. -f1)
  if [[ "${CXX:-g++}" == *g++* && "${CXX:-g++}" != *clang* && ! "$version" =~ ^(1[1-9]|[2-9][0-9])$ ]]; then
    echo "install_packages.sh: g++ 11 or newer is needed, ${CXX:-g++} is ${version:-not there};" \
      "install a newer one and name it, as in CXX=g++-12 $0" >&2
    exit 1
  fi
}
if [ ${#missing[@]} -eq 0 ]; then
  check_compiler
  exit 0
fi

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
check_compiler
