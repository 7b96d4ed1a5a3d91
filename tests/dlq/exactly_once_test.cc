#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>

#include "dlq/fixture.h"
#include "dlq/gzip.h"

// Killed at every call to Kafka, before and after it had its effect, and started again.
namespace backlogd::dlq {
namespace {

constexpr int kLetters = 23;

std::string Lines(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  std::string bytes((std::istreambuf_iterator<char>(stream)), std::istreambuf_iterator<char>());
  if (file.extension() != ".gz") return bytes;
  std::string all, text;
  for (std::size_t used = 0; !bytes.empty(); bytes.erase(0, used)) {
    EXPECT_EQ(ReadMember(bytes, text, used), MemberState::kWhole);
    all += text;
  }
  return all;
}

std::filesystem::path FreshFile(const std::string& name) {
  auto file = std::filesystem::path(testing::TempDir()) / name;
  std::filesystem::remove(file);
  return file;
}

// Runs `args` with a death at call `number`, then again until it is done.
void KillAndResume(FakeCluster& cluster, const std::vector<std::string>& args, int number,
                   bool after) {
  cluster.prepare_writer = [&](FakeRecordWriter& writer) {
    (after ? writer.die_after : writer.die_before) = number;
  };
  EXPECT_EQ(cluster.Run(args).status, -1) << "no call " << number;
  cluster.prepare_writer = nullptr;
  const Ran second = cluster.Run(args);
  EXPECT_EQ(second.status, 0) << second.err;
}

int CallsOf(const std::vector<std::string>& args) {
  FakeCluster cluster;
  cluster.AddLetters(kLetters);
  const Ran ran = cluster.Run(args);
  EXPECT_EQ(ran.status, 0) << ran.err;
  return static_cast<int>(cluster.writer_calls.size());
}

template <typename Check>
void KillEverywhere(const std::vector<std::string>& args, Check check) {
  const int calls = CallsOf(args);
  ASSERT_GT(calls, 4);
  for (int number = 1; number <= calls; ++number) {
    for (const bool after : {false, true}) {
      SCOPED_TRACE("killed " + std::string(after ? "after" : "before") + " call " +
                   std::to_string(number));
      FakeCluster cluster;
      cluster.AddLetters(kLetters);
      check(cluster, number, after);
      for (int partition = 0; partition < 2; ++partition) {
        EXPECT_EQ(cluster.Committed(partition),
                  (cluster.client.logs[{"orders-dlt", partition}].last_stable));
      }
    }
  }
}

std::multiset<std::string> AllValues() {
  std::multiset<std::string> values;
  for (int i = 0; i < kLetters; ++i) values.insert("v" + std::to_string(i));
  return values;
}

std::uint64_t CountIn(const FakeCluster& cluster, const std::string& action) {
  std::uint64_t count = 0;
  for (int partition = 0; partition < 2; ++partition) {
    const std::string text = cluster.Metadata(partition);
    const std::size_t found = text.find(action + "=");
    if (found != std::string::npos) count += std::stoul(text.substr(found + action.size() + 1));
  }
  return count;
}

TEST(ExactlyOnce, RedeliversEachLetterOnceWhereverItIsKilled) {
  const std::vector<std::string> args = {"redeliver", "orders-dlt", "--yes", "--batch", "4"};
  KillEverywhere(args, [&](FakeCluster& cluster, int number, bool after) {
    KillAndResume(cluster, args, number, after);
    const auto values = cluster.Values("orders");
    EXPECT_EQ(std::multiset<std::string>(values.begin(), values.end()), AllValues());
    EXPECT_EQ(CountIn(cluster, "redelivered"), kLetters);
  });
}

TEST(ExactlyOnce, KeepsTheOrderOfAPartitionWhereverItIsKilled) {
  const std::vector<std::string> args = {"redeliver", "orders-dlt", "--yes", "--batch", "3"};
  KillEverywhere(args, [&](FakeCluster& cluster, int number, bool after) {
    KillAndResume(cluster, args, number, after);
    std::map<std::string, int> last;  // offset by partition of the queue
    for (const FakeRecord& record : cluster.written.RecordsOf("orders")) {
      std::map<std::string, std::string> headers;
      for (const auto& [name, value] : record.headers) headers[name] = value.value_or("");
      const int offset = std::stoi(headers.at("backlogd-dlq-offset"));
      const auto [place, first] = last.emplace(headers.at("backlogd-dlq-partition"), offset);
      if (!first) {
        EXPECT_LT(place->second, offset);
      }
      place->second = offset;
    }
  });
}

TEST(ExactlyOnce, RedeliversThroughFiltersOnceWhereverItIsKilled) {
  const std::vector<std::string> some = {"redeliver", "orders-dlt", "--yes", "--batch",
                                         "2",         "--text",     "v1"};
  const std::vector<std::string> all = {"redeliver", "orders-dlt", "--yes"};
  const int calls = CallsOf(some);
  for (int number = 1; number <= calls; ++number) {
    FakeCluster cluster;
    cluster.AddLetters(kLetters);
    KillAndResume(cluster, some, number, true);
    EXPECT_EQ(cluster.Values("orders").size(), 11U);  // v1, v10 .. v19
    EXPECT_EQ(cluster.Run(all).status, 0);
    const auto values = cluster.Values("orders");
    EXPECT_EQ(std::multiset<std::string>(values.begin(), values.end()), AllValues());
  }
}

struct ExportCase {
  const char* command;
  const char* flag;
  const char* file;
  const char* action;
};

TEST(ExactlyOnce, ExportsEachLetterOnceWhereverItIsKilled) {
  const ExportCase cases[] = {{"log", "--file", "logged.jsonl", "logged"},
                              {"log", "--file", "logged.jsonl.gz", "logged"},
                              {"discard", "--keep-copy", "kept.jsonl", "discarded"}};
  for (const ExportCase& each : cases) {
    const auto file = FreshFile(each.file);
    std::vector<std::string> args = {each.command, "orders-dlt", "--yes",      "--batch",
                                     "4",          each.flag,    file.string()};
    if (std::string(each.command) == "discard") {
      args.insert(args.end(), {"--reason-for-discarding", "test"});
    }
    KillEverywhere(args, [&](FakeCluster& cluster, int number, bool after) {
      std::filesystem::remove(file);
      KillAndResume(cluster, args, number, after);
      const std::string lines = Lines(file);
      EXPECT_EQ(std::ranges::count(lines, '\n'), kLetters);
      for (const std::string& value : AllValues()) {
        EXPECT_NE(lines.find("\"value\":\"" + value + "\""), std::string::npos) << value;
      }
      EXPECT_EQ(CountIn(cluster, each.action), kLetters);
    });
  }
}

TEST(ExactlyOnce, DeletesWhatAKilledRunDidNotDelete) {
  const std::vector<std::string> args = {
      "discard", "orders-dlt", "--yes",         "--no-copy", "--reason-for-discarding",
      "test",    "--by",       "delete-records"};
  KillEverywhere(args, [&](FakeCluster& cluster, int number, bool after) {
    KillAndResume(cluster, args, number, after);
    for (int partition = 0; partition < 2; ++partition) {
      const std::pair<std::string, kafka::PartitionId> key{"orders-dlt", partition};
      EXPECT_EQ(cluster.written.deleted_before[key], cluster.client.logs[key].last_stable);
    }
  });
}

TEST(ExactlyOnce, MarksAsReviewedOnceWhereverItIsKilled) {
  const std::vector<std::string> args = {"show",  "orders-dlt", "--mark-reviewed",
                                         "--yes", "--limit",    "100"};
  const int calls = CallsOf(args);
  for (int number = 1; number <= calls; ++number) {
    FakeCluster cluster;
    cluster.AddLetters(kLetters);
    KillAndResume(cluster, args, number, true);
    EXPECT_EQ(CountIn(cluster, "reviewed"), kLetters);
  }
}

TEST(ExactlyOnce, FindsOutWhetherACommitWithoutAnAnswerHappened) {
  const std::vector<std::string> args = {"redeliver", "orders-dlt", "--yes", "--batch", "4"};
  const int calls = CallsOf(args);
  for (int number = 1; number <= calls; ++number) {
    for (const bool happened : {false, true}) {
      FakeCluster cluster;
      cluster.AddLetters(kLetters);
      cluster.prepare_writer = [&](FakeRecordWriter& writer) {
        auto& errors = happened ? writer.lose_answer_of : writer.fail_at;
        errors[number] = Error{ErrorKind::kTimeout, "timed out"};
      };
      const Ran first = cluster.Run(args);
      EXPECT_EQ(first.status, 1) << number;
      EXPECT_NE(first.err.find("timed out"), std::string::npos);
      cluster.prepare_writer = nullptr;
      EXPECT_EQ(cluster.Run(args).status, 0);
      const auto values = cluster.Values("orders");
      EXPECT_EQ(std::multiset<std::string>(values.begin(), values.end()), AllValues());
    }
  }
}

TEST(ExactlyOnce, EndsWhenAnotherRunTookOver) {
  FakeCluster cluster;
  cluster.AddLetters(kLetters);
  int commits = 0;
  cluster.prepare_writer = [&](FakeRecordWriter& writer) {
    writer.before = [&](const std::string& call) {
      // The other one opens its writer after the first batch of this one.
      if (call == "Commit" && ++commits == 2) {
        cluster.prepare_writer = nullptr;
        EXPECT_EQ(cluster.Run({"redeliver", "orders-dlt", "--yes"}).status, 0);
      }
    };
  };
  const Ran first = cluster.Run({"redeliver", "orders-dlt", "--yes", "--batch", "4"});
  EXPECT_EQ(first.status, 1);
  EXPECT_NE(first.err.find("fenced by another"), std::string::npos) << first.err;
  const auto values = cluster.Values("orders");
  EXPECT_EQ(std::multiset<std::string>(values.begin(), values.end()), AllValues());
}

}  // namespace
}  // namespace backlogd::dlq
