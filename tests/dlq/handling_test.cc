#include "dlq/handling.h"

#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <thread>

#include "dlq/fixture.h"

namespace backlogd::dlq {
namespace {

TEST(Handling, CountsMarkersWithTheRecordBeforeThem) {
  FakeCluster cluster;
  cluster.AddMarker(0);
  cluster.Add(0, LetterOf("one"));
  cluster.AddMarker(0);
  cluster.Add(0, LetterOf("two"));
  cluster.AddMarker(0);
  EXPECT_EQ(cluster.Run({"redeliver", "orders-dlt", "--yes", "--text", "two"}).status, 0);
  EXPECT_EQ(cluster.Committed(0), 1);  // the first marker
  const auto progress = deadletters::DecodeProgress(1, cluster.Metadata(0));
  EXPECT_EQ(progress.ahead, (std::vector<deadletters::OffsetRange>{{3, 5}}));
  EXPECT_EQ(cluster.Run({"redeliver", "orders-dlt", "--yes"}).status, 0);
  EXPECT_EQ(cluster.Committed(0), 5);
  EXPECT_EQ(cluster.Values("orders"), (std::vector<std::string>{"two", "one"}));
}

TEST(Handling, StopsWhereGapsAreTooManyAndSaysTheWayOut) {
  FakeCluster cluster;
  // Ranges far apart take many bytes.
  kafka::Offset offset = 0;
  for (int i = 0; i < 4000; ++i) {
    cluster.Add(0, LetterOf(i % 2 == 0 ? "even" : "odd"));
    for (int j = 0; j < i % 7 * 40; ++j, ++offset) cluster.AddMarker(0);
  }
  const std::vector<std::string> odd = {"redeliver", "orders-dlt", "--yes", "--text", "odd"};
  const Ran first = cluster.Run(odd);
  EXPECT_EQ(first.status, 3);
  EXPECT_NE(first.err.find("too many unhandled records lie between handled ones; handle those from "
                           "offset 0 on first"),
            std::string::npos)
      << first.err;
  EXPECT_LE(cluster.Metadata(0).size(), deadletters::kMaxMetadataBytes);
  const std::size_t sent = cluster.Values("orders").size();
  EXPECT_GT(sent, 100U);
  EXPECT_EQ(cluster.Run(odd).status, 3);
  EXPECT_EQ(cluster.Values("orders").size(), sent);  // not once more
  EXPECT_EQ(cluster.Run({"redeliver", "orders-dlt", "--yes"}).status, 0);
  EXPECT_EQ(cluster.Values("orders").size(), 4000U);
}

TEST(Handling, StartsWhereTheLogDoes) {
  FakeCluster cluster;
  cluster.AddLetters(10);
  cluster.client.logs[{"orders-dlt", 0}].start = 4;
  cluster.reader.starts[{"orders-dlt", 0}] = 4;
  cluster.written.positions["backlogd-dlq.orders-dlt"][{"orders-dlt", 0}] = {1, ""};
  EXPECT_EQ(cluster.Run({"redeliver", "orders-dlt", "--yes"}).status, 0);
  EXPECT_EQ(cluster.Committed(0), (cluster.client.logs[{"orders-dlt", 0}].end));
}

TEST(Handling, NeverCommitsLessThanWhatIsThere) {
  FakeCluster cluster;
  cluster.AddLetters(10);
  cluster.written.positions["backlogd-dlq.orders-dlt"][{"orders-dlt", 0}] = {3, "of another tool"};
  EXPECT_EQ(cluster.Run({"redeliver", "orders-dlt", "--yes", "--again", "--limit", "1"}).status, 0);
  EXPECT_EQ(cluster.Committed(0), 3);
}

TEST(Handling, DoesNotTakeANewLogForTheOldOne) {
  FakeCluster cluster;
  cluster.AddLetters(4);
  cluster.written.positions["backlogd-dlq.orders-dlt"][{"orders-dlt", 0}] = {100, ""};
  const Ran ran = cluster.Run({"redeliver", "orders-dlt", "--yes"});
  EXPECT_EQ(ran.status, 1);
  EXPECT_NE(ran.err.find("orders-dlt/0: is handled up to offset 100, but ends at"),
            std::string::npos);
  EXPECT_TRUE(cluster.Values("orders").empty());
}

TEST(Handling, LooksAtNothingThatCameLater) {
  FakeCluster cluster;
  cluster.AddLetters(4);
  cluster.client.logs[{"orders-dlt", 0}].last_stable = 1;
  EXPECT_EQ(cluster.Run({"redeliver", "orders-dlt", "--yes", "--partition", "0"}).status, 0);
  EXPECT_EQ(cluster.Values("orders"), (std::vector<std::string>{"v0"}));
  EXPECT_EQ(cluster.Committed(0), 1);
  EXPECT_EQ(cluster.Committed(1), std::nullopt);
}

TEST(Handling, HandlesAgainOnlyOnDemand) {
  FakeCluster cluster;
  cluster.AddLetters(6);
  EXPECT_EQ(cluster.Run({"redeliver", "orders-dlt", "--yes"}).status, 0);
  EXPECT_EQ(cluster.Run({"redeliver", "orders-dlt", "--yes"}).status, 0);
  EXPECT_EQ(cluster.Values("orders").size(), 6U);
  EXPECT_EQ(cluster.Run({"redeliver", "orders-dlt", "--yes", "--again"}).status, 0);
  EXPECT_EQ(cluster.Values("orders").size(), 12U);
}

TEST(Handling, SaysThatABrokerIsSilent) {
  FakeCluster cluster;
  cluster.AddLetters(6);
  cluster.reader.silent_from[{"orders-dlt", 0}] = 0;
  cluster.reader.silent_from[{"orders-dlt", 1}] = 0;
  const Ran ran = cluster.Run({"redeliver", "orders-dlt", "--yes"});
  EXPECT_EQ(ran.status, 1);
  EXPECT_NE(ran.err.find("no records came within the time of --timeout"), std::string::npos);
}

// Stops when the `number`th record is handed out; all are shown once before they are handled.
void StopAtRecord(FakeCluster& cluster, int number) {
  cluster.reader.before_record = [&cluster, number, count = 0]() mutable {
    if (++count == number) cluster.stop.load()->Request();
  };
}

// However a run is stopped at the last record, that one is not lost.
void ExpectOnlyTheLastIsLeft(FakeCluster& cluster, std::vector<std::string> args) {
  EXPECT_EQ(cluster.Run(std::move(args)).status, 130);
  EXPECT_EQ(cluster.Values("orders"), (std::vector<std::string>{"one", "two"}));
  EXPECT_EQ(cluster.Committed(0), 2);
  cluster.reader.before_record = nullptr;
  cluster.prepare_writer = nullptr;
  EXPECT_EQ(cluster.Run({"redeliver", "orders-dlt", "--yes"}).status, 0);
  EXPECT_EQ(cluster.Values("orders"), (std::vector<std::string>{"one", "two", "three"}));
  EXPECT_EQ(cluster.Committed(0), 3);
}

struct ThreeLetters : FakeCluster {
  ThreeLetters() {
    for (const char* value : {"one", "two", "three"}) Add(0, LetterOf(value));
  }
};

TEST(Handling, LosesNoRecordThatItIsStoppedAt) {
  ThreeLetters cluster;
  StopAtRecord(cluster, 6);
  ExpectOnlyTheLastIsLeft(cluster, {"redeliver", "orders-dlt", "--yes"});
}

TEST(Handling, LosesNoRecordThatItIsStoppedBefore) {
  FakeCluster cluster;
  for (const char* value : {"one", "two"}) cluster.Add(0, LetterOf(value));
  cluster.prepare_writer = [&](FakeRecordWriter& writer) {
    writer.before = [&](const std::string& call) {
      // What is open is committed before a long wait.
      if (call == "Commit") cluster.stop.load()->Request();
    };
  };
  EXPECT_EQ(cluster.Run({"redeliver", "orders-dlt", "--yes", "--rate", "0.01"}).status, 130);
  EXPECT_EQ(cluster.Committed(0), 1);
  cluster.prepare_writer = nullptr;
  EXPECT_EQ(cluster.Run({"redeliver", "orders-dlt", "--yes"}).status, 0);
  EXPECT_EQ(cluster.Values("orders"), (std::vector<std::string>{"one", "two"}));
}

TEST(Handling, LosesNoRecordWhoseTransformationIsStopped) {
  std::signal(SIGPIPE, SIG_IGN);
  ThreeLetters cluster;
  const auto file = std::filesystem::path(testing::TempDir()) / "transformation-is-on";
  std::filesystem::remove(file);
  std::jthread stopper([&] {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!std::filesystem::exists(file) && std::chrono::steady_clock::now() < deadline) {
      std::this_thread::yield();
    }
    cluster.stop.load()->Request();
  });
  ExpectOnlyTheLastIsLeft(cluster, {"redeliver", "orders-dlt", "--yes", "--transform",
                                    "if grep three; then touch " + file.string() +
                                        "; sleep 60; else echo '{}'; fi | tail -n 1"});
}

TEST(Handling, LeavesNoTransactionOpenWhileNothingFits) {
  FakeCluster cluster;
  cluster.Add(0, LetterOf("fits"));
  for (int i = 0; i < 100; ++i) cluster.Add(0, LetterOf("other"));
  int open = 0, open_at_once = 0;
  cluster.prepare_writer = [&](FakeRecordWriter& writer) {
    writer.before = [&](const std::string& call) {
      if (call == "Begin") open = 1;
      if (call == "Commit") open = 0;
    };
  };
  cluster.reader.before_record = [&] {
    if (open > 0) open_at_once = std::max(open_at_once, open++);
    cluster.elapsed += std::chrono::milliseconds(300);
  };
  EXPECT_EQ(cluster.Run({"redeliver", "orders-dlt", "--yes", "--text", "fits"}).status, 0);
  EXPECT_LE(open_at_once, 5);
}

TEST(Handling, TheRateIsAMaximumAfterASlowStartToo) {
  FakeCluster cluster;
  cluster.AddLetters(6);
  cluster.prepare_writer = [&](FakeRecordWriter& writer) {
    writer.before = [&, sends = 0](const std::string& call) mutable {
      if (call == "Send" && ++sends == 1) cluster.elapsed += std::chrono::seconds(10);
      // The clock stands still: whoever waits does not see the end of it.
      if (call == "Send" && sends == 3) cluster.stop.load()->Request();
    };
  };
  const auto begun = std::chrono::steady_clock::now();
  EXPECT_EQ(cluster.Run({"redeliver", "orders-dlt", "--yes", "--rate", "4"}).status, 130);
  EXPECT_GE(std::chrono::steady_clock::now() - begun, std::chrono::milliseconds(200));
}

TEST(Handling, KeepsWhatWasDoneBeforeAPartitionFailed) {
  FakeCluster cluster;
  cluster.AddLetters(6);
  cluster.reader.fail[{"orders-dlt", 1}] = {ErrorKind::kUnauthorized, "READ is missing"};
  const Ran ran = cluster.Run({"redeliver", "orders-dlt", "--yes"});
  EXPECT_EQ(ran.status, 1);
  EXPECT_NE(ran.err.find("orders-dlt/1: cannot be read: READ is missing"), std::string::npos);
}

}  // namespace
}  // namespace backlogd::dlq
