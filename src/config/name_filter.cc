#include "config/name_filter.h"

#include <algorithm>
#include <array>
#include <utility>

#include "config/pattern.h"

namespace backlogd::config {
namespace {

using PatternList = std::vector<std::unique_ptr<const RE2>>;

PatternList Compile(const std::vector<std::string>& patterns) {
  PatternList compiled;
  compiled.reserve(patterns.size());
  for (const std::string& pattern : patterns) compiled.push_back(CompilePattern(pattern));
  return compiled;
}

bool MatchesAny(const PatternList& patterns, std::string_view name) {
  return std::any_of(patterns.begin(), patterns.end(),
                     [name](const auto& pattern) { return MatchesWhole(*pattern, name); });
}

// What Apache Kafka creates for itself. Names that merely begin with "__" belong to users.
constexpr std::array<std::string_view, 5> kInternalTopics = {
    "__consumer_offsets", "__transaction_state", "__share_group_state", "__cluster_metadata",
    "__remote_log_metadata"};

}  // namespace

// One RE2 a pattern, not an RE2::Set: a set that runs out of memory for a name says "no match",
// where a single RE2 goes on with a slower method.
struct NameFilter::Patterns {
  PatternList include;
  PatternList exclude;
};

NameFilter::NameFilter(const NameSelection& selection)
    : patterns_(std::make_shared<const Patterns>(
          Patterns{Compile(selection.include), Compile(selection.exclude)})) {}

bool NameFilter::Matches(std::string_view name) const {
  return MatchesAny(patterns_->include, name) && !MatchesAny(patterns_->exclude, name);
}

TopicFilter::TopicFilter(const TopicSelection& selection)
    : names_(selection), internal_(selection.internal) {}

bool TopicFilter::Matches(std::string_view topic) const {
  return (internal_ || !IsInternalTopic(topic)) && names_.Matches(topic);
}

bool IsInternalTopic(std::string_view topic) {
  return std::find(kInternalTopics.begin(), kInternalTopics.end(), topic) != kInternalTopics.end();
}

struct DetailPolicy::Rule {
  bool every_group;  // `groups` is ".*": the rule decides about topics alone too
  std::unique_ptr<const RE2> groups;
  std::unique_ptr<const RE2> topics;
  Detail detail;
};

DetailPolicy::DetailPolicy(const Metrics& metrics) : fallback_(metrics.detail) {
  std::vector<Rule> rules;
  rules.reserve(metrics.detail_rules.size());
  for (const DetailRule& rule : metrics.detail_rules) {
    rules.push_back({rule.groups == ".*", CompilePattern(rule.groups), CompilePattern(rule.topics),
                     rule.detail});
  }
  rules_ = std::make_shared<const std::vector<Rule>>(std::move(rules));
}

Detail DetailPolicy::For(std::string_view group, std::string_view topic) const {
  for (const Rule& rule : *rules_) {
    if (MatchesWhole(*rule.groups, group) && MatchesWhole(*rule.topics, topic)) return rule.detail;
  }
  return fallback_;
}

Detail DetailPolicy::ForTopic(std::string_view topic) const {
  for (const Rule& rule : *rules_) {
    if (rule.every_group && MatchesWhole(*rule.topics, topic)) return rule.detail;
  }
  return fallback_;
}

bool DetailPolicy::uniform() const {
  return std::all_of(rules_->begin(), rules_->end(),
                     [this](const Rule& rule) { return rule.detail == fallback_; });
}

struct IsolationPolicy::Rule {
  std::unique_ptr<const RE2> groups;
  Isolation isolation;
};

IsolationPolicy::IsolationPolicy(const Analysis& analysis) : fallback_(analysis.isolation) {
  std::vector<Rule> rules;
  rules.reserve(analysis.isolation_rules.size());
  for (const IsolationRule& rule : analysis.isolation_rules) {
    rules.push_back({CompilePattern(rule.groups), rule.isolation});
  }
  rules_ = std::make_shared<const std::vector<Rule>>(std::move(rules));
}

bool IsolationPolicy::ReadsCommitted(std::string_view group) const {
  const auto rule = std::find_if(rules_->begin(), rules_->end(), [group](const Rule& candidate) {
    return MatchesWhole(*candidate.groups, group);
  });
  return (rule == rules_->end() ? fallback_ : rule->isolation) == Isolation::kReadCommitted;
}

struct CapacityHints::Rule {
  std::unique_ptr<const RE2> groups;
  double records_per_second;
};

CapacityHints::CapacityHints(const Analysis& analysis) {
  std::vector<Rule> rules;
  rules.reserve(analysis.capacity_hints.size());
  for (const CapacityHint& hint : analysis.capacity_hints) {
    rules.push_back({CompilePattern(hint.groups), hint.member_records_per_second});
  }
  rules_ = std::make_shared<const std::vector<Rule>>(std::move(rules));
}

std::optional<double> CapacityHints::For(std::string_view group) const {
  for (const Rule& rule : *rules_) {
    if (MatchesWhole(*rule.groups, group)) return rule.records_per_second;
  }
  return std::nullopt;
}

}  // namespace backlogd::config
