# shellcheck shell=bash
# librdkafka, which Debian 12 and 13 ship too old. Sourced after common.sh.

readonly librdkafka_minimum=2.10
readonly librdkafka_folder=$BACKLOGD_CACHE/librdkafka-hardened
readonly librdkafka_patch=$PWD/scripts/lib/librdkafka.patch
# Stands in a folder of what was built with the patch as it is now.
librdkafka_mark=$librdkafka_folder/share/patched-$(sha256sum <"$librdkafka_patch" | head -c 16)
readonly librdkafka_mark
# As cmake/Hardening.cmake: it becomes a part of the same programs.
readonly librdkafka_flags='-O2 -fPIC -fstack-protector-strong -fstack-clash-protection'

# Stand in sources that have the mends, by this patch or by a release that took them over.
readonly librdkafka_mend='MemberAssignment) == 1'
readonly librdkafka_token_mend='(*bufplainp)[nbytesdecoded] ='

has_own_librdkafka() { pkg-config --atleast-version=$librdkafka_minimum rdkafka 2>/dev/null; }

has_librdkafka() {
  has_own_librdkafka ||
    { [ -e "$librdkafka_mark" ] && PKG_CONFIG_PATH="$librdkafka_folder/lib/pkgconfig" \
      pkg-config --atleast-version=$librdkafka_minimum rdkafka-static 2>/dev/null; }
}

# Prints "URI KEYRING" of the machine's own Debian archive, so that a mirror stays a mirror. apt
# itself is asked, for it reads both forms of its sources: deb822 and one line each.
debian_archive() {
  apt-get indextargets \
    --format '$(CREATED_BY) $(LABEL) $(COMPONENT) $(REPO_URI) $(SIGNED_BY)' 2>/dev/null |
    awk -v keyring=/usr/share/keyrings/debian-archive-keyring.gpg '
      $1 == "Packages" && $2 == "Debian" && $3 == "main" {
        print $4, ($5 ~ /^\// ? $5 : keyring)
        exit
      }'
}

# A mirror may be older than its own lists allow: their signature is checked all the same.
# A private apt, so that the machine's own is left as it is: one source entry, its own lists.
# fetch_librdkafka_source FOLDER URI KEYRING
fetch_librdkafka_source() (
  set -e
  cd "$1"
  mkdir -p apt/lists/partial apt/cache/archives/partial apt/sources
  cat >apt/sources/sid.sources <<SOURCES
Types: deb-src
URIs: $2
Suites: sid
Components: main
Signed-By: $3
SOURCES
  local private_apt=(apt-get -q
    -o Dir::State::lists="$PWD/apt/lists" -o Dir::Cache="$PWD/apt/cache"
    -o Dir::Etc::sourcelist=/dev/null -o Dir::Etc::sourceparts="$PWD/apt/sources"
    -o APT::Sandbox::User=root -o Acquire::Check-Valid-Until=false)
  "${private_apt[@]}" update
  "${private_apt[@]}" source --download-only librdkafka
)

# In librdkafka's sources. A release that has the mend already is left as it is.
mend_librdkafka() {
  if patch -p1 --force --fuzz=0 --dry-run <"$librdkafka_patch" >/dev/null; then
    patch -p1 --force --fuzz=0 <"$librdkafka_patch"
  elif ! grep -qF "$librdkafka_mend" src/rdkafka_admin.c ||
    ! grep -qF "$librdkafka_token_mend" src/rdkafka_sasl_oauthbearer_oidc.c; then
    die "scripts/lib/librdkafka.patch does not fit this release of librdkafka, which lacks a mend:
make it fit, or, where the release has one of its own, say by what it is known (librdkafka_mend)"
  fi
}

# Installs the source package of FOLDER for use in PREFIX, below the folder DESTINATION.
# Debian's patches are left out: they replace bundled code by packages that are not here.
# configure rather than CMake: librdkafka's CMake build never reports that all brokers are down.
compile_librdkafka() (
  set -e
  cd "$1"
  dpkg-source --skip-patches -x ./*.dsc source
  cd source
  mend_librdkafka
  ./configure --prefix="$2" --disable-debug-symbols --CFLAGS="$librdkafka_flags" \
    --CPPFLAGS="-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3"
  make -j"$(nproc)" libs
  make install DESTDIR="$3"
  # Only the static library is linked to: what we install must run without this cache.
  find "$3" -name '*.so*' -delete
  touch "$3$librdkafka_mark"
)

provide_librdkafka() {
  if has_own_librdkafka; then
    say "the machine's own librdkafka is taken, which lacks our mend: a member of a group whose" \
      "assignment is a single byte ends backlogd (docs/security.md)"
    return 0
  fi
  ! has_librdkafka || return 0
  if [ "$(. /etc/os-release && echo "$ID")" != debian ]; then
    say "librdkafka >= $librdkafka_minimum is not installed: CMake will fetch and build a pinned one"
    return 0
  fi
  [ -n "$(debian_archive)" ] || update_package_lists
  local archive uri keyring final=$librdkafka_folder
  archive=$(debian_archive)
  [ -n "$archive" ] || die "apt names no Debian archive, so librdkafka's source cannot be fetched:
install librdkafka >= $librdkafka_minimum so that pkg-config finds it as 'rdkafka'"
  read -r uri keyring <<<"$archive"
  make_scratch
  quietly "fetched librdkafka's source" fetch_librdkafka_source "$scratch" "$uri" "$keyring"
  quietly "built librdkafka into $final" compile_librdkafka "$scratch" "$final" "$scratch/installed"
  rm -rf "$final"
  publish_folder "$scratch/installed$final" "$final"
  has_librdkafka || die "the librdkafka just built into $final is older than $librdkafka_minimum"
}
