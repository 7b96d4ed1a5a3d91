#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "dlq/fixture.h"

namespace backlogd::dlq {
namespace {

TEST(List, SaysWhatPendsAndWhy) {
  FakeCluster cluster;
  cluster.AddLetters(6);
  const Ran ran = cluster.Run({"list"});
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_EQ(
      ran.out,
      "TOPIC       PENDING  RETAINED  OLDEST PENDING                      REASONS     SOURCE  "
      "GROUP  CONVENTION\n"
      "orders-dlt        8         8  2027-01-15T07:43:20.000Z (16m 40s)  business:6  orders  "
      "-      spring\n");
  EXPECT_EQ(cluster.Run({"redeliver", "orders-dlt", "--yes", "--partition", "0"}).status, 0);
  const Ran json = cluster.Run({"list", "--output", "json"});
  EXPECT_NE(json.out.find(R"({"topic":"orders-dlt","pending":4,"retained":8,)"), std::string::npos)
      << json.out;
  EXPECT_NE(json.out.find(R"("reasons":{"business":3},"sampled":3,)"), std::string::npos);
}

TEST(List, CountsWhoeverHandlesTheQueue) {
  FakeCluster cluster;
  cluster.AddLetters(6);
  cluster.client.AddGroup("repair");
  cluster.client.committed["repair"][{"orders-dlt", 0}] = 3;
  EXPECT_NE(cluster.Run({"list", "--output", "json"}).out.find(R"("pending":5,)"),
            std::string::npos);
}

TEST(List, SaysWhatItMayNotRead) {
  FakeCluster cluster;
  cluster.AddLetters(6);
  for (const int partition : {0, 1}) {
    cluster.reader.fail[{"orders-dlt", partition}] = {ErrorKind::kUnauthorized, "READ is missing"};
  }
  const Ran ran = cluster.Run({"list"});
  EXPECT_EQ(ran.status, 0);
  EXPECT_NE(ran.out.find("orders-dlt        8         8  -               ?  "), std::string::npos)
      << ran.out;
  EXPECT_NE(ran.err.find("orders-dlt/1: cannot be read: READ is missing"), std::string::npos);
  EXPECT_EQ(cluster.Run({"list", "--sample", "0"}).err, "");
}

TEST(List, TakesWhatIsNotKnownForNoNumber) {
  FakeCluster cluster;
  cluster.AddLetters(6);
  cluster.client.fail["FetchLogOffsets(earliest)"] = {ErrorKind::kOther, "no leader"};
  const Ran ran = cluster.Run({"list"});
  EXPECT_EQ(ran.status, 0);
  EXPECT_NE(ran.out.find("orders-dlt        ?         ?  -               ?  "), std::string::npos)
      << ran.out;
  EXPECT_NE(ran.err.find("no leader"), std::string::npos);
  EXPECT_NE(
      cluster.Run({"list", "--output", "json"}).out.find(R"("pending":null,"retained":null,)"),
      std::string::npos);
}

TEST(Commands, AskBeforeTheyWrite) {
  FakeCluster cluster;
  cluster.AddLetters(6);
  Ran ran = cluster.Run({"redeliver", "orders-dlt"});
  EXPECT_EQ(ran.status, 2);
  EXPECT_NE(ran.err.find("there is no terminal to ask on"), std::string::npos);
  cluster.terminal = true;
  cluster.answers = {"no"};
  ran = cluster.Run({"redeliver", "orders-dlt"});
  EXPECT_EQ(ran.status, 1);
  EXPECT_NE(ran.err.find("Redeliver 6 records of orders-dlt: 6 to orders? [y/N]"),
            std::string::npos)
      << ran.err;
  EXPECT_TRUE(cluster.writer_calls.empty());
  cluster.answers = {"y"};
  EXPECT_EQ(cluster.Run({"redeliver", "orders-dlt"}).status, 0);
  EXPECT_EQ(cluster.Values("orders").size(), 6U);
}

TEST(Commands, SuggestNamesForUnknownTopics) {
  FakeCluster cluster;
  EXPECT_NE(cluster.Run({"show", "order-dlt"}).err.find("did you mean orders-dlt?"),
            std::string::npos);
  EXPECT_NE(cluster.Run({"show", "xyz"}).err.find("known dead-letter queues: orders-dlt"),
            std::string::npos);
  EXPECT_EQ(cluster.Run({"show", "orders-dlt", "--partition", "9"}).status, 2);
}

TEST(Commands, SayWhatKafkaSays) {
  for (const char* call : {"Open", "FetchPositions", "Begin", "Send", "Commit"}) {
    FakeCluster cluster;
    cluster.AddLetters(6);
    cluster.prepare_writer = [&](FakeRecordWriter& writer) {
      writer.fail[call] = {ErrorKind::kUnauthorized, "WRITE on TransactionalId is missing"};
    };
    const Ran ran = cluster.Run({"redeliver", "orders-dlt", "--yes"});
    EXPECT_EQ(ran.status, 1) << call;
    EXPECT_NE(ran.err.find("WRITE on TransactionalId is missing"), std::string::npos) << call;
    EXPECT_TRUE(cluster.Values("orders").empty());
    EXPECT_EQ(cluster.Committed(0), std::nullopt);
  }
}

TEST(Log, WritesLinesToStandardOutputAndTheSummaryBesideIt) {
  FakeCluster cluster;
  cluster.AddLetters(6);
  const Ran left = cluster.Run({"log", "orders-dlt", "--leave-pending"});
  EXPECT_EQ(left.status, 0) << left.err;
  EXPECT_EQ(std::ranges::count(left.out, '\n'), 6);
  EXPECT_TRUE(cluster.writer_calls.empty());
  const Ran ran = cluster.Run({"log", "orders-dlt", "--yes"});
  EXPECT_EQ(ran.out, left.out);
  EXPECT_EQ(ran.err.find("logged: 6 records of orders-dlt"), 0U) << ran.err;
  EXPECT_NE(cluster.Metadata(0).find("logged=3"), std::string::npos);
}

TEST(Discard, KeepsACopyWithTheReason) {
  FakeCluster cluster;
  cluster.AddLetters(3);
  const auto file = std::filesystem::path(testing::TempDir()) / "commands_test.kept.jsonl";
  std::filesystem::remove(file);
  const Ran ran = cluster.Run({"discard", "orders-dlt", "--yes", "--keep-copy", file.string(),
                               "--reason-for-discarding", "test orders"});
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_NE(ran.out.find("  because: test orders\n"), std::string::npos) << ran.out;
  EXPECT_GT(std::filesystem::file_size(file), 500U);
  EXPECT_TRUE(cluster.written.deleted_before.empty());
}

std::vector<std::string> DiscardTo(const std::filesystem::path& file) {
  return {"discard", "orders-dlt", "--keep-copy", file.string(), "--reason-for-discarding", "x"};
}

TEST(Discard, CopiesTheRecordsOfATopicThatWasMadeAnew) {
  const auto file = std::filesystem::path(testing::TempDir()) / "commands_test.anew.jsonl";
  std::filesystem::remove(file);
  for (const std::string value : {"of old", "of new"}) {
    FakeCluster cluster;
    cluster.Add(0, LetterOf(value));
    auto args = DiscardTo(file);
    args.push_back("--yes");
    for (int i = 0; i < 2; ++i) EXPECT_EQ(cluster.Run(args).status, 0);
    args.push_back("--again");
    EXPECT_EQ(cluster.Run(args).status, 0);
  }
  std::ifstream stream(file);
  const std::string text((std::istreambuf_iterator<char>(stream)),
                         std::istreambuf_iterator<char>());
  EXPECT_EQ(std::ranges::count(text, '\n'), 2) << text;
  EXPECT_LT(text.find(R"("value":"of old")"), text.find(R"("value":"of new")"));
}

TEST(Discard, LeavesTheFileAloneUntilItIsSaidYes) {
  const auto file = std::filesystem::path(testing::TempDir()) / "commands_test.asked.jsonl";
  FakeCluster cluster;
  cluster.AddLetters(3);
  cluster.terminal = true;
  std::filesystem::remove(file);
  cluster.answers = {"n"};
  EXPECT_EQ(cluster.Run(DiscardTo(file)).status, 1);
  EXPECT_FALSE(std::filesystem::exists(file));
  const std::string unfinished = R"({"topic":"orders-dlt","part)";
  std::ofstream(file) << unfinished;
  cluster.answers = {"n"};
  EXPECT_EQ(cluster.Run(DiscardTo(file)).status, 1);
  EXPECT_EQ(std::filesystem::file_size(file), unfinished.size());
  cluster.answers = {"y"};
  EXPECT_EQ(cluster.Run(DiscardTo(file)).status, 0);
  EXPECT_GT(std::filesystem::file_size(file), 500U);
}

TEST(Discard, DeletesWhatWasHandledBefore) {
  FakeCluster cluster;
  cluster.AddLetters(3);
  EXPECT_EQ(cluster.Run({"redeliver", "orders-dlt", "--yes"}).status, 0);
  const Ran ran = cluster.Run({"discard", "orders-dlt", "--yes", "--no-copy",
                               "--reason-for-discarding", "x", "--by", "delete-records"});
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_NE(ran.out.find("discarded: 0 records of orders-dlt"), std::string::npos) << ran.out;
  EXPECT_EQ(cluster.written.deleted_before.size(), 2U);
}

TEST(Commands, SayThatTheSummaryIsLost) {
  FakeCluster cluster;
  cluster.AddLetters(3);
  cluster.out_fails = true;
  for (const std::vector<std::string>& args :
       {std::vector<std::string>{"list"}, {"show", "orders-dlt"}, {"redeliver", "orders-dlt"}}) {
    auto with_yes = args;
    with_yes.push_back("--yes");
    const Ran ran = cluster.Run(with_yes);
    EXPECT_EQ(ran.status, 1) << args[0];
    EXPECT_NE(ran.err.find("standard output cannot be written"), std::string::npos) << ran.err;
  }
  EXPECT_EQ(cluster.Values("orders").size(), 3U);
}

TEST(Discard, SaysWhatCouldNotBeDeleted) {
  FakeCluster cluster;
  cluster.AddLetters(3);
  cluster.prepare_writer = [](FakeRecordWriter& writer) {
    writer.fail_delete[{"orders-dlt", 0}] = {ErrorKind::kUnauthorized, "DELETE is missing"};
  };
  const Ran ran = cluster.Run({"discard", "orders-dlt", "--yes", "--no-copy",
                               "--reason-for-discarding", "x", "--by", "delete-records"});
  EXPECT_EQ(ran.status, 1);
  EXPECT_NE(ran.err.find("orders-dlt/0: the records are noted as handled, but not deleted: DELETE"),
            std::string::npos)
      << ran.err;
}

}  // namespace
}  // namespace backlogd::dlq
