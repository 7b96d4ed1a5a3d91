#include <gtest/gtest.h>

#include <deque>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "deadletters/classify.h"
#include "deadletters/decode.h"
#include "deadletters/record_builder.h"

// Records that frameworks wrote to a real Kafka while real faults happened to them, without keys,
// values and most stack frames (tests/data/dead_letters/real.jsonl).
namespace backlogd::deadletters {
namespace {

struct RealRecord {
  RecordBuilder record;
  std::string topic;
  std::string framework;
  std::string expected_reason;
  std::string source_topic;
  std::string source_group;
  bool is_dead = false;      // in a dead-letter queue, not on its way through retry topics
  bool is_knowable = false;  // there is something in the record that tells its reason
  bool is_redriven = false;
};

std::string Bytes(const std::string& hex) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
  }
  return bytes;
}

std::string TextOrNothing(const nlohmann::json& value) {
  return value.is_string() ? value.get<std::string>() : "";
}

std::deque<RealRecord> LoadRecords() {
  std::ifstream file(BACKLOGD_SOURCE_DIR "/tests/data/dead_letters/real.jsonl");
  std::deque<RealRecord> records;
  for (std::string line; std::getline(file, line);) {
    const auto json = nlohmann::json::parse(line);
    RealRecord& real = records.emplace_back();
    real.topic = json.at("topic");
    real.framework = json.at("framework");
    real.expected_reason = json.at("expected_reason");
    real.source_topic = TextOrNothing(json.at("source_topic"));
    real.source_group = TextOrNothing(json.at("source_group"));
    real.is_dead = json.at("role") == "dlq";
    real.is_knowable = json.at("knowable") == "yes";
    real.is_redriven = json.at("redriven");
    real.record = RecordBuilder(real.topic);
    for (const auto& header : json.at("headers")) {
      std::optional<std::string> value;
      if (header[1].is_string()) value = header[1];
      if (header[1].is_object()) value = Bytes(header[1].at("hex"));
      real.record.With(header[0], value);
    }
  }
  return records;
}

const std::deque<RealRecord>& Records() {
  static const std::deque<RealRecord> records = LoadRecords();
  return records;
}

// As a scanner does: what fills a topic first, its records then.
DeadLetter DecodeAsScanned(const RealRecord& real) {
  FrameworkVotes votes;
  for (const RealRecord& other : Records()) {
    if (other.topic == real.topic) votes.Add(other.record.View());
  }
  return Decode(real.record.View(), votes.Winner());
}

struct Score {
  int right = 0;
  int wrong = 0;  // something else than unknown
  int all = 0;
};

std::map<std::string, Score> ScoresByFramework(bool knowable) {
  std::map<std::string, Score> scores;
  for (const RealRecord& real : Records()) {
    if (!real.is_dead || real.is_knowable != knowable) continue;
    const std::string_view reason = ToText(Classify(DecodeAsScanned(real)));
    Score& score = scores[real.framework];
    ++score.all;
    if (reason == real.expected_reason) {
      ++score.right;
    } else if (reason != "unknown") {
      ++score.wrong;
    }
  }
  return scores;
}

TEST(RealRecords, ThatCanBeKnownAreJudgedRightForEveryFramework) {
  const std::map<std::string, int> expected = {
      {"kafka-connect", 12},         {"kafka-streams", 5}, {"smallrye", 8},
      {"spring-cloud-stream", 2},    {"spring-kafka", 12}, {"watermill", 4},
      {"spring-kafka-retryable", 6},
  };
  const auto scores = ScoresByFramework(true);
  ASSERT_EQ(scores.size(), expected.size());
  for (const auto& [framework, score] : scores) {
    EXPECT_EQ(score.right, score.all) << framework;
    EXPECT_EQ(score.wrong, 0) << framework;
    EXPECT_GE(score.all, expected.at(framework)) << framework;
  }
}

TEST(RealRecords, ThatNobodyCanTellAreSeldomJudgedWrong) {
  Score sum;
  for (const auto& [framework, score] : ScoresByFramework(false)) {
    sum.wrong += score.wrong;
    sum.all += score.all;
  }
  EXPECT_GE(sum.all, 15);
  EXPECT_LE(sum.wrong, 2);
}

TEST(RealRecords, NameTheirSource) {
  int named = 0;
  for (const RealRecord& real : Records()) {
    const DeadLetter letter = DecodeAsScanned(real);
    if (letter.origin.topic.empty() || letter.origin.topic.ends_with("-repartition")) continue;
    EXPECT_EQ(letter.origin.topic, real.source_topic);
    ++named;
    if (!letter.group.empty()) {
      EXPECT_EQ(letter.group, real.source_group);
    }
    if (real.framework == "watermill") continue;
    EXPECT_TRUE(letter.origin.partition.has_value()) << real.topic;
    EXPECT_TRUE(letter.origin.offset.has_value()) << real.topic;
  }
  EXPECT_GE(named, 65);
}

TEST(RealRecords, AreJudgedByTheLatestDeathUnderTheTopicsOwnFramework) {
  int redriven = 0;
  for (const RealRecord& real : Records()) {
    if (!real.is_redriven) continue;
    ++redriven;
    const DeadLetter letter = DecodeAsScanned(real);
    EXPECT_TRUE(std::string_view(real.framework).starts_with(ToText(letter.framework)))
        << real.topic << " taken for " << ToText(letter.framework);
  }
  EXPECT_GE(redriven, 6);
}

}  // namespace
}  // namespace backlogd::deadletters
