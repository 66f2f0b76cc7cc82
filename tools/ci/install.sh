#!/usr/bin/env bash
# Installs the compiler that this folder belongs to into FOLDER, a virtual environment of its own, with the pinned
# versions of everything. Runs nothing that lies in the working folder, which a pull request may have written: Python is
# isolated (-I), or it would import a `venv.py` from there.
set -euo pipefail
[ "$#" -eq 1 ] || { echo "usage: install.sh FOLDER" >&2; exit 64; }
sources=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
python=${PYTHON:-python3}
"$python" -I -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
  || { echo "Python 3.11 or later is needed; name one with PYTHON=python3.12" >&2; exit 69; }
"$python" -I -m venv --clear "$1"
install=("$1/bin/python" -I -m pip install --quiet --disable-pip-version-check --constraint "$sources/constraints.txt")
"${install[@]}" setuptools
# Built aside: setuptools would leave a folder beside the sources, and take up what an older build has left there.
aside=$(mktemp -d)
trap 'rm -rf "$aside"' EXIT
cp -R "$sources"/{compiler,pyproject.toml,README.md,LICENSE} "$aside"
"${install[@]}" --no-build-isolation "$aside"
