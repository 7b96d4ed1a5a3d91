# shellcheck shell=bash
# What proves the Helm chart right: helm, and a program that knows Kubernetes' own types. Both are
# built by Go, in the cache. Sourced after common.sh and packages.sh.

readonly helm_version=3.19.0
readonly go_minimum=1.24
readonly go_toolchain=1.24.9
readonly strict_source=tests/packaging/strict

helm_folder() { echo "$BACKLOGD_CACHE/helm-$helm_version"; }
strict_folder() {
  echo "$BACKLOGD_CACHE/chart-strict-$(cat $strict_source/main.go $strict_source/go.sum | sha256sum | cut -c1-16)"
}

# go_is_new_enough GO
go_is_new_enough() {
  local version
  version=$("$1" env GOVERSION 2>/dev/null) || return 1
  printf '%s\n' "go$go_minimum" "${version%% *}" | sort --check=quiet --version-sort
}

# Prints the architecture by Go's name.
go_architecture() {
  case $(uname -m) in
    x86_64) echo amd64 ;;
    aarch64) echo arm64 ;;
    *) uname -m ;;
  esac
}

# Prints a Go that is new enough. Debian 12's and Ubuntu's are too old to build helm, and too old to
# fetch a newer one by themselves; but they can fetch it as what it is, a module, checked by Go's sums.
# provide_go GOPATH
provide_go() {
  local go=go module
  if ! go_is_new_enough "$go"; then
    module=golang.org/toolchain@v0.0.1-go$go_toolchain.linux-$(go_architecture)
    (cd / && GOPATH=$1 GOFLAGS=-modcacherw "$go" mod download "$module") >&2
    module=$1/pkg/mod/$module
    # What a module must not have: programs, and files go.mod of its own.
    chmod -R +x "$module/bin" "$module/pkg/tool"
    find "$module" -name _go.mod -execdir cp _go.mod go.mod \;
    go=$module/bin/go
  fi
  go_is_new_enough "$go" || die "Go >= $go_minimum is needed to build helm"
  echo "$go"
}

# compile_helm FOLDER
compile_helm() (
  set -e
  local go
  go=$(provide_go "$1/gopath")
  unset GOROOT
  GOTOOLCHAIN=local GOPATH="$1/gopath" GOBIN="$1/helm" GOFLAGS=-modcacherw \
    "$go" install -trimpath -ldflags=-s "helm.sh/helm/v3/cmd/helm@v$helm_version"
)

# compile_strict FOLDER
compile_strict() (
  set -e
  local go
  go=$(provide_go "$1/gopath")
  unset GOROOT
  mkdir "$1/strict"
  cd "$strict_source"
  GOTOOLCHAIN=local GOPATH="$1/gopath" GOFLAGS="-modcacherw -mod=readonly" \
    "$go" build -trimpath -ldflags=-s -o "$1/strict/chart-strict" .
)

provide_chart_tools() {
  local helm strict
  helm=$(helm_folder) strict=$(strict_folder)
  [ ! -d "$helm" ] || [ ! -d "$strict" ] || return 0
  command -v go >/dev/null || install_packages golang-go ca-certificates
  make_scratch
  if [ ! -d "$helm" ]; then
    quietly "built helm $helm_version into $helm" compile_helm "$scratch"
    publish_folder "$scratch/helm" "$helm"
  fi
  if [ ! -d "$strict" ]; then
    quietly "built a checker of Kubernetes objects into $strict" compile_strict "$scratch"
    publish_folder "$scratch/strict" "$strict"
  fi
}
