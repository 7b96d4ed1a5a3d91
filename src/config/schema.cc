#include "config/schema.h"

#include <array>

#include "config/complaint.h"

namespace backlogd::config {
namespace {

// In the order of the enumerators.
constexpr std::array<std::string_view, 4> kDetails = {"group", "topic", "partition", "full"};
constexpr std::array<std::string_view, 2> kIsolations = {"read_uncommitted", "read_committed"};
constexpr std::array<std::string_view, 6> kDeathReasons = {
    "retries_exhausted", "format", "business", "timeout", "permission", "unknown"};
constexpr std::array<std::string_view, 4> kLogLevels = {"debug", "info", "warn", "error"};
constexpr std::array<std::string_view, 2> kLogFormats = {"logfmt", "json"};

template <typename Item>
void VisitList(Visitor& visitor, std::string_view key, std::vector<Item>& items,
               void (*visit)(Visitor&, Item&)) {
  items.resize(visitor.BeginList(key, items.size()));
  for (std::size_t i = 0; i < items.size(); ++i) {
    visitor.BeginItem(i);
    visit(visitor, items[i]);
    visitor.EndItem();
  }
  visitor.EndList();
}

void VisitNames(Visitor& visitor, NameSelection& names) {
  visitor.Texts("include", names.include);
  visitor.Texts("exclude", names.exclude);
}

void VisitCluster(Visitor& visitor, Cluster& cluster) {
  visitor.Text("name", cluster.name);
  VisitConnection(visitor, cluster);
  visitor.BeginMap("topics");
  VisitNames(visitor, cluster.topics);
  visitor.Flag("internal", cluster.topics.internal);
  visitor.EndMap();
  visitor.BeginMap("groups");
  VisitNames(visitor, cluster.groups);
  visitor.EndMap();
}

void VisitPoll(Visitor& visitor, Poll& poll) {
  visitor.Duration("interval", poll.interval);
  visitor.Duration("timeout", poll.timeout);
}

void VisitDetailRule(Visitor& visitor, DetailRule& rule) {
  visitor.Text("groups", rule.groups);
  visitor.Text("topics", rule.topics);
  VisitChoice(visitor, "detail", kDetails, rule.detail);
}

void VisitMetrics(Visitor& visitor, Metrics& metrics) {
  VisitChoice(visitor, "detail", kDetails, metrics.detail);
  VisitList(visitor, "detail_rules", metrics.detail_rules, VisitDetailRule);
  visitor.Number("series_budget", metrics.series_budget);
}

void VisitIsolationRule(Visitor& visitor, IsolationRule& rule) {
  visitor.Text("groups", rule.groups);
  VisitChoice(visitor, "isolation", kIsolations, rule.isolation);
}

void VisitCapacityHint(Visitor& visitor, CapacityHint& hint) {
  visitor.Text("groups", hint.groups);
  visitor.Real("member_records_per_second", hint.member_records_per_second);
}

void VisitAnalysis(Visitor& visitor, Analysis& analysis) {
  visitor.Duration("window", analysis.window);
  visitor.Duration("drain_time", analysis.drain_time);
  VisitChoice(visitor, "isolation", kIsolations, analysis.isolation);
  VisitList(visitor, "isolation_rules", analysis.isolation_rules, VisitIsolationRule);
  VisitList(visitor, "capacity_hints", analysis.capacity_hints, VisitCapacityHint);
}

void VisitQueue(Visitor& visitor, DeadLetterQueue& queue) {
  visitor.Text("topic", queue.topic);
  visitor.Text("source_topic", queue.source_topic);
  visitor.Text("group", queue.group);
  visitor.Text("handling_group", queue.handling_group);
}

void VisitDeathRule(Visitor& visitor, DeathRule& rule) {
  visitor.Text("exception_class", rule.exception_class);
  visitor.Text("message", rule.message);
  VisitChoice(visitor, "reason", kDeathReasons, rule.reason);
}

void VisitDeadLetters(Visitor& visitor, DeadLetters& dead_letters) {
  visitor.Flag("by_name", dead_letters.by_name);
  visitor.Flag("masstransit", dead_letters.masstransit);
  visitor.Texts("exclude", dead_letters.exclude);
  VisitList(visitor, "queues", dead_letters.queues, VisitQueue);
  visitor.Flag("scan", dead_letters.scan);
  visitor.Number("scan_records", dead_letters.scan_records);
  visitor.ByteSize("scan_bytes", dead_letters.scan_bytes);
  VisitList(visitor, "reasons", dead_letters.reasons, VisitDeathRule);
}

void VisitWeb(Visitor& visitor, Web& web) {
  visitor.Texts("listen_addresses", web.listen_addresses);
  visitor.Text("telemetry_path", web.telemetry_path);
}

void VisitLog(Visitor& visitor, Logging& log) {
  VisitChoice(visitor, "level", kLogLevels, log.level);
  VisitChoice(visitor, "format", kLogFormats, log.format);
}

class KeyLister : public Visitor {
 public:
  std::vector<std::string> TakeKeys() { return std::move(keys_); }

  void Text(std::string_view key, std::string&) override { Note(key); }
  void Texts(std::string_view key, std::vector<std::string>&) override { Note(key); }
  void TextMap(std::string_view key, std::map<std::string, std::string>&) override { Note(key); }
  void Flag(std::string_view key, bool&) override { Note(key); }
  void Number(std::string_view key, std::int64_t&) override { Note(key); }
  void Real(std::string_view key, double&) override { Note(key); }
  void ByteSize(std::string_view key, std::int64_t&) override { Note(key); }
  void Duration(std::string_view key, std::chrono::milliseconds&) override { Note(key); }
  void Choice(std::string_view key, std::span<const std::string_view>, std::size_t&) override {
    Note(key);
  }
  void BeginMap(std::string_view key) override { parents_.push_back(Note(key)); }
  void EndMap() override { parents_.pop_back(); }
  std::size_t BeginList(std::string_view key, std::size_t) override {
    parents_.push_back(Note(key) + "[]");
    return 1;
  }
  void BeginItem(std::size_t) override {}
  void EndItem() override {}
  void EndList() override { parents_.pop_back(); }

 private:
  std::string Note(std::string_view key) {
    return keys_.emplace_back(Join(parents_.empty() ? "" : parents_.back(), key));
  }

  std::vector<std::string> keys_;
  std::vector<std::string> parents_;
};

}  // namespace

void VisitConnection(Visitor& visitor, Cluster& cluster) {
  visitor.Text("bootstrap_servers", cluster.bootstrap_servers);
  visitor.TextMap("properties", cluster.properties);
  visitor.TextMap("property_files", cluster.property_files);
}

std::vector<std::string> ListKeys(const std::function<void(Visitor&)>& visit) {
  KeyLister lister;
  visit(lister);
  return lister.TakeKeys();
}

void Visit(Visitor& visitor, Config& config) {
  VisitList(visitor, "clusters", config.clusters, VisitCluster);
  VisitSection(visitor, "poll", config.poll, VisitPoll);
  VisitSection(visitor, "analysis", config.analysis, VisitAnalysis);
  VisitSection(visitor, "metrics", config.metrics, VisitMetrics);
  visitor.Texts("compatibility", config.compatibility);
  VisitSection(visitor, "dead_letters", config.dead_letters, VisitDeadLetters);
  VisitSection(visitor, "web", config.web, VisitWeb);
  VisitSection(visitor, "log", config.log, VisitLog);
}

std::vector<std::string> KnownKeys() {
  Config config;
  return ListKeys([&config](Visitor& visitor) { Visit(visitor, config); });
}

}  // namespace backlogd::config
