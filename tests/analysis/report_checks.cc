#include "analysis/report_checks.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <optional>
#include <span>

#include "analysis/unknown.h"

namespace backlogd::analysis {
namespace {

// A sum or the worst of parts: known if there are parts and all are known.
class Parts {
 public:
  void Add(std::int64_t part) {
    known_ = known_ && part != kUnknown;
    any_ = true;
    sum_ += part;
    most_ = std::max(most_, part);
  }
  std::int64_t sum() const { return known_ && any_ ? sum_ : kUnknown; }
  std::int64_t most() const { return known_ && any_ ? most_ : kUnknown; }

 private:
  bool known_ = true;
  bool any_ = false;
  std::int64_t sum_ = 0;
  std::int64_t most_ = kUnknown;
};

bool IsWrongRate(const std::optional<double>& rate) {
  return rate && !(std::isfinite(*rate) && *rate >= 0);
}

bool IsBacklogThatStays(std::optional<Status> status) {
  return status == Status::kFallingBehind || status == Status::kStalled ||
         status == Status::kStopped || status == Status::kLosingData;
}

class Checker {
 public:
  explicit Checker(const LagReport& report) : report_(report) {}

  std::vector<std::string> Run() {
    for (const TopicReport& topic : report_.topics) CheckTopic(topic);
    for (const GroupReport& group : report_.groups) CheckGroup(group);
    return std::move(wrong_);
  }

 private:
  void Demand(bool holds, std::string_view what) {
    if (!holds) wrong_.push_back(subject_ + ": " + std::string(what));
  }
  void CheckTopic(const TopicReport& topic);
  void CheckGroup(const GroupReport& group);
  void CheckVerdict(const GroupReport& group);
  void CheckTopicOfGroup(const GroupTopicReport& topic);
  void CheckPair(const PairReport& pair);

