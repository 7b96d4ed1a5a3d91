#include "config/check.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <utility>

#include "base/text.h"
#include "config/complaint.h"
#include "config/pattern.h"
#include "config/properties.h"

namespace backlogd::config {
namespace {

using std::chrono::milliseconds;
using std::chrono_literals::operator""h;
using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

constexpr std::int64_t kMaxSeriesBudget = 1'000'000'000;
constexpr std::int64_t kMaxScanRecords = 1'000'000;
constexpr std::int64_t kMinScanBytes = 1 << 20;
constexpr std::int64_t kMaxScanBytes = 1 << 30;

// Served by the daemon itself, as is all below kTakenFolders.
constexpr std::string_view kTakenPaths[] = {"/",           "/group",     "/topics", "/dead-letters",
                                            "/daemon",     "/style.css", "/ready",  "/readyz",
                                            "/refresh.js", "/healthz",   "/livez"};
constexpr std::string_view kTakenFolders[] = {"/-/", "/api/", "/burrow/"};

[[noreturn]] void Refuse(std::string key, std::string what) {
  throw Complaint{std::nullopt, std::move(key), std::move(what)};
}

bool IsPrintable(char c) { return c > ' ' && c != '\x7F'; }

bool IsLetterOrDigit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool IsPort(std::string_view text, std::uint16_t lowest) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc() && end == text.data() + text.size() && port >= lowest;
}

std::unique_ptr<const RE2> CheckPattern(const std::string& pattern, std::string key,
                                        Captures captures = Captures::kIgnored) {
  auto compiled = CompilePattern(pattern, captures);
  if (compiled->ok()) return compiled;
  Refuse(std::move(key), "not a pattern that RE2 knows: " + ToLine(compiled->error()) + "; got " +
                             Quote(pattern) + ", see github.com/google/re2/wiki/Syntax");
}

void CheckPatterns(const std::vector<std::string>& patterns, const std::string& key) {
  for (std::size_t i = 0; i < patterns.size(); ++i) CheckPattern(patterns[i], Join(key, i));
}

void CheckNames(const NameSelection& names, const std::string& key) {
  CheckPatterns(names.include, Join(key, "include"));
  CheckPatterns(names.exclude, Join(key, "exclude"));
}

// [protocol://]host[:port]; what else is wrong with a host is found out by asking for it.
bool IsBroker(std::string_view broker) {
  if (const std::size_t scheme = broker.find("://"); scheme != std::string_view::npos) {
    broker.remove_prefix(scheme + 3);
  }
  if (broker.empty() || !std::all_of(broker.begin(), broker.end(), IsPrintable)) return false;
  const std::size_t host_end = broker.starts_with('[') ? broker.find(']') : broker.find(':');
  if (host_end == 0) return false;
  const std::size_t colon = broker.find(':', std::min(host_end, broker.size()));
  return colon == std::string_view::npos || IsPort(broker.substr(colon + 1), 1);
}

// Does not quote the value: somebody may have put a password into it.
void CheckBootstrapServers(std::string_view servers, std::string key) {
  std::size_t begin = 0;
  while (begin <= servers.size()) {
    const std::size_t end = std::min(servers.find(',', begin), servers.size());
    std::string_view broker = servers.substr(begin, end - begin);
    broker.remove_prefix(std::min(broker.size(), broker.find_first_not_of(' ')));
    broker = broker.substr(0, broker.find_last_not_of(' ') + 1);
    if (!IsBroker(broker)) {
      Refuse(std::move(key), "must be host:port or several of them with commas between");
    }
    begin = end + 1;
  }
}

void CheckProperties(const Cluster& cluster, const std::string& key) {
  for (const auto& [name, value] : cluster.properties) {
    const std::string property = Join(Join(key, "properties"), name);
    if (const auto problem = ProblemWithProperty(name)) Refuse(property, *problem);
    if (const auto problem = ProblemWithPropertyValue(name, value)) Refuse(property, *problem);
    if (const auto problem = ProblemAmongProperties(cluster, name)) Refuse(property, *problem);
  }
}

void CheckPropertyFiles(const Cluster& cluster, const std::string& key) {
  for (const auto& [name, file] : cluster.property_files) {
    const std::string property = Join(Join(key, "property_files"), name);
    if (const auto problem = ProblemWithProperty(name)) Refuse(property, *problem);
    if (const auto problem = ProblemAmongProperties(cluster, name)) Refuse(property, *problem);
    if (file.empty()) Refuse(property, "must be the name of a file; remove it or name one");
  }
}

void CheckCluster(const Cluster& cluster, const std::string& key) {
  if (cluster.name.empty()) {
    Refuse(Join(key, "name"), "must not be empty; it is the value of the label kafka_cluster");
  }
  if (!IsValidUtf8(cluster.name)) Refuse(Join(key, "name"), "must be UTF-8 text");
  CheckConnection(cluster, key);
  CheckNames(cluster.topics, Join(key, "topics"));
  CheckNames(cluster.groups, Join(key, "groups"));
}

void CheckClusters(const std::vector<Cluster>& clusters) {
  if (clusters.empty()) Refuse("clusters", "must have at least one cluster; add or remove it");
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < clusters.size(); ++i) {
    const std::string key = Join("clusters", i);
    CheckCluster(clusters[i], key);
    if (!names.insert(clusters[i].name).second) {
      Refuse(Join(key, "name"), "another cluster is called " + Quote(clusters[i].name) +
                                    " too; give each a name of its own");
    }
  }
}

