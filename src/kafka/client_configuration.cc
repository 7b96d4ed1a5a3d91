#include "kafka/client_configuration.h"

#include <algorithm>
#include <array>
#include <utility>

namespace backlogd::kafka {
namespace {

using Property = std::pair<std::string_view, std::string_view>;

// What a cluster's own properties may change.
constexpr std::array<Property, 8> kDefaults = {{
    {"client.id", "backlogd"},
    // Never joined, never committed to. Without a group.id librdkafka dereferences null when
    // OffsetFetch answers NOT_COORDINATOR.
    {"group.id", "backlogd"},
    {"socket.timeout.ms", "10000"},
    {"socket.connection.setup.timeout.ms", "5000"},
    {"socket.keepalive.enable", "true"},
    // A broker that is back is noticed within one poll or two.
    {"reconnect.backoff.ms", "100"},
    {"reconnect.backoff.max.ms", "1000"},
    {"log.connection.close", "false"},
}};

// A monitor changes nothing in the cluster that it watches, and its log goes through our callback.
constexpr std::array<Property, 4> kGuards = {{
    {"enable.metrics.push", "false"},
    {"allow.auto.create.topics", "false"},
    {"enable.auto.commit", "false"},
    {"log.queue", "false"},
}};

constexpr std::string_view kStatisticsInterval = "statistics.interval.ms";

// Substrings of the names of properties whose values are secrets.
constexpr std::array<std::string_view, 6> kSecretNames = {
    "password", "secret", "pem", "token", "sasl.oauthbearer.config", "extensions"};

bool IsSecret(const config::Cluster& cluster, std::string_view property) {
  return cluster.property_files.contains(std::string(property)) ||
         std::any_of(kSecretNames.begin(), kSecretNames.end(), [&](std::string_view name) {
           return property.find(name) != std::string_view::npos;
         });
}

[[noreturn]] void Refuse(const config::Cluster& cluster, std::string_view property,
                         std::string_view reason) {
  throw config::ConfigError("cluster " + cluster.name + ": properties: " + std::string(property) +
                            ": " + std::string(reason));
}

void Set(const config::Cluster& cluster, rd_kafka_conf_t* conf, std::string_view property,
         std::string_view value) {
  // librdkafka's own text may quote the value: it is not used.
  switch (rd_kafka_conf_set(conf, std::string(property).c_str(), std::string(value).c_str(),
                            nullptr, 0)) {
    case RD_KAFKA_CONF_OK: return;
    case RD_KAFKA_CONF_UNKNOWN:
      Refuse(cluster, property, "librdkafka has no such property, or was built without it");
    case RD_KAFKA_CONF_INVALID:
      Refuse(cluster, property, "librdkafka refuses the value; see its CONFIGURATION.md");
  }
}

bool IsGuarded(std::string_view property) {
  return property == kStatisticsInterval ||
         std::any_of(kGuards.begin(), kGuards.end(),
                     [&](const Property& guard) { return guard.first == property; });
}

void CheckProperty(const config::Cluster& cluster, const std::string& property,
                   const std::string& value) {
  if (property == "group.id" && value.empty()) Refuse(cluster, property, "must not be empty");
  if (property != "debug") return;
  for (const std::string_view context : {"all", "security", "protocol", "conf"}) {
    if (value.find(context) != std::string::npos) {
      Refuse(cluster, property, "the contexts all, security, protocol and conf may print secrets");
    }
  }
}

LogLevel LevelOf(int syslog_level) {
  if (syslog_level <= 2) return LogLevel::kError;
  if (syslog_level <= 4) return LogLevel::kWarning;  // a broker's trouble is not ours
  return syslog_level <= 6 ? LogLevel::kInfo : LogLevel::kDebug;
}

void OnLog(const rd_kafka_t* handle, int level, const char* facility, const char* message) {
  if (handle == nullptr) return;
  const auto* target = static_cast<const LibraryLog*>(rd_kafka_opaque(handle));
  if (target == nullptr) return;
  target->log.Write(LevelOf(level), "librdkafka",
                    {{"kafka_cluster", target->cluster},
                     {"facility", facility},
                     {"message", target->secrets.Hide(message)}});
}

}  // namespace

Secrets::Secrets(const config::Cluster& cluster) {
  for (const auto& [property, value] : cluster.properties) {
    if (!value.empty() && IsSecret(cluster, property)) values_.push_back(value);
  }
  std::sort(values_.begin(), values_.end(),
            [](const auto& a, const auto& b) { return a.size() > b.size(); });
}

std::string Secrets::Hide(std::string_view text) const {
  constexpr std::string_view kMask = "<secret>";
  std::string hidden(text);
  for (const std::string& value : values_) {
    std::size_t at = 0;
    while ((at = hidden.find(value, at)) != std::string::npos) {
      hidden.replace(at, value.size(), kMask);
      at += kMask.size();
    }
  }
  return hidden;
}

ConfPtr MakeConfiguration(const config::Cluster& cluster, std::chrono::milliseconds statistics,
                          LibraryLog& library_log) {
  ConfPtr conf(rd_kafka_conf_new());
  rd_kafka_conf_set_opaque(conf.get(), &library_log);
  rd_kafka_conf_set_log_cb(conf.get(), OnLog);
  rd_kafka_conf_set_events(conf.get(), RD_KAFKA_EVENT_ERROR | RD_KAFKA_EVENT_STATS);
  for (const auto& [property, value] : kDefaults) Set(cluster, conf.get(), property, value);
  Set(cluster, conf.get(), "bootstrap.servers", cluster.bootstrap_servers);
  for (const auto& [property, value] : cluster.properties) {
    CheckProperty(cluster, property, value);
    if (IsGuarded(property)) {
      library_log.log.Write(LogLevel::kWarning, "A librdkafka property is not ours to change",
                            {{"kafka_cluster", cluster.name}, {"property", property}});
      continue;
    }
    Set(cluster, conf.get(), property, value);
  }
  for (const auto& [property, value] : kGuards) Set(cluster, conf.get(), property, value);
  Set(cluster, conf.get(), kStatisticsInterval, std::to_string(statistics.count()));
  return conf;
}

HandlePtr MakeHandle(const config::Cluster& cluster, std::chrono::milliseconds statistics,
                     LibraryLog& library_log) {
  ConfPtr conf = MakeConfiguration(cluster, statistics, library_log);
  std::array<char, 512> reason{};
  HandlePtr handle(rd_kafka_new(RD_KAFKA_CONSUMER, conf.get(), reason.data(), reason.size()));
  if (handle == nullptr) {
    throw config::ConfigError("cluster " + cluster.name + ": librdkafka refuses the properties: " +
                              library_log.secrets.Hide(reason.data()));
  }
  static_cast<void>(conf.release());  // the handle owns it now
  return handle;
}

}  // namespace backlogd::kafka