  const LagReport& report_;
  std::string subject_;
  std::vector<std::string> wrong_;
};

void Checker::CheckTopic(const TopicReport& topic) {
  subject_ = topic.name;
  Parts retained;
  for (const PartitionReport& log :
       std::span(report_.partitions).subspan(topic.first_partition, topic.partition_count)) {
    const bool known = log.start != kUnknown && log.end != kUnknown;
    retained.Add(known ? std::max<std::int64_t>(0, log.end - log.start) : kUnknown);
    Demand(log.start >= kUnknown && log.end >= kUnknown && log.last_stable >= kUnknown, "offset");
  }
  if (topic.partition_count > 0) Demand(topic.retained_records == retained.sum(), "retained");
  Demand(topic.records_produced >= kUnknown, "records_produced");
}

void Checker::CheckPair(const PairReport& pair) {
  Demand(pair.lag >= kUnknown && pair.effective_lag >= kUnknown, "negative lag");
  Demand(pair.lag_ms >= kUnknown, "negative lag_ms");
  Demand(pair.lag != kUnknown || pair.lag_ms == kUnknown, "time lag without lag");
  Demand(pair.lag != 0 || pair.lag_ms == 0, "nothing waits, but is late");
  Demand(pair.effective_lag <= pair.lag, "effective lag is more than the lag");
  Demand(pair.status != Status::kNotCommitting, "not_committing is of groups");
}

void Checker::CheckTopicOfGroup(const GroupTopicReport& topic) {
  Parts lag;
  Parts lag_ms;
  for (const PairReport& pair :
       std::span(report_.pairs).subspan(topic.first_pair, topic.pair_count)) {
    CheckPair(pair);
    lag.Add(pair.lag);
    lag_ms.Add(pair.lag_ms);
  }
  Demand(topic.lag == lag.sum(), "topic's lag is not the sum of its partitions'");
  Demand(topic.lag_ms == lag_ms.most(), "topic's lag_ms is not the worst of its partitions'");
  Demand(topic.uncommitted_partitions >= kUnknown, "uncommitted_partitions");
}

void Checker::CheckGroup(const GroupReport& group) {
  subject_ = group.name;
  Parts lag;
  Parts lag_ms;
  std::int64_t unknown = 0;
  std::optional<Status> worst;
  for (const GroupTopicReport& topic :
       std::span(report_.group_topics).subspan(group.first_topic, group.topic_count)) {
    CheckTopicOfGroup(topic);
    for (const PairReport& pair :
         std::span(report_.pairs).subspan(topic.first_pair, topic.pair_count)) {
      lag.Add(pair.lag);
      lag_ms.Add(pair.lag_ms);
      if (pair.lag == kUnknown) ++unknown;
      if (pair.status) worst = std::max(worst.value_or(Status::kOk), *pair.status);
    }
  }
  Demand(group.lag == lag.sum(), "lag is not the sum of its parts");
  Demand(group.max_lag == lag.most(), "max_lag is not the most of its parts");
  Demand(group.lag_ms == lag_ms.most(), "lag_ms is not the worst of its parts");
  if (group.unknown_partitions != kUnknown) {
    Demand(group.unknown_partitions == unknown, "unknown_partitions");
  }
  // A group's status is judged when all of its partitions are, which may be another poll.
  if (group.status && worst && report_.carried_values == 0) {
    Demand(group.status == Status::kNotCommitting || group.status == worst,
           "status is not the worst of its partitions'");
  }
  CheckVerdict(group);
}

void Checker::CheckVerdict(const GroupReport& group) {
  const bool due = IsBacklogThatStays(group.status);
  // What has no leader cannot be read, whatever else is known.
  Demand(!group.cause || due || (!group.status && group.cause == Cause::kBroker),
         "a cause without a backlog that stays");
  Demand(!due || group.cause, "a backlog that stays without a cause");
  Demand(group.drain_ms >= kUnknown, "negative drain_ms");
  Demand(group.headroom_ms >= kUnknown, "negative headroom_ms");
  for (const auto& rate : {group.inflow, group.inflow_baseline, group.consumption,
                           group.consumption_baseline, group.member_capacity}) {
    Demand(!IsWrongRate(rate), "rate");
  }
}

bool Falls(std::int64_t now, std::int64_t& before) {
  if (now == kUnknown) return false;
  const bool falls = now < before;
  before = now;
  return falls;
}

void Append(std::string& text, std::int64_t number) { text += std::to_string(number) + ' '; }

void Append(std::string& text, const std::optional<double>& number) {
  char digits[40] = "- ";
  if (number) std::snprintf(digits, sizeof digits, "%.17g ", *number);
  text += digits;
}

template <typename T>
void Append(std::string& text, const std::optional<T>& value) {
  text += value ? std::to_string(static_cast<std::int64_t>(*value)) + ' ' : "- ";
}

}  // namespace

std::vector<std::string> FindContradictions(const LagReport& report) {
  return Checker(report).Run();
}

std::vector<std::string> ReportWatch::FindWrong(const LagReport& report) {
  std::vector<std::string> wrong;
  if (!report.has_data) return wrong;
  FindFallen(report, wrong);
  FindIdleMembers(report, wrong);
  return wrong;
}

void ReportWatch::FindFallen(const LagReport& report, std::vector<std::string>& wrong) {
  auto consumed_before = std::exchange(consumed_, {});
  auto produced_before = std::exchange(produced_, {});
  for (const TopicReport& topic : report.topics) {
    std::int64_t& produced = produced_[topic.name] = produced_before[topic.name];
    if (Falls(topic.records_produced, produced)) wrong.push_back(topic.name + ": produced fell");
  }
  for (const GroupReport& group : report.groups) {
    for (const GroupTopicReport& entry :
         std::span(report.group_topics).subspan(group.first_topic, group.topic_count)) {
      const std::pair key(group.name, report.topics[entry.topic].name);
      auto& [consumed, lost] = consumed_[key] = consumed_before[key];
      if (Falls(entry.records_consumed, consumed)) wrong.push_back(key.first + ": consumed fell");
      if (Falls(entry.lost_records, lost)) wrong.push_back(key.first + ": lost fell");
    }
  }
}

void ReportWatch::FindIdleMembers(const LagReport& report, std::vector<std::string>& wrong) {
  for (const GroupReport& group : report.groups) {
    std::int64_t pairs = 0;
    for (const GroupTopicReport& topic :
         std::span(report.group_topics).subspan(group.first_topic, group.topic_count)) {
      pairs += topic.pair_count;
    }
    std::vector<std::int64_t>& partitions = partitions_[group.name];
    partitions.push_back(std::max(pairs, group.assigned_partitions));
    if (partitions.size() > 3) partitions.erase(partitions.begin());
    if (group.members_needed == kUnknown) continue;
    if (group.members_needed < 1) wrong.push_back(group.name + ": members_needed is none");
    if (group.members_needed > std::ranges::max(partitions)) {
      wrong.push_back(group.name + ": members_needed is more than there are partitions");
    }
  }
}

std::string Print(const LagReport& report) {
  std::string text;
  for (const TopicReport& topic : report.topics) {
    text += '\n' + topic.name + ' ';
    for (const std::int64_t number :
         {topic.retained_records, topic.records_produced, topic.groups}) {
      Append(text, number);
    }
  }
  for (const PartitionReport& log : report.partitions) {
    for (const std::int64_t number : {log.start, log.last_stable, log.end}) Append(text, number);
  }
  for (const GroupReport& group : report.groups) {
    text += '\n' + group.name + ' ';
    for (const std::int64_t number : {group.members, group.assigned_partitions, group.lag,
                                      group.max_lag, group.unknown_partitions, group.lag_ms,
                                      group.drain_ms, group.headroom_ms, group.members_needed}) {
      Append(text, number);
    }
    for (const auto& rate : {group.inflow, group.inflow_baseline, group.consumption,
                             group.consumption_baseline, group.member_capacity}) {
      Append(text, rate);
    }
    Append(text, group.status);
    Append(text, group.cause);
  }
  for (const GroupTopicReport& topic : report.group_topics) {
    for (const std::int64_t number : {topic.lag, topic.lag_ms, topic.records_consumed,
                                      topic.lost_records, topic.uncommitted_partitions}) {
      Append(text, number);
    }
  }
  for (const PairReport& pair : report.pairs) {
    for (const std::int64_t number : {pair.committed, pair.lag, pair.effective_lag, pair.lag_ms}) {
      Append(text, number);
    }
    Append(text, pair.status);
  }
  return text;
}

}  // namespace backlogd::analysis
