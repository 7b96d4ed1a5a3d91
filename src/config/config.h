#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.h"

// What the operator wants. config/backlogd.yaml shows every key with its default and its reason;
// a test holds that file against the defaults here.
namespace backlogd::config {

using std::chrono_literals::operator""s;

// Names to watch: RE2 patterns, each matched against the whole name. A name is watched if an
// `include` pattern matches it and no `exclude` pattern does.
struct NameSelection {
  std::vector<std::string> include = {".*"};
  std::vector<std::string> exclude;
  friend bool operator==(const NameSelection&, const NameSelection&) = default;
};

struct TopicSelection : NameSelection {
  bool internal = false;  // watch Kafka's own topics (__consumer_offsets, ...) too
  friend bool operator==(const TopicSelection&, const TopicSelection&) = default;
};

// How many series a group or topic gets: each level has the series of those before it.
enum class Detail { kGroup, kTopic, kPartition, kFull };

// What matches both patterns gets this detail. A topic's own partition series follow the first rule
// whose `groups` is ".*". Rules are tried in order; the first that matches decides.
struct DetailRule {
  std::string groups = ".*";
  std::string topics = ".*";
  Detail detail = Detail::kPartition;
  friend bool operator==(const DetailRule&, const DetailRule&) = default;
};

struct Cluster {
  std::string name = "default";  // value of the label kafka_cluster
  std::string bootstrap_servers = "localhost:9092";
  std::map<std::string, std::string> properties;      // librdkafka's, passed through
  std::map<std::string, std::string> property_files;  // property -> file that holds its value
  TopicSelection topics;
  NameSelection groups;
  std::string folder;  // that the paths in property_files are relative to; set when they are read
  friend bool operator==(const Cluster&, const Cluster&) = default;
};

struct Poll {
  std::chrono::milliseconds interval = 15s;  // 1s .. 1h
  std::chrono::milliseconds timeout = 10s;   // of one poll; 100ms .. interval; shrinks with it
  friend bool operator==(const Poll&, const Poll&) = default;
};

struct Metrics {
  Detail detail = Detail::kPartition;
  std::vector<DetailRule> detail_rules;
  // Most series that a cluster may have; over it, detail is left out. 0: no limit; .. 1e9
  std::int64_t series_budget = 1'000'000;
  friend bool operator==(const Metrics&, const Metrics&) = default;
};

// Which records count as unread: all, or only those of ended transactions (what a consumer with
// isolation.level=read_committed can read).
enum class Isolation { kReadUncommitted, kReadCommitted };

// Rules are tried in order; the first whose pattern matches the group decides.
struct IsolationRule {
  std::string groups = ".*";
  Isolation isolation = Isolation::kReadCommitted;
  friend bool operator==(const IsolationRule&, const IsolationRule&) = default;
};

// What one member of a group can read, as measured before: where it was not observed yet. Rules are
// tried in order; the first whose pattern matches the group decides.
struct CapacityHint {
  std::string groups = ".*";
  double member_records_per_second = 0;  // > 0 .. 1e9
  friend bool operator==(const CapacityHint&, const CapacityHint&) = default;
};

struct Analysis {
  // What a status and a rate look back on; 5s .. 24h, and never less than eight polls.
  std::chrono::milliseconds window = 300s;
  std::chrono::milliseconds drain_time = 1800s;  // for group_members_needed; 1s .. 30 days
  Isolation isolation = Isolation::kReadUncommitted;
  std::vector<IsolationRule> isolation_rules;
  std::vector<CapacityHint> capacity_hints;
  friend bool operator==(const Analysis&, const Analysis&) = default;
};

// A dead-letter queue that no name tells, or whose origin no name tells.
struct DeadLetterQueue {
  std::string topic;         // RE2, matched against the whole name
  std::string source_topic;  // \1 to \9: what the pattern's groups captured
  std::string group;
  std::string handling_group;  // whose commits say what is handled, instead of any group's
  friend bool operator==(const DeadLetterQueue&, const DeadLetterQueue&) = default;
};

// In the order of deadletters::Reason.
enum class DeathReason {
  kRetriesExhausted,
  kFormat,
  kBusiness,
  kTimeout,
  kPermission,
  kUnknown,
};

// A record has this reason if the patterns that are not empty are found: RE2, anywhere in the class
// of an exception, anywhere in a message. Rules are tried in order; the first that fits decides.
struct DeathRule {
  std::string exception_class;
  std::string message;
  DeathReason reason = DeathReason::kUnknown;
  friend bool operator==(const DeathRule&, const DeathRule&) = default;
};

struct DeadLetters {
  bool by_name = true;               // find queues by the names that frameworks give them
  bool masstransit = false;          // the endings _error and _skipped too
  std::vector<std::string> exclude;  // RE2, matched against the whole name: none of these is one
  std::vector<DeadLetterQueue> queues;
  bool scan = false;  // read new dead letters, to count their reasons
  // How much of them is read in one poll of a cluster.
  std::int64_t scan_records = 10'000;                // 1 .. 1,000,000
  std::int64_t scan_bytes = std::int64_t{16} << 20;  // 1 MiB .. 1 GiB
  std::vector<DeathRule> reasons;
  friend bool operator==(const DeadLetters&, const DeadLetters&) = default;
};

struct Web {
  std::vector<std::string> listen_addresses = {":12092"};  // "host:port", "[v6]:port", ":port"
  std::string telemetry_path = "/metrics";
  friend bool operator==(const Web&, const Web&) = default;
};

enum class LogFormat { kLogfmt, kJson };

struct Logging {
  LogLevel level = LogLevel::kInfo;
  LogFormat format = LogFormat::kLogfmt;
  friend bool operator==(const Logging&, const Logging&) = default;
};

// Other exporters, under whose names metrics can be served beside our own; values of
// `compatibility`.
inline constexpr std::array<std::string_view, 4> kPeers = {"kafka_exporter", "kminion",
                                                           "kafka_lag_exporter", "burrow"};

struct Config {
  std::vector<Cluster> clusters = {Cluster{}};
  Poll poll;
  Analysis analysis;
  Metrics metrics;
  std::vector<std::string> compatibility;  // of kPeers, each at most once
  DeadLetters dead_letters;
  Web web;
  Logging log;
  friend bool operator==(const Config&, const Config&) = default;
};

// The configuration cannot be used. what() is one line for the operator:
// "backlogd.yaml:12:3: poll.interval: must be between 1s and 1h, got 0s".
class ConfigError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
  // For an error whose place in a file is not known (yet): what() is "key: problem".
  ConfigError(const std::string& key, const std::string& problem)
      : std::runtime_error(key + ": " + problem), key_(key), problem_(problem) {}

  // Empty if the error was made of one text.
  const std::string& key() const { return key_; }
  const std::string& problem() const { return problem_; }

 private:
  std::string key_;
  std::string problem_;
};

}  // namespace backlogd::config
