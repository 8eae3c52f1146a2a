#!/usr/bin/env bash
# Installs the foreign programs that the slow tests of model_images ask: skopeo, umoci, buildah, a registry, Redis, wrk
# (Debian's packages, as root) and crane (through Go, into the user's cache). What is there already is left as it is.
set -euo pipefail

packages=()
for pair in skopeo:skopeo umoci:umoci buildah:buildah docker-registry:docker-registry redis-server:redis-server wrk:wrk; do
  command -v "${pair%%:*}" >/dev/null || packages+=("${pair##*:}")
done
if [ ${#packages[@]} -gt 0 ]; then
  if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    echo "tools/images: install ${packages[*]}; this script does it as root on Debian only" >&2
    exit 1
  fi
  apt-get update --quiet --quiet
  # Services would start where an init system runs: the tests start their own.
  RUNLEVEL=1 apt-get install --quiet --quiet --yes --no-install-recommends "${packages[@]}"
fi

folder=${XDG_CACHE_HOME:-$HOME/.cache}/homeport/tools
if ! command -v crane >/dev/null && [ ! -x "$folder/crane" ]; then
  if ! command -v go >/dev/null; then
    echo "tools/images: crane is built by Go: install Go 1.23 or newer" >&2
    exit 1
  fi
  echo "tools/images: building crane (about 20 seconds) ..." >&2
  mkdir -p "$folder"
  GOBIN=$folder go install github.com/google/go-containerregistry/cmd/crane@v0.22.1
fi
echo "tools/images: all there" >&2
