#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "analysis/lag_analyzer.h"
#include "deadletters/progress.h"

// A cluster with dead-letter queues, as polls see it.
namespace backlogd::analysis {

using deadletters::Action;
using deadletters::Reason;
using std::chrono_literals::operator""h;
using std::chrono_literals::operator""s;

struct QueueLog {
  kafka::Offset start = 0;
  kafka::Offset end = 0;
};

// A cluster as one poll sees it; each topic has one partition unless it has more logs.
struct SeenQueues {
  std::map<std::string, std::vector<QueueLog>> topics;
  struct Group {
    std::map<std::string, std::vector<kafka::Offset>> commits;  // by topic: of partitions 0, 1, ...
    std::map<std::string, std::string> texts;                   // by topic: beside each commit
    bool read = true;
    bool refused = false;
  };
  std::map<std::string, Group> groups;
  std::vector<std::string> unwatched_topics;
  std::map<std::string, kafka::TopicId> ids;  // of topics; absent: not known
  bool groups_complete = true;

  snapshot::ClusterSnapshot Snapshot() const {
    snapshot::ClusterSnapshot seen;
    seen.metadata_known = true;
    seen.groups_complete = groups_complete;
    seen.unwatched_topics = unwatched_topics;
    for (const auto& [name, logs] : topics) AddTopic(name, logs, seen);
    for (const auto& [name, group] : groups) AddGroup(name, group, seen);
    return seen;
  }

 private:
  void AddTopic(const std::string& name, const std::vector<QueueLog>& logs,
                snapshot::ClusterSnapshot& seen) const {
    const auto index = static_cast<snapshot::TopicIndex>(seen.topics.size());
    seen.topics.push_back({name,
                           static_cast<std::uint32_t>(seen.partitions.size()),
                           static_cast<std::uint32_t>(logs.size()),
                           {},
                           {}});
    if (ids.contains(name)) seen.topics.back().id = ids.at(name);
    for (std::size_t i = 0; i < logs.size(); ++i) {
      seen.partitions.push_back({index, static_cast<kafka::PartitionId>(i), 1, 1, 1, logs[i].start,
                                 logs[i].end, logs[i].end});
    }
  }

  void AddGroup(const std::string& name, const Group& group,
                snapshot::ClusterSnapshot& seen) const {
    snapshot::Group added;
    added.name = name;
    added.state = kafka::GroupState::kEmpty;
    added.described = true;
    added.committed_known = group.read;
    added.committed_refused = group.refused;
    added.first_committed = static_cast<std::uint32_t>(seen.committed.size());
    for (const auto& [topic, offsets] : group.commits) {
      const auto index =
          static_cast<snapshot::TopicIndex>(std::distance(topics.begin(), topics.find(topic)));
      for (std::size_t i = 0; i < offsets.size() && group.read; ++i) {
        const auto partition = static_cast<kafka::PartitionId>(i);
        seen.committed.push_back({index, partition, offsets[i]});
        const auto text = group.texts.find(topic);
        if (text != group.texts.end())
          added.commit_texts.push_back({index, partition, text->second});
      }
    }
    added.committed_count =
        static_cast<std::uint32_t>(seen.committed.size()) - added.first_committed;
    seen.groups.push_back(std::move(added));
  }
};

class DeadLettersTest : public testing::Test {
 protected:
  explicit DeadLettersTest(bool scan = true) {
    AnalysisSettings settings;
    settings.dead_letters.scan = scan;
    analyzer_ = std::make_unique<LagAnalyzer>(settings);
    seen_.topics = {{"orders", {{0, 100}}}, {"orders-dlt", {{10, 30}}}};
  }

  LagReport Poll() {
    now_ += 15s;
    snapshot::ClusterSnapshot seen = seen_.Snapshot();
    seen.taken_at = now_;
    seen.ends_at = now_;
    seen.ends_steady = snapshot::SteadyTime(now_.time_since_epoch());
    analyzer_->Fold(std::move(seen));
    return analyzer_->Report();
  }

  static const DeadLetterReport& Queue(const LagReport& report, const std::string& topic) {
    static const DeadLetterReport kNone{};
    for (const DeadLetterReport& queue : report.dead_letters) {
      if (report.topics[queue.topic].name == topic) return queue;
    }
    ADD_FAILURE() << "no queue " << topic;
    return kNone;
  }
  DeadLetterReport PollQueue(const std::string& topic = "orders-dlt") {
    return Queue(Poll(), topic);
  }

  // "group=records ...", "?" if not known
  static std::string Pending(const DeadLetterReport& queue) {
    std::string text;
    for (const PendingReport& pending : queue.pending) {
      if (!text.empty()) text += ' ';
      text += pending.group + "=" +
              (pending.records == kUnknown ? "?" : std::to_string(pending.records));
    }
    return text;
  }

  void Read(std::size_t range, std::vector<kafka::RecordHeader> headers) {
    kafka::Record record;
    record.headers = headers;
    analyzer_->TakeRecord(range, record);
  }
  void ReadTimeout(std::size_t range, std::string_view source = "orders") {
    Read(range, {{"kafka_dlt-original-topic", source},
                 {"kafka_dlt-exception-fqcn", "java.util.concurrent.TimeoutException"}});
  }

  static std::uint64_t Count(const DeadLetterReport& queue, const std::string& source,
                             Reason reason) {
    for (const ClassifiedReport& classified : queue.classified) {
      if (classified.source_topic != source) continue;
      return classified.records[static_cast<std::size_t>(reason)];
    }
    ADD_FAILURE() << "no source " << source;
    return 0;
  }

  SeenQueues seen_;
  WallTime now_{480'000h};
  std::unique_ptr<LagAnalyzer> analyzer_;
};

}  // namespace backlogd::analysis
