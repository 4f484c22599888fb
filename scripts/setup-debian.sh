#!/usr/bin/env bash
# Installs the Debian packages that the tests use. Idempotent; does nothing where they are all there.
# Not root or not Debian: names what is missing and leaves with 0, so that the tests that need nothing still run.
set -euo pipefail
packages=(chromium iproute2 iptables nftables conntrack bridge-utils net-tools tcpdump iputils-ping iputils-arping netcat-openbsd curl procps)
missing=()
for p in "${packages[@]}"; do
  dpkg-query -W -f='${Status}' "$p" 2>/dev/null | grep -q 'ok installed' || missing+=("$p")
done
[ ${#missing[@]} -eq 0 ] && exit 0
if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
  echo "setup: these Debian packages are missing, and only root on Debian can install them: ${missing[*]}" >&2
  echo "setup: tests that need them will be skipped and say so." >&2
  exit 0
fi
echo "setup: installing ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
