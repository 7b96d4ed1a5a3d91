// Dead-letter queues over several polls: what is counted, what is pending, since when, why.

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "analysis/lag_analyzer.h"
#include "deadletters/progress.h"

namespace backlogd::analysis {
namespace {

using deadletters::Action;
using deadletters::Reason;
using std::chrono_literals::operator""h;
using std::chrono_literals::operator""s;

struct Log {
  kafka::Offset start = 0;
  kafka::Offset end = 0;
};

// A cluster as one poll sees it; each topic has one partition unless it has more logs.
struct Seen {
  std::map<std::string, std::vector<Log>> topics;
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
  void AddTopic(const std::string& name, const std::vector<Log>& logs,
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

  Seen seen_;
  WallTime now_{480'000h};
  std::unique_ptr<LagAnalyzer> analyzer_;
};

TEST_F(DeadLettersTest, FindsQueuesAndCountsFromTheFirstPollOn) {
  const DeadLetterReport queue = PollQueue();
  EXPECT_EQ(queue.source_topic, "orders");
  EXPECT_EQ(queue.convention, "spring");
  EXPECT_EQ(queue.retained, 20);
  EXPECT_EQ(queue.records, 0);
  EXPECT_EQ(queue.expired, 0);
  EXPECT_EQ(Pending(queue), "=20");
  EXPECT_TRUE(queue.handled_known);
  EXPECT_EQ(queue.handled, (std::array<std::uint64_t, 4>{}));
  ASSERT_EQ(queue.classified.size(), 1U);
  EXPECT_EQ(queue.classified[0].source_topic, "orders");
  EXPECT_EQ(queue.scan_failures, 0);
}

TEST_F(DeadLettersTest, CountsWhatIsWrittenAfterwards) {
  Poll();
  seen_.topics["orders-dlt"] = {{10, 33}};
  EXPECT_EQ(PollQueue().records, 3);
  seen_.topics["orders-dlt"] = {{10, 34}, {0, 5}};  // a second partition
  EXPECT_EQ(PollQueue().records, 9);
}

TEST_F(DeadLettersTest, ShowsAQueueThatAppearsAsEmptyOnce) {
  Poll();
  seen_.topics["carts-dlt"] = {{0, 3}};
  EXPECT_EQ(PollQueue("carts-dlt").records, 0);
  EXPECT_EQ(PollQueue("carts-dlt").records, 3);
}

TEST_F(DeadLettersTest, CountsAllOfAQueueThatWasDeletedAndCreatedAnew) {
  Poll();
  seen_.topics.erase("orders-dlt");
  Poll();
  seen_.topics["orders-dlt"] = {{0, 2}};
  EXPECT_EQ(PollQueue().records, 0);
  EXPECT_EQ(PollQueue().records, 2);
}

TEST_F(DeadLettersTest, GoesOnWithAQueueThatCouldNotBeSeenForAWhile) {
  seen_.ids["orders-dlt"] = {1, 2};
  Poll();
  const std::vector<Log> logs = std::exchange(seen_.topics["orders-dlt"], {});
  seen_.topics.erase("orders-dlt");
  for (int i = 0; i < 20; ++i) Poll();
  seen_.topics["orders-dlt"] = logs;
  EXPECT_EQ(PollQueue().records, 0);
  seen_.topics["orders-dlt"] = {{10, 33}};
  EXPECT_EQ(PollQueue().records, 3) << "not the 20 that lay there before";
}

TEST_F(DeadLettersTest, ItsCountersGoOnIfNoPollMissedTheDeletion) {
  seen_.ids["orders-dlt"] = {1, 2};
  Poll();
  seen_.topics["orders-dlt"] = {{10, 33}};
  EXPECT_EQ(PollQueue().records, 3);
  seen_.ids["orders-dlt"] = {3, 4};
  seen_.topics["orders-dlt"] = {{0, 2}};
  EXPECT_EQ(PollQueue().records, 5);
}

TEST_F(DeadLettersTest, FindsTheSourceAmongTopicsThatAreNotWatched) {
  seen_.topics.erase("orders");
  seen_.unwatched_topics = {"orders"};
  EXPECT_EQ(PollQueue().source_topic, "orders");
}

TEST_F(DeadLettersTest, HoldsPendingAgainstEveryGroupThatHandles) {
  seen_.groups["fixer"].commits["orders-dlt"] = {25};
  seen_.groups["reader"].commits["orders"] = {25};
  EXPECT_EQ(Pending(PollQueue()), "fixer=5");
  seen_.groups["other"].commits["orders-dlt"] = {5};  // before the log start
  EXPECT_EQ(Pending(PollQueue()), "fixer=5 other=20");
}

TEST_F(DeadLettersTest, TakesNoListenerThatOnlyLogsForAHandler) {
  seen_.groups["billing-dlt"].commits["orders-dlt"] = {30};
  seen_.groups["console-consumer-123"].commits["orders-dlt"] = {30};
  EXPECT_EQ(Pending(PollQueue()), "=20");
}

TEST_F(DeadLettersTest, CountsPartitionsWithoutACommitAsPending) {
  seen_.topics["orders-dlt"] = {{0, 10}, {0, 7}};
  seen_.groups["fixer"].commits["orders-dlt"] = {4};
  EXPECT_EQ(Pending(PollQueue()), "fixer=13");
}

TEST_F(DeadLettersTest, ReadsWhatTheToolWroteDown) {
  deadletters::Progress progress;
  progress.next = 14;
  progress.counts[static_cast<std::size_t>(Action::kRedelivered)] = 3;
  progress.counts[static_cast<std::size_t>(Action::kDiscarded)] = 6;
  deadletters::MarkHandled(20, 25, progress);
  Seen::Group& own = seen_.groups["backlogd-dlq.orders-dlt"];
  own.commits["orders-dlt"] = {14};
  own.texts["orders-dlt"] = deadletters::EncodeMetadata(progress).value();
  const LagReport report = Poll();
  const DeadLetterReport& queue = Queue(report, "orders-dlt");
  EXPECT_EQ(Pending(queue), "backlogd-dlq.orders-dlt=11");
  EXPECT_TRUE(queue.handled_known);
  EXPECT_EQ(queue.handled, (std::array<std::uint64_t, 4>{0, 3, 0, 6}));
  EXPECT_TRUE(report.groups.empty()) << "it is no consumer group";
  EXPECT_EQ(report.topics[queue.topic].groups, 0);
}

TEST_F(DeadLettersTest, KeepsWhatTheToolWroteDownWhileItCannotBeRead) {
  Seen::Group& own = seen_.groups["backlogd-dlq.orders-dlt"];
  own.commits["orders-dlt"] = {14};
  own.texts["orders-dlt"] = "backlogd-dlq 1 logged=4";
  Poll();
  own.read = false;
  for (int i = 0; i < 2; ++i) {
    const DeadLetterReport queue = PollQueue();
    EXPECT_EQ(Pending(queue), "backlogd-dlq.orders-dlt=16");
    EXPECT_EQ(queue.handled[static_cast<std::size_t>(Action::kLogged)], 4U);
  }
  const DeadLetterReport queue = PollQueue();
  EXPECT_EQ(Pending(queue), "backlogd-dlq.orders-dlt=?");
  EXPECT_FALSE(queue.handled_known);
}

TEST_F(DeadLettersTest, KnowsNothingPendingWhileGroupsAreNotListed) {
  seen_.groups_complete = false;
  const DeadLetterReport queue = PollQueue();
  EXPECT_EQ(Pending(queue), "");
  EXPECT_FALSE(queue.handled_known);
}

TEST_F(DeadLettersTest, CountsWhatIsDeletedUnhandled) {
  Poll();
  seen_.topics["orders-dlt"] = {{14, 30}};
  EXPECT_EQ(PollQueue().expired, 4);
  seen_.groups["fixer"].commits["orders-dlt"] = {20};
  seen_.topics["orders-dlt"] = {{18, 30}};
  EXPECT_EQ(PollQueue().expired, 4) << "those were handled";
  seen_.topics["orders-dlt"] = {{23, 30}};
  EXPECT_EQ(PollQueue().expired, 7);
}

TEST_F(DeadLettersTest, CountsNothingTwiceThatTheToolHandledAhead) {
  deadletters::Progress progress;
  progress.next = 12;
  deadletters::MarkHandled(15, 18, progress);
  Seen::Group& own = seen_.groups["backlogd-dlq.orders-dlt"];
  own.commits["orders-dlt"] = {12};
  own.texts["orders-dlt"] = deadletters::EncodeMetadata(progress).value();
  Poll();
  seen_.topics["orders-dlt"] = {{20, 30}};
  EXPECT_EQ(PollQueue().expired, 5);
}

TEST_F(DeadLettersTest, WaitsWithCountingUntilHandlersAreKnown) {
  seen_.groups["fixer"].commits["orders-dlt"] = {20};
  Poll();
  seen_.groups["fixer"].read = false;
  seen_.topics["orders-dlt"] = {{25, 30}};
  EXPECT_EQ(PollQueue().expired, 0);
  seen_.groups["fixer"].read = true;
  EXPECT_EQ(PollQueue().expired, 5);
}

TEST_F(DeadLettersTest, WhatWasHandledStaysHandledWhenItsGroupIsGone) {
  seen_.groups["fixer"].commits["orders-dlt"] = {20};
  Poll();
  seen_.groups.clear();
  EXPECT_EQ(Pending(PollQueue()), "=20");
  seen_.topics["orders-dlt"] = {{25, 30}};
  EXPECT_EQ(PollQueue().expired, 5);
}

TEST_F(DeadLettersTest, KnowsNothingPendingWhileTheCommitsOfAGroupWereNeverRead) {
  seen_.groups["fixer"].commits["orders-dlt"] = {20};
  seen_.groups["fixer"].read = false;
  EXPECT_EQ(Pending(PollQueue()), "");
  seen_.topics["orders-dlt"] = {{15, 30}};
  EXPECT_EQ(PollQueue().expired, kUnknown);
  seen_.groups["fixer"].read = true;
  const DeadLetterReport queue = PollQueue();
  EXPECT_EQ(Pending(queue), "fixer=10");
  EXPECT_EQ(queue.expired, 0);
}

TEST_F(DeadLettersTest, TakesNoGroupForAHandlerWhoseCommitsItMayNotSee) {
  seen_.groups["secret"].read = false;
  seen_.groups["secret"].refused = true;
  EXPECT_EQ(Pending(PollQueue()), "=20");
}

TEST_F(DeadLettersTest, KnowsNothingHandledWhileTheToolsGroupWasNeverRead) {
  seen_.groups["backlogd-dlq.orders-dlt"].read = false;
  seen_.groups["backlogd-dlq.orders-dlt"].refused = true;
  const DeadLetterReport queue = PollQueue();
  EXPECT_FALSE(queue.handled_known);
  EXPECT_EQ(Pending(queue), "");
}

TEST_F(DeadLettersTest, BeginsAtZeroOnceTheLogEndsAreKnown) {
  Poll();
  seen_.topics["carts-dlt"] = {{0, kUnknown}};
  EXPECT_EQ(PollQueue("carts-dlt").records, kUnknown);
  seen_.topics["carts-dlt"] = {{0, 2}};
  EXPECT_EQ(PollQueue("carts-dlt").records, 0);
  EXPECT_EQ(PollQueue("carts-dlt").records, 2);
}

TEST_F(DeadLettersTest, CountsNothingOfALogThatWasCutBeforeItBecameVisible) {
  Poll();
  seen_.topics["carts-dlt"] = {{100, 500}};
  PollQueue("carts-dlt");
  const DeadLetterReport queue = PollQueue("carts-dlt");
  EXPECT_EQ(queue.records, 0);
  EXPECT_EQ(queue.expired, 0);
}

TEST_F(DeadLettersTest, FindsOutSinceWhenRecordsArePending) {
  Poll();
  auto wanted = analyzer_->WantedTimes(100);
  ASSERT_EQ(wanted.size(), 1U);
  EXPECT_EQ(wanted[0].partition.topic, "orders-dlt");
  EXPECT_EQ(wanted[0].time, WallTime{});
  const std::vector<kafka::PartitionOffset> answers = {{10, now_ - 2h, {}}};
  analyzer_->TakeTimes(answers);
  EXPECT_TRUE(analyzer_->WantedTimes(100).empty());
  EXPECT_EQ(Queue(analyzer_->Report(), "orders-dlt").oldest, now_ - 2h);
}

TEST_F(DeadLettersTest, DoesNotKnowSinceWhenIfTheLookupFails) {
  Poll();
  analyzer_->WantedTimes(100);
  const std::vector<kafka::PartitionOffset> answers = {{{}, {}, Error{ErrorKind::kTimeout, "x"}}};
  analyzer_->TakeTimes(answers);
  EXPECT_TRUE(analyzer_->WantedTimes(100).empty()) << "not in this poll";
  EXPECT_EQ(Queue(analyzer_->Report(), "orders-dlt").oldest, std::nullopt);
  Poll();
  EXPECT_EQ(analyzer_->WantedTimes(100).size(), 1U);
}

TEST_F(DeadLettersTest, AsksForNoPartitionTwice) {
  seen_.groups["fixer"].commits["orders-dlt"] = {25};
  Poll();
  EXPECT_EQ(analyzer_->WantedTimes(100).size(), 1U);
}

TEST_F(DeadLettersTest, SaysOfNoOldestRecordWhereNothingIsPending) {
  seen_.groups["fixer"].commits["orders-dlt"] = {30};
  Poll();
  EXPECT_TRUE(analyzer_->WantedTimes(100).empty());
  EXPECT_EQ(PollQueue().oldest, std::nullopt);
}

TEST_F(DeadLettersTest, ReadsOnlyWhatIsNew) {
  Poll();
  EXPECT_TRUE(analyzer_->WantedRecords().empty());
  seen_.topics["orders-dlt"] = {{10, 33}};
  Poll();
  const auto ranges = analyzer_->WantedRecords();
  ASSERT_EQ(ranges.size(), 1U);
  EXPECT_EQ(ranges[0].topic, "orders-dlt");
  EXPECT_EQ(ranges[0].from, 30);
  EXPECT_EQ(ranges[0].until, 33);
  ReadTimeout(0);
  ReadTimeout(0);
  const std::vector<kafka::ReadOutcome> outcomes = {{32, {}}};
  analyzer_->TakeReadOutcomes(outcomes);
  EXPECT_EQ(Count(Queue(analyzer_->Report(), "orders-dlt"), "orders", Reason::kTimeout), 2U);
  Poll();
  EXPECT_EQ(analyzer_->WantedRecords().at(0).from, 32) << "where the last poll's budget ended";
}

TEST_F(DeadLettersTest, ReadsAllOfAQueueThatAppears) {
  Poll();
  seen_.topics["carts-dlt"] = {{0, 3}};
  Poll();
  EXPECT_EQ(analyzer_->WantedRecords().at(0).from, 0);
}

TEST_F(DeadLettersTest, ShowsASourceThatAppearsAsEmptyOnce) {
  seen_.topics["carts"] = {{0, 0}};
  Poll();
  seen_.topics["orders-dlt"] = {{10, 33}};
  Poll();
  ASSERT_EQ(analyzer_->WantedRecords().size(), 1U);
  ReadTimeout(0, "carts");
  ReadTimeout(0, "no-such-topic");
  const std::vector<kafka::ReadOutcome> outcomes = {{33, {}}};
  analyzer_->TakeReadOutcomes(outcomes);
  const LagReport report = analyzer_->Report();
  EXPECT_EQ(Count(Queue(report, "orders-dlt"), "carts", Reason::kTimeout), 0U);
  const DeadLetterReport queue = PollQueue();
  EXPECT_EQ(Count(queue, "carts", Reason::kTimeout), 1U);
  EXPECT_EQ(Count(queue, "", Reason::kTimeout), 1U) << "no topic of that name is watched";
}

TEST_F(DeadLettersTest, CountsFailuresOfTheScan) {
  Poll();
  seen_.topics["orders-dlt"] = {{10, 33}};
  Poll();
  ASSERT_EQ(analyzer_->WantedRecords().size(), 1U);
  const std::vector<kafka::ReadOutcome> outcomes = {
      {30, Error{ErrorKind::kUnauthorized, "orders-dlt/0: READ"}}};
  analyzer_->TakeReadOutcomes(outcomes);
  EXPECT_EQ(Queue(analyzer_->Report(), "orders-dlt").scan_failures, 1);
  Poll();
  EXPECT_EQ(analyzer_->WantedRecords().at(0).from, 30) << "tried again";
}

class NoScanTest : public DeadLettersTest {
 protected:
  NoScanTest() : DeadLettersTest(false) {}
};

TEST_F(NoScanTest, SaysNothingOfReasons) {
  Poll();
  seen_.topics["orders-dlt"] = {{10, 33}};
  const DeadLetterReport queue = PollQueue();
  EXPECT_EQ(queue.records, 3);
  EXPECT_TRUE(queue.classified.empty());
  EXPECT_EQ(queue.scan_failures, kUnknown);
  EXPECT_TRUE(analyzer_->WantedRecords().empty());
}

}  // namespace
}  // namespace backlogd::analysis
