# shellcheck shell=bash
# Debian's packages: which, why, and how they get here. Sourced after common.sh.

packages_to_build=(
  build-essential cmake ninja-build pkg-config ccache # compile; ccache makes the second time cheap
  libyaml-cpp-dev libre2-dev libspdlog-dev            # configuration, patterns, log
  libcli11-dev nlohmann-json3-dev                     # flags; librdkafka's statistics
  libmicrohttpd-dev libdeflate-dev                    # serving, compressing
  libgnutls28-dev libcrypt-dev                        # serving with TLS and passwords
  prometheus-cpp-dev                                  # the daemon's metrics about itself
  # What librdkafka links to: TLS, SASL SCRAM and Kerberos, compression, OAuth over HTTP.
  libssl-dev libsasl2-dev libzstd-dev liblz4-dev zlib1g-dev libcurl4-openssl-dev
)
packages_to_run_kafka=(
  maven   # a real Kafka
  python3 # the scripts around it; standard library only
)
packages_to_test=(
  python3                       # checks of dashboards and alerts
  python3-yaml                  # reading deploy/compose.yaml
  python3-pip                   # the library that builds the dashboards
  libgtest-dev libbenchmark-dev # unit tests, benchmarks
  clang-format clang-tidy clang # format, lint, lock annotations, fuzzers
  shellcheck                    # and these scripts
  curl openssl                  # scraping as a user would, with certificates made for it
  jq                            # the filter in docs/dead-letters.md
  dpkg-dev file                 # making a package
  mandoc zsh fish               # reading manuals and completions
  systemd                       # judging the unit; its systemd-analyze runs without it running
  libnss-wrapper                # names that lead elsewhere
  iproute2                      # networks of their own, with a bad line between them
)

packages_for_chroots=(debootstrap iproute2 dpkg-dev file)

# Where clang's fuzzer and sanitizers are: beside clang, and of its version. REQUIRES: clang
fuzzer_package() {
  printf 'libclang-rt-%s-dev' "$(clang -dumpversion | cut -d. -f1)"
}

# Kafka needs Java 17, and its load programs are single Java files, which a mere runtime cannot run.
has_jdk() {
  command -v jar >/dev/null &&
    [ "$(javac -version 2>&1 | sed -n 's/^javac \([0-9]*\).*/\1/p')" -ge 17 ] 2>/dev/null
}

# has_package NAME: whether it is installed; without dpkg, whether what we use of it is there.
has_package() {
  if command -v dpkg-query >/dev/null; then
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
    return
  fi
  case $1 in
    build-essential) command -v make && command -v c++ ;;
    ninja-build) command -v ninja ;;
    maven) command -v mvn ;;
    iproute2) command -v ip ;;
    libnss-wrapper) find /usr/lib /usr/local/lib -name libnss_wrapper.so | grep . ;;
    systemd) command -v systemd-analyze ;;
    python3-pip) python3 -m pip --version ;;
    default-jdk-headless) has_jdk ;;
    libyaml-cpp-dev) pkg-config --exists yaml-cpp ;;
    libcli11-dev) pkg-config --exists CLI11 ;;
    nlohmann-json3-dev) pkg-config --exists nlohmann_json ;;
    prometheus-cpp-dev) pkg-config --exists prometheus-cpp-core ;;
    libsasl2-dev) pkg-config --exists libsasl2 ;;
    zlib1g-dev) pkg-config --exists zlib ;;
    libcurl4-openssl-dev) pkg-config --exists libcurl ;;
    libgnutls28-dev) pkg-config --exists gnutls ;;
    libcrypt-dev) pkg-config --exists libcrypt ;;
    libssl-dev) pkg-config --exists openssl ;;
    libgtest-dev) pkg-config --exists gtest ;;
    libbenchmark-dev) pkg-config --exists benchmark ;;
    libre2-dev) pkg-config --exists re2 ;;
    libspdlog-dev) pkg-config --exists spdlog ;;
    libclang-rt-*) compgen -G "$(clang -print-resource-dir)/lib/*/libclang_rt.fuzzer*" ;;
    lib*-dev) pkg-config --exists "${1%-dev}" ;;
    *) command -v "$1" ;;
  esac >/dev/null 2>&1
}

