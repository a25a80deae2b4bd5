#!/usr/bin/env bash
# Makes the virtual environment FOLDER with everything tlmri needs, and the named extras of it, as in
# environment.sh .venv dev
# PYTHON names the interpreter; without it the first Python 3.11 or newer is taken.
set -euo pipefail
folder=$1 extras=$2

is_recent() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }
has_venv() { "$1" -c 'import ensurepip, venv' 2>/dev/null; }

python=
for candidate in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11}; do
  if is_recent "$candidate"; then python=$candidate && break; fi
done
if [ -z "$python" ]; then
  echo "tlmri needs Python 3.11 or newer, found $(python3 --version 2>/dev/null || echo none):" \
    "install one and name it, as in: make PYTHON=python3.12" >&2
  exit 1
fi

if ! has_venv "$python" && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  echo "Installing python3-venv, which Debian keeps apart."
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends python3-venv \
    >/dev/null
fi
if ! has_venv "$python"; then
  version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
  echo "$python cannot make virtual environments: run 'sudo apt-get install python$version-venv'," \
    "then make again" >&2
  exit 1
fi

echo "Setting up $folder with $("$python" --version) (the first time takes a few minutes)."
"$python" -m venv "$folder"
pip=("$folder/bin/python" -m pip --disable-pip-version-check install --quiet -c constraints.txt)
# torch first and alone, so that no other package's wishes choose another build of it.
"${pip[@]}" torch
"${pip[@]}" -e ".[$extras]"
