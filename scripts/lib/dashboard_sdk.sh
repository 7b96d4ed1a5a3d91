# shellcheck shell=bash
# The library that builds the dashboards, by pip, in the cache. Sourced after common.sh. Which
# version, and what its file must hash to, says dashboards/src/requirements.txt.

readonly dashboard_requirements=dashboards/src/requirements.txt

# Where dashboards/src/sdk.py looks for it.
dashboard_sdk_folder() {
  local version
  version=$(sed -n 's/^grafana-foundation-sdk==\([^ ]*\).*/\1/p' "$dashboard_requirements")
  echo "$BACKLOGD_CACHE/dashboard-sdk-${version/!/-}"
}

provide_dashboard_sdk() {
  local final
  final=$(dashboard_sdk_folder)
  [ ! -d "$final" ] || return 0
  make_scratch
  quietly "installed grafana-foundation-sdk into $final" python3 -m pip install --quiet --no-deps \
    --no-compile --only-binary :all: --require-hashes --target "$scratch/dashboard-sdk" \
    --requirement "$dashboard_requirements"
  publish_folder "$scratch/dashboard-sdk" "$final"
}
