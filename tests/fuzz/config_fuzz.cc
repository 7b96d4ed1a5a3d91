#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/text.h"
#include "config/config.h"
#include "config/load.h"
#include "config/name_filter.h"
#include "config/sim.h"
#include "deadletters/classify.h"
#include "deadletters/discovery.h"
#include "deadletters/settings.h"
#include "fuzz/input.h"

// Whatever a configuration holds, the daemon's or that of backlogd-sim: it is refused by one line
// that names the place, or can be used, and what is shown of it is read back as the same.
namespace {

using namespace backlogd;          // NOLINT(google-build-using-namespace)
using namespace backlogd::config;  // NOLINT(google-build-using-namespace)
using backlogd::fuzz::Require;

constexpr std::string_view kFile = "backlogd.yaml";

bool IsControl(char c) { return (c >= 0 && c < ' ') || c == 0x7F; }

// "file:line:column: ...", or "file: ..." of what is wrong with all of it.
void CheckMessage(std::string_view message) {
  Require(message.starts_with(kFile));
  message.remove_prefix(kFile.size());
  Require(message.size() > 2 && message[0] == ':');
  Require(IsValidUtf8(message) && std::ranges::none_of(message, IsControl));
}

// A name that is hostile to patterns, one that is plain.
constexpr std::string_view kNames[] = {"a\nb\xFF\\E", "orders-dlt"};

void UseRules(const Config& config) {
  const DetailPolicy detail(config.metrics);
  const IsolationPolicy isolation(config.analysis);
  const CapacityHints hints(config.analysis);
  for (const std::string_view name : kNames) {
    detail.For(name, name);
    detail.ForTopic(name);
    isolation.ReadsCommitted(name);
    const auto hint = hints.For(name);
    Require(!hint || *hint > 0);
  }
}

void Use(const Config& config) {
  Require(!config.clusters.empty());
  for (const Cluster& cluster : config.clusters) {
    const TopicFilter topics(cluster.topics);
    const NameFilter groups(cluster.groups);
    for (const std::string_view name : kNames) {
      topics.Matches(name);
      groups.Matches(name);
    }
  }
  UseRules(config);
  const deadletters::Discovery discovery(deadletters::DiscoverySettingsOf(config.dead_letters));
  discovery.Discover({.topics = {kNames[0], kNames[1], "orders"}, .groups = {{.name = kNames[0]}}});
  deadletters::ReasonRulesOf(config.dead_letters);
}

bool HasSecrets(const Config& config) {
  return std::ranges::any_of(config.clusters, [](const Cluster& cluster) {
    return !cluster.properties.empty() || !cluster.property_files.empty();
  });
}

void CheckDaemon(std::string_view yaml) {
  std::optional<Config> config;
  try {
    config = Parse(yaml, kFile);
  } catch (const ConfigError& error) {
    return CheckMessage(error.what());
  }
  Use(*config);
  const std::string shown = Dump(*config);
  const Config again = Parse(shown, kFile);  // one that throws is found by the fuzzer
  Require(Dump(again) == shown);
  Require(HasSecrets(*config) || again == *config);
}

void CheckSim(std::string_view yaml) {
  std::optional<Sim> sim;
  try {
    sim = ParseSim(yaml, kFile, {});
  } catch (const ConfigError& error) {
    return CheckMessage(error.what());
  }
  const std::string shown = DumpSim(*sim);
  const Sim again = ParseSim(shown, kFile, {});
  Require(DumpSim(again) == shown);
  const Cluster& cluster = sim->cluster;
  Require(!cluster.properties.empty() || !cluster.property_files.empty() || again == *sim);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view yaml(reinterpret_cast<const char*>(data), size);
  CheckDaemon(yaml);
  CheckSim(yaml);
  return 0;
}
