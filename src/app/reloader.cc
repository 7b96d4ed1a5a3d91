#include "app/reloader.h"

#include <exception>
#include <utility>
#include <vector>

#include "app/clock.h"

namespace backlogd::app {
namespace {

std::string ToText(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text.empty() ? "none" : text;
}

// What differs from what the program was started with, and only a start can change.
std::vector<std::string> KeysForARestart(const config::Web& running, const config::Web& wanted) {
  std::vector<std::string> keys;
  if (running.listen_addresses != wanted.listen_addresses) keys.push_back("web.listen_addresses");
  if (running.telemetry_path != wanted.telemetry_path) keys.push_back("web.telemetry_path");
  return keys;
}

}  // namespace

Reloader::Reloader(config::Web web, Exporter& exporter, Surroundings with)
    : web_(std::move(web)), exporter_(exporter), with_(std::move(with)) {}

Reloader::Outcome Reloader::Reload() {
  MutexLock lock(mutex_);
  try {
    return Apply(with_.load());
  } catch (const std::exception& error) {
    return Refuse(error.what());
  }
}

Reloader::Outcome Reloader::Apply(const Loaded& loaded) {
  const ClusterChanges changes = exporter_.Reload(*loaded.config, loaded.factories);
  with_.configure_log(loaded.config->log);
  with_.metrics.SetConfigLoaded(true, WallNow());
  exporter_.publisher().Refresh();
  with_.log.Write(LogLevel::kInfo, "configuration reloaded",
                  {{"clusters_added", ToText(changes.added)},
                   {"clusters_changed", ToText(changes.changed)},
                   {"clusters_removed", ToText(changes.removed)}});
  std::string text = "reloaded; clusters added: " + ToText(changes.added) +
                     "; changed: " + ToText(changes.changed) +
                     "; removed: " + ToText(changes.removed) + "\n";
  const std::vector<std::string> keys = KeysForARestart(web_, loaded.config->web);
  if (keys.empty()) return {true, text};
  with_.log.Write(LogLevel::kWarning,
                  "part of the configuration cannot be reloaded; restart to apply it",
                  {{"keys", ToText(keys)}});
  return {true, text + "not applied before a restart: " + ToText(keys) + "\n"};
}

Reloader::Outcome Reloader::Refuse(const std::string& cause) {
  with_.metrics.SetConfigLoaded(false, WallNow());
  exporter_.publisher().Refresh();
  with_.log.Write(LogLevel::kError, "configuration not reloaded: nothing has changed",
                  {{"error", cause}});
  return {false, "not reloaded, nothing has changed: " + cause + "\n"};
}

}  // namespace backlogd::app
