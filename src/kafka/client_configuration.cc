#include "kafka/client_configuration.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include "base/text.h"
#include "config/load.h"
#include "kafka/sign_in.h"

namespace backlogd::kafka {
namespace {

using Property = std::pair<std::string_view, std::string_view>;

// What a cluster's own properties may change.
constexpr std::array<Property, 7> kDefaults = {{
    {"client.id", "backlogd"},
    {"socket.timeout.ms", "10000"},
    {"socket.connection.setup.timeout.ms", "5000"},
    {"socket.keepalive.enable", "true"},
    // A broker that is back is noticed within one poll or two.
    {"reconnect.backoff.ms", "100"},
    {"reconnect.backoff.max.ms", "1000"},
    {"log.connection.close", "false"},
}};

// Never joined, never committed to. Without a group.id librdkafka dereferences null when
// OffsetFetch answers NOT_COORDINATOR.
constexpr Property kConsumerDefault = {"group.id", "backlogd"};

// A monitor changes nothing in the cluster that it watches, and its log goes through our callback.
constexpr std::array<Property, 3> kGuards = {{
    {"enable.metrics.push", "false"},
    {"allow.auto.create.topics", "false"},
    {"log.queue", "false"},
}};
constexpr Property kConsumerGuard = {"enable.auto.commit", "false"};

constexpr std::string_view kStatisticsInterval = "statistics.interval.ms";

// Substrings of the names of properties whose values are secrets. config::IsSecret knows more, but
// its rule would take every "true" and "5" out of librdkafka's texts.
constexpr std::array<std::string_view, 7> kSecretNames = {
    "password", "passphrase", "secret", "pem", "token", "sasl.oauthbearer.config", "extensions"};

constexpr std::string_view kTokenEndpoint = "sasl.oauthbearer.token.endpoint.url";

bool HoldsSecret(const config::Cluster& cluster, std::string_view property,
                 std::string_view value) {
  // Put where the name of its file belongs.
  if (value.find("PRIVATE KEY") != std::string_view::npos) return true;
  if (property == kTokenEndpoint) {  // what may be secret in an address comes with these
    return value.find_first_of("@?") != std::string_view::npos;
  }
  return cluster.property_files.contains(std::string(property)) ||
         std::any_of(kSecretNames.begin(), kSecretNames.end(), [&](std::string_view name) {
           return property.find(name) != std::string_view::npos;
         });
}

[[noreturn]] void Refuse(const config::Cluster& cluster, const std::string& property,
                         const std::string& reason) {
  const bool from_file = cluster.property_files.contains(property);
  throw config::ConfigError((from_file ? "property_files." : "properties.") + property, reason);
}

std::string OneLine(std::string_view text) {
  std::string line = ToValidUtf8(text.substr(0, text.find_last_not_of(" \n") + 1));
  std::replace_if(
      line.begin(), line.end(), [](unsigned char c) { return c < 0x20 || c == 0x7F; }, ' ');
  return line;
}

std::string Quote(std::string_view value) {
  constexpr std::size_t kLongest = 200;
  return "\"" + OneLine(value.substr(0, kLongest)) + (value.size() > kLongest ? "...\"" : "\"");
}

void Set(const config::Cluster& cluster, rd_kafka_conf_t* conf, const std::string& property,
         const std::string& value) {
  std::array<char, 512> reason{};
  switch (rd_kafka_conf_set(conf, property.c_str(), value.c_str(), reason.data(), reason.size())) {
    case RD_KAFKA_CONF_OK: return;
    case RD_KAFKA_CONF_UNKNOWN:
      Refuse(cluster, property, "librdkafka has no such property, or was built without it");
    case RD_KAFKA_CONF_INVALID: break;
  }
  // The reason may quote the value.
  if (config::IsSecret(cluster, property)) {
    Refuse(cluster, property, "librdkafka refuses the value; see its CONFIGURATION.md");
  }
  Refuse(cluster, property, "librdkafka refuses " + Quote(value) + ": " + OneLine(reason.data()));
}

// librdkafka says that some file is missing, but not which one.
void RefuseUnreadableFile(const config::Cluster& cluster) {
  for (const char* property : {"ssl.ca.location", "ssl.certificate.location", "ssl.key.location",
                               "ssl.keystore.location", "ssl.crl.location"}) {
    const auto found = cluster.properties.find(property);
    if (found == cluster.properties.end() || config::IsSecret(cluster, property)) continue;
    const std::string& file = found->second;
    if (file == "probe" || access(file.c_str(), R_OK) == 0) continue;  // "probe": librdkafka looks
    const std::string reason = std::generic_category().message(errno);
    Refuse(cluster, property, Quote(file) + " cannot be read: " + reason);
  }
}

bool IsGuarded(std::string_view property, const HandleUse& use) {
  const auto is_it = [&](const auto& guard) { return guard.first == property; };
  return property == kStatisticsInterval || is_it(kConsumerGuard) ||
         std::any_of(kGuards.begin(), kGuards.end(), is_it) ||
         std::any_of(use.guards.begin(), use.guards.end(), is_it);
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

void OnLog(const rd_kafka_t* handle, int level, const char* facility, const char* message) {
  if (handle == nullptr) return;
  auto* target = static_cast<LibraryLog*>(rd_kafka_opaque(handle));
  if (target == nullptr) return;
  const LogLevel shown = target->memory.LevelOf(level, facility, message);
  target->log.Write(shown, "librdkafka",
                    {{"kafka_cluster", target->cluster},
                     {"facility", facility},
                     {"message", target->secrets.Hide(message)}});
}

// Only tells why: what OpenSSL decided stands. librdkafka itself says no more than "could not be
// verified".
// NOLINTNEXTLINE(readability-function-size): its signature is librdkafka's
int OnCertificate(rd_kafka_t* /*handle*/, const char* broker, std::int32_t /*id*/, int* x509_error,
                  int /*depth*/, const char* /*certificate*/, std::size_t /*its_size*/,
                  char* reason, std::size_t size, void* opaque) {
  if (*x509_error == 0) return 1;
  LibraryMemory& memory = static_cast<LibraryLog*>(opaque)->memory;
  const std::string_view problem = memory.NoteCertificate(broker, *x509_error);
  reason[problem.copy(reason, size - 1)] = '\0';
  return 0;
}

// As librdkafka's own does. It opens one only when it has all that it needs to sign in.
int OnSocket(int domain, int type, int protocol, void* opaque) {
  static_cast<LibraryLog*>(opaque)->memory.NoteSocket();
  return socket(domain, type | SOCK_CLOEXEC, protocol);
}

// Of a line that is shorter than that nobody makes a key.
constexpr std::size_t kLeastOfKey = 8;
constexpr std::size_t kLineOfKey = 32;

// How much of a key's line stands at the end of a text that was cut there.
std::size_t BeginningAtEnd(std::string_view value, std::string_view text) {
  if (value.size() < kLineOfKey) return 0;
  for (std::size_t size = std::min(value.size(), text.size()); size >= kLeastOfKey; --size) {
    if (text.ends_with(value.substr(0, size))) return size;
  }
  return 0;
}

}  // namespace

void Secrets::Add(const config::Cluster& cluster) {
  const std::lock_guard lock(mutex_);
  for (const auto& [property, value] : cluster.properties) {
    if (HoldsSecret(cluster, property, value)) AddValue(value);
  }
  std::sort(values_.begin(), values_.end(),
            [](const auto& a, const auto& b) { return a.size() > b.size(); });
}

void Secrets::AddValue(std::string_view value) {
  if (value.empty()) return;
  if (std::find(values_.begin(), values_.end(), value) == values_.end()) {
    values_.emplace_back(value);
  }
  if (value.find('\n') == std::string_view::npos) return;
  while (!value.empty()) {
    std::string_view line = value.substr(0, value.find('\n'));
    value.remove_prefix(std::min(value.size(), line.size() + 1));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.size() >= kLeastOfKey && line.find('-') == std::string_view::npos) AddValue(line);
  }
}

std::string Secrets::Hide(std::string_view text) const {
  constexpr std::string_view kMask = "<secret>";
  const std::lock_guard lock(mutex_);
  std::string hidden(text);
  for (const std::string& value : values_) {
    std::size_t at = 0;
    while ((at = hidden.find(value, at)) != std::string::npos) {
      hidden.replace(at, value.size(), kMask);
      at += kMask.size();
    }
    const std::size_t cut = BeginningAtEnd(value, hidden);
    if (cut > 0) hidden.replace(hidden.size() - cut, cut, kMask);
  }
  return hidden;
}

ConfPtr MakeConfiguration(const config::Cluster& cluster, std::chrono::milliseconds statistics,
                          LibraryLog& library_log, const HandleUse& use) {
  const bool consumes = use.type == RD_KAFKA_CONSUMER;
  ConfPtr conf(rd_kafka_conf_new());
  rd_kafka_conf_set_opaque(conf.get(), &library_log);
  rd_kafka_conf_set_log_cb(conf.get(), OnLog);
  rd_kafka_conf_set_ssl_cert_verify_cb(conf.get(), OnCertificate);
  rd_kafka_conf_set_socket_cb(conf.get(), OnSocket);
  rd_kafka_conf_set_events(conf.get(), RD_KAFKA_EVENT_ERROR | RD_KAFKA_EVENT_STATS |
                                           (consumes ? 0 : RD_KAFKA_EVENT_DR) |
                                           (use.rebalances ? RD_KAFKA_EVENT_REBALANCE : 0));
  const auto set = [&](const Property& property) {
    Set(cluster, conf.get(), std::string(property.first), std::string(property.second));
  };
  std::for_each(kDefaults.begin(), kDefaults.end(), set);
  if (consumes) set(kConsumerDefault);
  std::for_each(use.defaults.begin(), use.defaults.end(), set);
  Set(cluster, conf.get(), "bootstrap.servers", cluster.bootstrap_servers);
  for (const auto& [property, value] : cluster.properties) {
    CheckProperty(cluster, property, value);
    if (IsGuarded(property, use)) {
      if (!use.warns) continue;
      library_log.log.Write(LogLevel::kWarning, "A librdkafka property is not ours to change",
                            {{"kafka_cluster", cluster.name}, {"property", property}});
      continue;
    }
    Set(cluster, conf.get(), property, value);
  }
  std::for_each(kGuards.begin(), kGuards.end(), set);
  if (consumes) set(kConsumerGuard);
  std::for_each(use.guards.begin(), use.guards.end(), set);
  set({kStatisticsInterval, std::to_string(statistics.count())});
  return conf;
}

HandlePtr MakeHandle(const config::Cluster& cluster, std::chrono::milliseconds statistics,
                     LibraryLog& library_log, const HandleUse& use) {
  ConfPtr conf = MakeConfiguration(cluster, statistics, library_log, use);
  PrepareKerberos(conf.get(), library_log, use);
  library_log.memory.BeginHandle(AwaitedToken(cluster, conf.get()));
  std::array<char, 512> reason{};
  HandlePtr handle(rd_kafka_new(use.type, conf.get(), reason.data(), reason.size()));
  if (handle == nullptr) {
    RefuseUnreadableFile(cluster);
    throw config::ConfigError("properties", "librdkafka refuses them: " +
                                                OneLine(library_log.secrets.Hide(reason.data())));
  }
  // The handle owns it now.
  static_cast<void>(conf.release());  // NOLINT(bugprone-unused-return-value)
  return handle;
}

}  // namespace backlogd::kafka
