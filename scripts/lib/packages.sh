# shellcheck shell=bash
# Debian's packages: which, why, and how they get here. Sourced after common.sh.

packages_to_build=(
  build-essential cmake ninja-build pkg-config ccache # compile; ccache makes the second time cheap
  libyaml-cpp-dev libre2-dev libspdlog-dev            # configuration, patterns, log
  libcli11-dev nlohmann-json3-dev                     # flags; librdkafka's statistics
  libmicrohttpd-dev libdeflate-dev                    # serving, compressing
  prometheus-cpp-dev                                  # the daemon's metrics about itself
  # What librdkafka links to: TLS, SASL SCRAM and Kerberos, compression, OAuth over HTTP.
  libssl-dev libsasl2-dev libzstd-dev liblz4-dev zlib1g-dev libcurl4-openssl-dev
)
packages_to_demo=(
  maven   # a real Kafka
  python3 # the scripts around it; standard library only
)
packages_to_test=(
  libgtest-dev libbenchmark-dev # unit tests, benchmarks
  clang-format clang-tidy clang # format, lint, lock annotations
  shellcheck                    # and these scripts
  curl                          # scraping as a user would
)

# Kafka needs Java 17, and its load programs are single Java files, which a mere runtime cannot run.
has_jdk() {
  command -v jar >/dev/null &&
    [ "$(javac -version 2>&1 | sed -n 's/^javac \([0-9]*\).*/\1/p')" -ge 17 ] 2>/dev/null
}

# Prints the packages among the arguments that are not installed.
missing_packages() {
  local name
  for name in "$@"; do
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$name" 2>/dev/null)" = installed ] ||
      printf '%s\n' "$name"
  done
}

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

update_package_lists() {
  quietly "read the package lists" as_root apt-get -q update
}

install_packages() {
  if ! command -v dpkg-query >/dev/null; then
    die "this is not Debian or Ubuntu: please install what corresponds to these packages, and
then run the build by hand (cmake --preset dev): $*"
  fi
  local missing
  mapfile -t missing < <(missing_packages "$@")
  [ "${#missing[@]}" -gt 0 ] || return 0
  if [ "$(id -u)" != 0 ] && ! command -v sudo >/dev/null; then
    die "missing packages, and neither root nor sudo to install them. As root, run:
  apt-get update && apt-get install --no-install-recommends ${missing[*]}"
  fi
  update_package_lists
  quietly "installed ${missing[*]}" as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get -q -y install --no-install-recommends "${missing[@]}"
}

# On Debian 12 promtool is part of the package that also starts a Prometheus server, now and at each
# boot. So what holds it is unpacked into the cache and not installed.
unpack_promtool() {
  ! command -v promtool >/dev/null || return 0
  make_scratch
  apt-cache show prometheus >/dev/null 2>&1 || update_package_lists
  quietly "unpacked promtool" download_promtool "$scratch"
  publish_folder "$scratch/promtool" "$BACKLOGD_CACHE/promtool"
}

download_promtool() (
  set -e
  cd "$1"
  local package=prometheus
  ! apt-cache show promtool >/dev/null 2>&1 || package=promtool
  apt-get -q -o APT::Sandbox::User=root download "$package"
  dpkg-deb --extract ./"$package"_*.deb promtool
  test -x promtool/usr/bin/promtool
)
