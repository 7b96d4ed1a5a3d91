#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"

namespace backlogd::config {

// A compiled NameSelection. Copies share the patterns. Thread-safe.
class NameFilter {
 public:
  // REQUIRES: the patterns are valid RE2 (Load() has checked them)
  explicit NameFilter(const NameSelection& selection);

  bool Matches(std::string_view name) const;

 private:
  struct Patterns;
  std::shared_ptr<const Patterns> patterns_;
};

// Which of the topics a cluster has are watched.
class TopicFilter {
 public:
  explicit TopicFilter(const TopicSelection& selection);

  bool Matches(std::string_view topic) const;

 private:
  NameFilter names_;
  bool internal_;
};

// True for the topics that Kafka keeps for itself, for example __consumer_offsets.
bool IsInternalTopic(std::string_view topic);

// Compiled detail rules. Thread-safe.
class DetailPolicy {
 public:
  // REQUIRES: the patterns are valid RE2
  explicit DetailPolicy(const Metrics& metrics);

  // Detail of what concerns this group's reading of this topic.
  Detail For(std::string_view group, std::string_view topic) const;
  // Detail of what concerns the topic alone.
  Detail ForTopic(std::string_view topic) const;
  // True if every answer is the same: callers can ask once.
  bool uniform() const;

 private:
  struct Rule;
  Detail fallback_;
  std::shared_ptr<const std::vector<Rule>> rules_;
};

// Compiled isolation rules. Copies share the patterns. Thread-safe.
class IsolationPolicy {
 public:
  // REQUIRES: the patterns are valid RE2
  explicit IsolationPolicy(const Analysis& analysis);

  // Whether the lag of this group is measured to the last stable offset.
  bool ReadsCommitted(std::string_view group) const;

 private:
  struct Rule;
  Isolation fallback_;
  std::shared_ptr<const std::vector<Rule>> rules_;
};

// Compiled capacity hints. Copies share the patterns. Thread-safe.
class CapacityHints {
 public:
  // REQUIRES: the patterns are valid RE2
  explicit CapacityHints(const Analysis& analysis);

  // Records per second of one member of this group, as the operator measured it; absent if no rule
  // matches.
  std::optional<double> For(std::string_view group) const;

 private:
  struct Rule;
  std::shared_ptr<const std::vector<Rule>> rules_;
};

}  // namespace backlogd::config