# Prints the packages among the arguments that are not installed.
missing_packages() {
  local name
  for name in "$@"; do
    has_package "$name" || printf '%s\n' "$name"
  done
}

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

# demand_root PACKAGES...: here and in the open sudo may ask for a password.
demand_root() {
  [ "$(id -u)" != 0 ] || return 0
  local why="neither root nor sudo to install them"
  if command -v sudo >/dev/null; then
    say "missing packages, which sudo will install: $*"
    ! sudo -v || return 0
    why="sudo refuses"
  fi
  die "missing packages, and $why. As root, run:
  apt-get update && apt-get install --no-install-recommends $*"
}

update_package_lists() {
  quietly "read the package lists" as_root apt-get -q update
}

install_packages() {
  local missing
  mapfile -t missing < <(missing_packages "$@")
  [ "${#missing[@]}" -gt 0 ] || return 0
  command -v apt-get >/dev/null ||
    die "missing, by the names of Debian's packages (this is not Debian): ${missing[*]}"
  demand_root "${missing[@]}"
  update_package_lists
  quietly "installed ${missing[*]}" as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get -q -y install --no-install-recommends "${missing[@]}"
}

# On Debian 12 promtool is part of the package that also starts a Prometheus server, now and at each
# boot. So what holds it is unpacked into the cache and not installed.
unpack_promtool() {
  ! command -v promtool >/dev/null || return 0
  command -v apt-get >/dev/null || die "missing: promtool, which is part of Prometheus"
  make_scratch
  apt-cache show prometheus >/dev/null 2>&1 || update_package_lists
  local package=prometheus
  ! apt-cache show promtool >/dev/null 2>&1 || package=promtool
  quietly "unpacked promtool" download_packages "$scratch/promtool" "$package"
  test -x "$scratch/promtool/usr/bin/promtool" || die "no promtool in the package $package"
  publish_folder "$scratch/promtool" "$BACKLOGD_CACHE/promtool"
}

# The servers of the demo, for the same reason: the demo starts them, and ends them.
unpack_monitoring() {
  has_monitoring || provide_monitoring
  # Debian's read templates and pages from this place, and from no other.
  local shared=/usr/share/prometheus
  [ -d "$BACKLOGD_CACHE/monitoring$shared" ] && [ ! -e "$shared/alertmanager/default.tmpl" ] ||
    return 0
  [ "$(id -u)" = 0 ] || command -v sudo >/dev/null ||
    die "as root, run: cp -rn $BACKLOGD_CACHE/monitoring$shared /usr/share/"
  quietly "copied templates and pages to $shared" as_root \
    cp -rn "$BACKLOGD_CACHE/monitoring$shared" /usr/share/
}

has_monitoring() {
  command -v prometheus && { command -v prometheus-alertmanager || command -v alertmanager; }
} >/dev/null

provide_monitoring() {
  command -v apt-get >/dev/null || die "missing: prometheus and alertmanager (this is not Debian)"
  make_scratch
  apt-cache show prometheus-alertmanager >/dev/null 2>&1 || update_package_lists
  quietly "unpacked Prometheus and Alertmanager" \
    download_packages "$scratch/monitoring" prometheus prometheus-alertmanager
  publish_folder "$scratch/monitoring" "$BACKLOGD_CACHE/monitoring"
}

# download_packages FOLDER PACKAGES...: unpacks them all into it.
download_packages() (
  set -e
  mkdir "$1.packages" "$1"
  cd "$1.packages"
  shift
  apt-get -q -o APT::Sandbox::User=root download "$@"
  local file
  for file in ./*.deb; do dpkg-deb --extract "$file" "${PWD%.packages}"; done
)
