#!/usr/bin/env bash
# Builds dist/tlmri-VERSION-macos-arm64.dmg. Needs Python 3.11 or newer and Xcode's command line tools.
# torch has no wheels for Intel's processors since 2.3, so there is no such build.
#
# TLMRI_SIGNING_IDENTITY   "Developer ID Application: ..."; without it the signature is ad hoc
# TLMRI_NOTARY_KEY         file of an App Store Connect key; without it nothing is notarised
# TLMRI_NOTARY_KEY_ID, TLMRI_NOTARY_ISSUER   what Apple calls that key and its owner
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
here=packaging/macos
app=dist/tlmri.app
identity=${TLMRI_SIGNING_IDENTITY:-}
notary_key=${TLMRI_NOTARY_KEY:-}

if [ "$(uname -sm)" != "Darwin arm64" ]; then
  echo "macOS on Apple's own processor is needed to build for it, found $(uname -sm)" >&2
  exit 1
fi
if [ -n "$notary_key" ] && [ -z "$identity" ]; then
  echo "Apple notarises only what is signed: TLMRI_NOTARY_KEY needs TLMRI_SIGNING_IDENTITY" >&2
  exit 1
fi

sign() { codesign --force --timestamp --options runtime --sign "$identity" "$@"; }

is_code() { file -b "$1" | grep -q '^Mach-O'; }

# What is inside must be signed before what holds it.
sign_application() {
  local found entitlements=(--entitlements "$here/entitlements.plist")
  while IFS= read -r -d '' found; do
    if is_code "$found"; then sign "$found"; fi
  done < <(find "$app/Contents/Frameworks" "$app/Contents/Resources" -type f -print0)
  while IFS= read -r -d '' found; do
    sign "$found"
  done < <(find "$app/Contents/Frameworks" -depth -type d -name '*.framework' -print0)
  for found in "$app"/Contents/MacOS/*; do
    sign "${entitlements[@]}" "$found"
  done
  sign "${entitlements[@]}" "$app"
}

bash packaging/environment.sh build/venv installer,siemens
export PYTHONPATH=packaging
python=build/venv/bin/python
version=$("$python" -m installers.version_check)
"$python" -m PyInstaller --noconfirm --clean packaging/tlmri.spec
"$python" -m installers.materials "$app"
# What was added broke PyInstaller's signature, which is ad hoc.
codesign --force --deep --sign - "$app"

if [ -n "$identity" ]; then sign_application; fi
codesign --verify --deep --strict --verbose=2 "$app"

stage=build/dmg
dmg=dist/tlmri-$version-macos-arm64.dmg
rm -rf "$stage" "$dmg"
mkdir -p "$stage"
ditto "$app" "$stage/tlmri.app"
ln -s /Applications "$stage/Applications"
hdiutil create -volname "tlmri $version" -srcfolder "$stage" -format ULMO "$dmg"

if [ -n "$identity" ]; then
  codesign --force --timestamp --sign "$identity" "$dmg"
fi
if [ -n "$notary_key" ]; then
  xcrun notarytool submit "$dmg" --wait --key "$notary_key" \
    --key-id "$TLMRI_NOTARY_KEY_ID" --issuer "$TLMRI_NOTARY_ISSUER"
  xcrun stapler staple "$dmg"
  spctl --assess --type open --context context:primary-signature --verbose=2 "$dmg"
fi
echo "Built $dmg"
