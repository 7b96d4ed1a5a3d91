// Dead-letter queues over several polls: what is counted, what is pending, since when.

#include "analysis/watched_queues.h"

namespace backlogd::analysis {
namespace {

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
  const std::vector<QueueLog> logs = std::exchange(seen_.topics["orders-dlt"], {});
  seen_.topics.erase("orders-dlt");
  for (int i = 0; i < 20; ++i) Poll();
  seen_.topics["orders-dlt"] = logs;
  EXPECT_EQ(PollQueue().records, 0);
  seen_.topics["orders-dlt"] = {{10, 33}};
  EXPECT_EQ(PollQueue().records, 3) << "not the 20 that lay there before";
}

TEST_F(DeadLettersTest, GoesOnWithAsManyQueuesAsThereWere) {
  for (std::uint64_t i = 0; i < 1200; ++i) {
    const std::string name = "orders-" + std::to_string(i) + "-dlt";
    seen_.topics[name] = {{0, 20}};
    seen_.ids[name] = {1, i};
  }
  Poll();
  const auto topics = std::exchange(seen_.topics, {{"orders", {{0, 100}}}});
  for (int i = 0; i < 5; ++i) Poll();
  seen_.topics = topics;
  Poll();
  const LagReport report = Poll();
  for (const int i : {0, 1, 500, 1199}) {
    EXPECT_EQ(Queue(report, "orders-" + std::to_string(i) + "-dlt").records, 0) << i;
  }
}

TEST_F(DeadLettersTest, ForgetsOfManyQueuesThatComeAndGoThoseLongestGone) {
  const std::vector<QueueLog> logs = {{0, 20}};
  seen_.topics = {{"early-dlt", logs}, {"late-dlt", logs}};
  seen_.ids = {{"early-dlt", {1, 1}}, {"late-dlt", {1, 2}}};
  Poll();
  seen_.topics.erase("early-dlt");
  for (int i = 0; i < 200; ++i) {
    const std::string name = std::to_string(i) + "-dlt";
    seen_.topics[name] = logs;
    Poll();
    seen_.topics.erase(name);
  }
  seen_.topics.erase("late-dlt");
  for (int i = 0; i < 5; ++i) Poll();
  seen_.topics = {{"early-dlt", logs}, {"late-dlt", logs}};
  Poll();
  const LagReport report = Poll();
  EXPECT_EQ(Queue(report, "early-dlt").records, 20) << "forgotten: all in it is new";
  EXPECT_EQ(Queue(report, "late-dlt").records, 0);
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
  SeenQueues::Group& own = seen_.groups["backlogd-dlq.orders-dlt"];
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
  SeenQueues::Group& own = seen_.groups["backlogd-dlq.orders-dlt"];
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
  SeenQueues::Group& own = seen_.groups["backlogd-dlq.orders-dlt"];
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

}  // namespace
}  // namespace backlogd::analysis
