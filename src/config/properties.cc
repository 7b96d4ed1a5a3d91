#include "config/properties.h"

#include <algorithm>
#include <cctype>
#include <iterator>

#include "config/load.h"

namespace backlogd::config {
namespace {

struct Refused {
  std::string_view name;
  std::string_view why;
};

// What would break the daemon or do harm. What librdkafka itself refuses is left to it. `group.id`
// is not here: backlogd joins no group, but librdkafka looks up the coordinator of the one it is
// given, so that a cluster with ACLs may demand a certain name.
constexpr Refused kRefused[] = {
    {"bootstrap.servers", "set bootstrap_servers of the cluster instead"},
    {"metadata.broker.list", "set bootstrap_servers of the cluster instead"},
    {"topic.blacklist", "it would hide topics without a trace; use topics.exclude instead"},
    {"allow.auto.create.topics",
     "backlogd keeps it false, because asking about a topic must not create it; remove it"},
    {"enable.metrics.push",
     "backlogd keeps it false, because a monitor must not load the brokers with its own metrics; "
     "remove it"},
    {"statistics.interval.ms", "backlogd sets it itself; remove it"},
    {"enabled_events", "it would divert the answers that backlogd waits for; remove it"},
    {"log.queue", "it would collect messages that nobody reads; remove it"},
    {"internal.termination.signal", "its signal could end the whole process; remove it"},
    // To check a file, or to read it, must not run what it names.
    {"plugin.library.paths", "backlogd loads no code that a configuration names; remove it"},
    {"ssl.engine.location",
     "backlogd loads no code that a configuration names; remove it, or name an OpenSSL provider "
     "that is installed in ssl.providers"},
    {"sasl.kerberos.kinit.cmd",
     "backlogd runs no command that a configuration names; remove it: kinit is run with "
     "sasl.kerberos.principal and sasl.kerberos.keytab. If tickets come from elsewhere, set "
     "sasl.kerberos.min.time.before.relogin to 0"},
};

constexpr std::string_view kLeakingDebugContexts[] = {"all", "conf", "protocol", "security"};

// librdkafka pastes them into the command by which a shell runs kinit: the keytab between quotes,
// the others bare.
constexpr std::string_view kKeytab = "sasl.kerberos.keytab";
constexpr std::string_view kInCommand[] = {"sasl.kerberos.principal", "sasl.kerberos.service.name"};

constexpr std::string_view kMechanisms[] = {"sasl.mechanism", "sasl.mechanisms"};

// Harmless whatever their beginning is.
constexpr std::string_view kShownEndings[] = {".bytes",      ".id", ".location", ".mechanism",
                                              ".mechanisms", ".ms", ".protocol"};

// Harmless, and of use to whoever looks for a mistake.
constexpr std::string_view kShown[] = {
    "broker.address.family",
    "broker.address.ttl",
    "client.dns.lookup",
    "client.rack",
    "debug",
    "enable.ssl.certificate.verification",
    "log_level",
    "metadata.recovery.strategy",
    "sasl.kerberos.keytab",
    "sasl.kerberos.principal",
    "sasl.kerberos.service.name",
    "sasl.oauthbearer.method",
    "sasl.username",
    "socket.keepalive.enable",
    "socket.nagle.disable",
    "ssl.cipher.suites",
    "ssl.endpoint.identification.algorithm",
};

bool IsShownName(std::string_view name) {
  return std::find(std::begin(kShown), std::end(kShown), name) != std::end(kShown) ||
         std::any_of(std::begin(kShownEndings), std::end(kShownEndings),
                     [name](std::string_view ending) { return name.ends_with(ending); });
}

// The first of librdkafka's debug contexts in `list` that can write secrets into the log.
std::string_view FindLeakingContext(std::string_view list) {
  while (!list.empty()) {
    std::string_view context = list.substr(0, list.find(','));
    list.remove_prefix(std::min(list.size(), context.size() + 1));
    context.remove_prefix(std::min(context.size(), context.find_first_not_of(" \t")));
    context = context.substr(0, context.find_first_of(" \t"));
    const auto leaking =
        std::find(std::begin(kLeakingDebugContexts), std::end(kLeakingDebugContexts), context);
    if (leaking != std::end(kLeakingDebugContexts)) return *leaking;
  }
  return {};
}

bool EndsQuotes(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x20 || byte == 0x7F || c == '"' || c == '$' || c == '`' || c == '\\';
}

bool IsBareWord(std::string_view value) {
  const auto is_plain = [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x80 && (std::isalnum(byte) != 0 ||
                           std::string_view("._-/@:+").find(c) != std::string_view::npos);
  };
  return !value.starts_with('-') && std::all_of(value.begin(), value.end(), is_plain);
}

std::optional<std::string> ProblemForShell(std::string_view name, std::string_view value) {
  constexpr std::string_view kBegin = "goes into the command that gets a Kerberos ticket; ";
  if (name == kKeytab && std::any_of(value.begin(), value.end(), EndsQuotes)) {
    return std::string(kBegin) + "rename the file to one without \" $ ` \\ or control characters";
  }
  if (std::find(std::begin(kInCommand), std::end(kInCommand), name) == std::end(kInCommand) ||
      IsBareWord(value)) {
    return std::nullopt;
  }
  return std::string(kBegin) + "use letters, digits and . _ / @ : + -, and no - at the beginning";
}

std::string Lower(std::string text) {
  const auto lower = [](unsigned char c) { return static_cast<char>(std::tolower(c)); };
  std::transform(text.begin(), text.end(), text.begin(), lower);
  return text;
}

// What librdkafka takes if it is not told is PLAINTEXT.
bool IsWithoutSasl(const Cluster& cluster) {
  if (cluster.property_files.contains("security.protocol")) return false;  // read later
  const auto found = cluster.properties.find("security.protocol");
  if (found == cluster.properties.end()) return true;
  const std::string protocol = Lower(found->second);
  return protocol == "plaintext" || protocol == "ssl";
}

}  // namespace

std::optional<std::string> ProblemWithProperty(std::string_view name) {
  const auto refused = std::find_if(std::begin(kRefused), std::end(kRefused),
                                    [name](const Refused& r) { return r.name == name; });
  if (refused == std::end(kRefused)) return std::nullopt;
  return "cannot be set: " + std::string(refused->why);
}

std::optional<std::string> ProblemWithPropertyValue(std::string_view name, std::string_view value) {
  if (value.find('\0') != std::string_view::npos) {
    return "holds a NUL byte, after which librdkafka would not read; remove it";
  }
  if (name == "group.id" && value.empty()) {
    return "must not be empty, because librdkafka crashes without a group; remove it";
  }
  if (name == "ssl.providers" && value.find('/') != std::string_view::npos) {
    return "must be names of installed providers, such as default,legacy, because backlogd loads "
           "no code that a configuration names; name no file";
  }
  if (auto problem = ProblemForShell(name, value)) return problem;
  if (name != "debug") return std::nullopt;
  const std::string_view context = FindLeakingContext(value);
  if (context.empty()) return std::nullopt;
  return "must not have the context \"" + std::string(context) +
         "\", which can write secrets into the log; use others, such as broker,topic,metadata";
}

std::optional<std::string> ProblemAmongProperties(const Cluster& cluster, std::string_view name) {
  const bool is_mechanism =
      std::find(std::begin(kMechanisms), std::end(kMechanisms), name) != std::end(kMechanisms);
  if (!is_mechanism || !IsWithoutSasl(cluster)) return std::nullopt;
  return "is not used, because security.protocol is not for SASL; set that to SASL_SSL (or "
         "SASL_PLAINTEXT), or remove this one";
}

bool IsSecret(const Cluster& cluster, const std::string& property) {
  if (cluster.property_files.contains(property)) return true;
  const auto found = cluster.properties.find(property);
  return IsSecret(property, found == cluster.properties.end() ? std::string_view() : found->second);
}

bool IsSecret(std::string_view name, std::string_view value) {
  // A key that was put where the name of its file belongs.
  if (value.find("PRIVATE KEY") != std::string_view::npos) return true;
  return !IsShownName(name);
}

}  // namespace backlogd::config