void CheckPoll(const Poll& poll) {
  if (poll.interval < 1s || poll.interval > 1h) {
    Refuse("poll.interval", "must be between 1s and 1h, got " + FormatDuration(poll.interval));
  }
  if (poll.timeout < 100ms || poll.timeout > poll.interval) {
    Refuse("poll.timeout", "must be between 100ms and poll.interval (" +
                               FormatDuration(poll.interval) + "), got " +
                               FormatDuration(poll.timeout));
  }
}

void CheckCapacityHint(const CapacityHint& hint, const std::string& key) {
  CheckPattern(hint.groups, Join(key, "groups"));
  if (hint.member_records_per_second > 0 && hint.member_records_per_second <= 1e9) return;
  Refuse(Join(key, "member_records_per_second"),
         "must be above 0, and 1000000000 at most: what backlogd-sim capacity has measured");
}

void CheckAnalysis(const Analysis& analysis) {
  if (analysis.window < 5s || analysis.window > 24h) {
    Refuse("analysis.window", "must be between 5s and 1d, got " + FormatDuration(analysis.window));
  }
  if (analysis.drain_time < 1s || analysis.drain_time > 720h) {
    Refuse("analysis.drain_time",
           "must be between 1s and 30d, got " + FormatDuration(analysis.drain_time));
  }
  for (std::size_t i = 0; i < analysis.isolation_rules.size(); ++i) {
    const std::string key = Join("analysis.isolation_rules", i);
    CheckPattern(analysis.isolation_rules[i].groups, Join(key, "groups"));
  }
  for (std::size_t i = 0; i < analysis.capacity_hints.size(); ++i) {
    CheckCapacityHint(analysis.capacity_hints[i], Join("analysis.capacity_hints", i));
  }
}

void CheckMetrics(const Metrics& metrics) {
  for (std::size_t i = 0; i < metrics.detail_rules.size(); ++i) {
    const std::string key = Join("metrics.detail_rules", i);
    CheckPattern(metrics.detail_rules[i].groups, Join(key, "groups"));
    CheckPattern(metrics.detail_rules[i].topics, Join(key, "topics"));
  }
  if (metrics.series_budget < 0 || metrics.series_budget > kMaxSeriesBudget) {
    Refuse("metrics.series_budget", "must be between 0 (no limit) and 1000000000, got " +
                                        std::to_string(metrics.series_budget));
  }
}

void CheckCompatibility(const std::vector<std::string>& peers) {
  for (std::size_t i = 0; i < peers.size(); ++i) {
    const std::string key = Join("compatibility", i);
    if (std::ranges::find(kPeers, peers[i]) == kPeers.end()) {
      Refuse(key, "must be one of kafka_exporter, kminion, kafka_lag_exporter, burrow; got " +
                      Quote(peers[i]));
    }
    if (std::ranges::count(peers, peers[i]) > 1) {
      Refuse(key, Quote(peers[i]) + " is there twice; name each exporter once");
    }
  }
}

// `text` stands for itself, but for \1 to \9: what the pattern captured.
void CheckCaptures(std::string_view text, int captures, std::string key) {
  for (std::size_t at = text.find('\\'); at < text.size(); at = text.find('\\', at + 2)) {
    const char named = at + 1 < text.size() ? text[at + 1] : '\0';
    if (named == '\\') continue;
    if (named < '1' || named > '9') {
      Refuse(std::move(key),
             "after a backslash stands 1 to 9, for what the topic's pattern "
             "captures, or another backslash; got " +
                 Quote(text));
    }
    if (named - '0' > captures) {
      Refuse(std::move(key),
             std::string("\\") + named +
                 " asks for a capture that the topic's pattern does not have; it has " +
                 std::to_string(captures));
    }
  }
}

