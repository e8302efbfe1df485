#!/usr/bin/env bash
# Installs the optional system parts of tsgpu with apt-get where it can, and says what each one is for.
# Nothing here is needed for the embedded default (WebAssembly): `npm ci` alone is enough for that.
set -u

# packages | what finds it | what it is for
parts=(
  "libllvm19|libLLVM|target native (the just-in-time compiler), ptx, and a faster wasm"
  "libomp5-19|libomp.so.5|threads on target native"
  "gcc libc6-dev|gcc|target c: the printed C through gcc"
  "clang-19|clang-19|target c: the printed C through clang (set TSGPU_SETUP_CLANG=0 to leave it out)"
  "libvulkan1|libvulkan.so.1|target webgpu in Node"
  "chromium|chromium|target webgpu where there is no GPU: it brings SwiftShader; and the tests in a browser"
  "libmpfr6|libmpfr.so|tests only: exact values that the math library is measured against"
)

has() { # by file name of a library or program
  case "$1" in
    libLLVM) ldconfig -p 2>/dev/null | grep -qE 'libLLVM(\.so\.(19|2[0-9])|-(19|2[0-9]))' ;;
    lib*) ldconfig -p 2>/dev/null | grep -qF "$1" ;;
    *) command -v "$1" >/dev/null ;;
  esac
}

missing=()
for part in "${parts[@]}"; do
  IFS='|' read -r package file purpose <<<"$part"
  if has "$file"; then
    echo "here     $package: $purpose"
  elif [ "$package" = clang-19 ] && [ "${TSGPU_SETUP_CLANG:-1}" = 0 ]; then
    echo "left out $package: $purpose"
  else
    echo "missing  $package: $purpose"
    missing+=("$package")
  fi
done
[ ${#missing[@]} -eq 0 ] && exit 0

advice() {
  echo
  echo "$1"
  echo "  Debian, Ubuntu:  apt-get install ${missing[*]}   (older releases: the packages of https://apt.llvm.org)"
  echo "  Fedora:          dnf install llvm-libs libomp clang gcc mpfr"
  echo "  Arch:            pacman -S llvm-libs openmp clang gcc mpfr"
  echo "  macOS:           brew install llvm libomp mpfr, then TSGPU_LIBLLVM=\$(brew --prefix llvm)/lib/libLLVM.dylib"
  echo "  anywhere:        TSGPU_LIBLLVM=/path/to/libLLVM.so names a library (LLVM 19 to 22) outside the usual places"
}

if ! command -v apt-get >/dev/null; then
  advice "This machine has no apt-get. Without these parts only the embedded targets work; to install them:"
  exit 0
fi
if [ "$(id -u)" = 0 ]; then
  root=()
elif command -v sudo >/dev/null; then
  root=(sudo)
else
  advice "Installing needs root or sudo. As root:"
  exit 0
fi

"${root[@]}" apt-get update -qq || echo "apt-get update failed; going on with the package lists at hand"
failed=()
for package in "${missing[@]}"; do
  echo "installing $package"
  # shellcheck disable=SC2086 # a part may be several packages
  "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $package >/dev/null || failed+=("$package")
done
if [ ${#failed[@]} -gt 0 ]; then
  missing=("${failed[@]}")
  advice "apt-get could not install ${failed[*]}. To install by hand:"
  exit 1
fi
echo "all parts are here"
