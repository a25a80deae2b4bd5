#!/usr/bin/env bash
# Copies the application out of an image as a user would and has it pass its trial: try.sh DMG
# Leaves build/trial/window.png.
set -euo pipefail
dmg=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
work=$(mktemp -d)
mounted=$work/image
mkdir -p "$mounted" "$work/some folder"
hdiutil attach "$dmg" -nobrowse -readonly -mountpoint "$mounted"
trap 'hdiutil detach "$mounted" >/dev/null 2>&1 || true; rm -rf "$work"' EXIT

test -L "$mounted/Applications"
ditto "$mounted/tlmri.app" "$work/some folder/tlmri.app"
hdiutil detach "$mounted"
codesign --verify --deep --strict "$work/some folder/tlmri.app"
PYTHONPATH=packaging build/venv/bin/python -m installers.desktop_trial "$work/some folder/tlmri.app" \
  --out build/trial