void CheckQueue(const DeadLetterQueue& queue, const std::string& key) {
  if (queue.topic.empty()) {
    Refuse(Join(key, "topic"), "must not be empty; name a topic, or write a pattern for several");
  }
  const auto pattern = CheckPattern(queue.topic, Join(key, "topic"), Captures::kKept);
  const int captures = pattern->NumberOfCapturingGroups();
  CheckCaptures(queue.source_topic, captures, Join(key, "source_topic"));
  CheckCaptures(queue.group, captures, Join(key, "group"));
  CheckCaptures(queue.handling_group, captures, Join(key, "handling_group"));
}

void CheckDeathRule(const DeathRule& rule, const std::string& key) {
  if (rule.exception_class.empty() && rule.message.empty()) {
    Refuse(key, "must have exception_class or message; a rule without would fit every record");
  }
  CheckPattern(rule.exception_class, Join(key, "exception_class"));
  CheckPattern(rule.message, Join(key, "message"));
}

void CheckScan(const DeadLetters& dead_letters) {
  if (dead_letters.scan_records < 1 || dead_letters.scan_records > kMaxScanRecords) {
    Refuse("dead_letters.scan_records",
           "must be between 1 and 1000000, got " + std::to_string(dead_letters.scan_records));
  }
  if (dead_letters.scan_bytes < kMinScanBytes || dead_letters.scan_bytes > kMaxScanBytes) {
    Refuse("dead_letters.scan_bytes",
           "must be between 1MiB and 1GiB, got " + FormatByteSize(dead_letters.scan_bytes));
  }
}

void CheckDeadLetters(const DeadLetters& dead_letters) {
  CheckPatterns(dead_letters.exclude, "dead_letters.exclude");
  for (std::size_t i = 0; i < dead_letters.queues.size(); ++i) {
    CheckQueue(dead_letters.queues[i], Join("dead_letters.queues", i));
  }
  CheckScan(dead_letters);
  for (std::size_t i = 0; i < dead_letters.reasons.size(); ++i) {
    CheckDeathRule(dead_letters.reasons[i], Join("dead_letters.reasons", i));
  }
}

bool IsListenHost(std::string_view host) {
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
    return host.find(':') != std::string_view::npos &&
           std::all_of(host.begin(), host.end(), [](char c) {
             return IsLetterOrDigit(c) || c == ':' || c == '.' || c == '%';
           });
  }
  return std::all_of(host.begin(), host.end(),
                     [](char c) { return IsLetterOrDigit(c) || c == '-' || c == '.' || c == '_'; });
}

void CheckTelemetryPath(const std::string& path) {
  const bool is_path =
      path.starts_with('/') && std::all_of(path.begin(), path.end(), [](char c) {
        return IsLetterOrDigit(c) || c == '/' || c == '-' || c == '.' || c == '_' || c == '~';
      });
  if (!is_path) {
    Refuse("web.telemetry_path",
           "must begin with / and hold only letters, digits and /-._~; got " + Quote(path));
  }
  const auto holds_path = [&](std::string_view folder) { return path.starts_with(folder); };
  if (std::ranges::find(kTakenPaths, path) != std::end(kTakenPaths) ||
      std::ranges::any_of(kTakenFolders, holds_path)) {
    Refuse("web.telemetry_path",
           Quote(path) + " is another page of backlogd; choose another, such as /metrics");
  }
}

void CheckWeb(const Web& web) {
  if (web.listen_addresses.empty()) {
    Refuse("web.listen_addresses", "must have at least one address, such as \":12092\"");
  }
  for (std::size_t i = 0; i < web.listen_addresses.size(); ++i) {
    CheckListenAddress(web.listen_addresses[i], Join("web.listen_addresses", i));
  }
  CheckTelemetryPath(web.telemetry_path);
}

}  // namespace

void CheckConnection(const Cluster& cluster, const std::string& key) {
  CheckBootstrapServers(cluster.bootstrap_servers, Join(key, "bootstrap_servers"));
  CheckProperties(cluster, key);
  CheckPropertyFiles(cluster, key);
}

void CheckListenAddress(std::string_view address, std::string key) {
  const std::size_t colon = address.rfind(':');
  if (colon != std::string_view::npos && IsListenHost(address.substr(0, colon)) &&
      IsPort(address.substr(colon + 1), 0)) {
    return;
  }
  Refuse(
      std::move(key),
      "must be host:port, [IPv6 address]:port, or :port for all addresses; got " + Quote(address));
}

void CheckValues(const Config& config) {
  CheckClusters(config.clusters);
  CheckPoll(config.poll);
  CheckAnalysis(config.analysis);
  CheckMetrics(config.metrics);
  CheckCompatibility(config.compatibility);
  CheckDeadLetters(config.dead_letters);
  CheckWeb(config.web);
}

}  // namespace backlogd::config
