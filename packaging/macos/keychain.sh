#!/usr/bin/env bash
# Puts the signing certificate into a keychain of its own, for a machine that builds and is then
# thrown away: CERTIFICATE (a .p12 in base64) and CERTIFICATE_PASSWORD in the environment. NOTARY_KEY,
# the text of an App Store Connect key, becomes the file notary.p8 beside it.
set -euo pipefail
keychain=$RUNNER_TEMP/signing.keychain-db
p12=$RUNNER_TEMP/certificate.p12
password=$(uuidgen)
trap 'rm -f "$p12"' EXIT

printf '%s' "$CERTIFICATE" | base64 --decode >"$p12"
security create-keychain -p "$password" "$keychain"
security set-keychain-settings -lut 7200 "$keychain"
security unlock-keychain -p "$password" "$keychain"
security import "$p12" -P "$CERTIFICATE_PASSWORD" -t cert -f pkcs12 -k "$keychain" \
  -T /usr/bin/codesign
security set-key-partition-list -S apple-tool:,apple: -k "$password" "$keychain" >/dev/null
security list-keychains -d user -s "$keychain" login.keychain-db

if [ -n "${NOTARY_KEY:-}" ]; then
  (umask 077 && printf '%s' "$NOTARY_KEY" >"$RUNNER_TEMP/notary.p8")
fi
