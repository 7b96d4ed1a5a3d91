#include "kafka/record_writer.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <thread>

#include "kafka/librdkafka_client.h"
#include "kafka/mock_cluster.h"
#include "kafka/record_reader.h"
#include "kafka/recording_log.h"

// The mock commits at once what a transaction sends, and hides nothing that was aborted: what is
// seen of a transaction is asked of a real cluster, in tests/integration.
namespace backlogd::kafka {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

constexpr auto kPatience = 20s;
constexpr auto kImpatience = 600ms;
constexpr int kProduce = 0;  // requests' numbers
constexpr int kFindCoordinator = 10;
constexpr int kInitProducerId = 22;
constexpr int kAddPartitionsToTxn = 24;
constexpr int kTxnOffsetCommit = 28;

Deadline In(std::chrono::milliseconds time) { return steady_clock::now() + time; }

// What is kept of a record.
struct Kept {
  std::optional<std::string> key;
  std::optional<std::string> value;
  std::vector<std::pair<std::string, std::optional<std::string>>> headers;
  std::optional<WallTime> timestamp;
  PartitionId partition = 0;
};

std::optional<std::string> Copy(const std::optional<std::string_view>& text) {
  if (!text) return std::nullopt;
  return std::string(*text);
}

class Writer : public testing::Test {
 protected:
  Writer() : mock_(1) {
    mock_.CreateTopic("orders", 4);
    mock_.CreateTopic("dead", 2);
    cluster_.bootstrap_servers = mock_.bootstrap_servers();
    writer_ = NewWriter();
  }

  std::unique_ptr<RecordWriter> NewWriter() {
    return MakeRecordWriter(cluster_, {"handling.dead", "handlers", 30s}, log_);
  }

  static void ExpectDone(const std::optional<Error>& error) {
    EXPECT_FALSE(error) << error->message;
  }

  std::vector<Kept> RecordsOf(std::string_view topic, PartitionId partitions) {
    std::vector<Kept> kept;
    std::vector<ReadRange> ranges;
    for (PartitionId i = 0; i < partitions; ++i) ranges.push_back({topic, i, 0, 1'000'000});
    const auto reader = MakeRecordReader(cluster_, log_);
    const auto outcomes = reader->Read(
        ranges, {1'000'000, 1'000'000'000}, In(kPatience), [&](std::size_t, const Record& record) {
          Kept one{Copy(record.key), Copy(record.value), {}, record.timestamp, record.partition};
          for (const RecordHeader& header : record.headers) {
            one.headers.emplace_back(header.name, Copy(header.value));
          }
          kept.push_back(std::move(one));
          return true;
        });
    for (const ReadOutcome& outcome : outcomes) ExpectDone(outcome.error);
    return kept;
  }

  void Refuse(int request, rd_kafka_resp_err_t code, std::size_t times = 1) {
    const std::vector<rd_kafka_resp_err_t> codes(times, code);
    rd_kafka_mock_push_request_errors_array(mock_.get(), static_cast<std::int16_t>(request), times,
                                            codes.data());
  }

  // Opens, sends one record to "orders", commits it with a commit of "dead".
  std::optional<Error> Handle(RecordWriter& writer, std::chrono::milliseconds time = kPatience) {
    const Deadline deadline = In(time);
    if (auto error = writer.Open(deadline)) return error;
    if (auto error = writer.Begin()) return error;
    if (auto error = writer.Send({"orders", 0, "k", "v", {}, {}}, deadline)) return error;
    const GroupCommit commit{{"dead", 0}, 1, {}};
    return writer.Commit({&commit, 1}, deadline);
  }

  RecordingLog log_;
  MockCluster mock_;
  config::Cluster cluster_;
  std::unique_ptr<RecordWriter> writer_;
};

TEST_F(Writer, WritesRecordsAsTheyAre) {
  const RecordHeader headers[] = {{"a", "1"}, {"b", std::nullopt}, {"a", "2"}, {"c", ""}};
  const WallTime time(std::chrono::milliseconds(1'700'000'000'123));
  ExpectDone(writer_->Open(In(kPatience)));
  ExpectDone(writer_->Begin());
  ExpectDone(writer_->Send({"orders", 2, "key", "value", headers, time}, In(kPatience)));
  ExpectDone(writer_->Send({"orders", 2, {}, {}, {}, time}, In(kPatience)));
  ExpectDone(writer_->Send({"orders", 2, "", "", {}, time}, In(kPatience)));
  ExpectDone(writer_->Commit({}, In(kPatience)));
  const std::vector<Kept> kept = RecordsOf("orders", 4);
  ASSERT_EQ(kept.size(), 3U);
  EXPECT_EQ(kept[0].key, "key");
  EXPECT_EQ(kept[0].value, "value");
  EXPECT_EQ(kept[0].timestamp, time);
  EXPECT_EQ(kept[0].partition, 2);
  const decltype(Kept::headers) expected = {{"a", "1"}, {"b", std::nullopt}, {"a", "2"}, {"c", ""}};
  EXPECT_EQ(kept[0].headers, expected);
  EXPECT_FALSE(kept[1].key);
  EXPECT_FALSE(kept[1].value);
  EXPECT_EQ(kept[2].key, "");
  EXPECT_EQ(kept[2].value, "");
}

TEST_F(Writer, ChoosesPartitionsAsJavaClientsDo) {
  // Utils.toPositive(Utils.murmur2(key)) % 4
  const std::map<std::string, PartitionId> expected = {
      {"21", 0},
      {"foobar", 2},
      {"a-little-bit-long-string", 0},
      {"abc", 3},
      {"a-little-bit-longer-string", 3},
      {"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", 1}};
  ExpectDone(writer_->Open(In(kPatience)));
  ExpectDone(writer_->Begin());
  for (const auto& [key, partition] : expected) {
    ExpectDone(writer_->Send({"orders", {}, key, "v", {}, {}}, In(kPatience)));
  }
  ExpectDone(writer_->Commit({}, In(kPatience)));
  for (const Kept& one : RecordsOf("orders", 4)) {
    EXPECT_EQ(one.partition, expected.at(*one.key)) << *one.key;
  }
}

TEST_F(Writer, ReadsCommitsWithTheirText) {
  const TopicPartition partitions[] = {{"dead", 1}, {"dead", 0}};
  auto positions = writer_->FetchPositions(partitions, In(kPatience));
  ASSERT_TRUE(positions) << positions.error().message;
  EXPECT_FALSE((*positions)[0].offset);
  mock_.Commit("handlers", "dead", 1, 17, "backlogd-dlq 1 discarded=3");
  positions = writer_->FetchPositions(partitions, In(kPatience));
  ASSERT_TRUE(positions) << positions.error().message;
  EXPECT_EQ((*positions)[0].offset, 17);
  EXPECT_EQ((*positions)[0].metadata, "backlogd-dlq 1 discarded=3");
  EXPECT_FALSE((*positions)[1].offset);
  EXPECT_EQ((*positions)[1].metadata, "");
}

TEST_F(Writer, WritesAgainAfterAnAbort) {
  ExpectDone(writer_->Open(In(kPatience)));
  for (int i = 0; i < 3; ++i) {
    ExpectDone(writer_->Begin());
    ExpectDone(writer_->Send({"orders", 0, "k", "v", {}, {}}, In(kPatience)));
    ExpectDone(i == 1 ? writer_->Commit({}, In(kPatience)) : writer_->Abort(In(kPatience)));
  }
}

TEST_F(Writer, NamesTheRightThatIsMissing) {
  const struct {
    int request;
    rd_kafka_resp_err_t code;
    const char* needed;
  } cases[] = {
      {kProduce, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, "needs WRITE on topic orders"},
      {kAddPartitionsToTxn, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED,
       "needs WRITE on topic orders"},
      {kTxnOffsetCommit, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, "needs READ on topic dead"},
      {kTxnOffsetCommit, RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED,
       "needs READ on group handlers"},
      {kInitProducerId, RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
       "needs WRITE and DESCRIBE on transactional id handling.dead"},
      {kInitProducerId, RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED,
       "needs IDEMPOTENT_WRITE on the cluster"},
  };
  for (const auto& c : cases) {
    rd_kafka_mock_clear_request_errors(mock_.get(), static_cast<std::int16_t>(c.request));
    writer_ = NewWriter();
    Refuse(c.request, c.code);
    const auto error = Handle(*writer_);
    ASSERT_TRUE(error) << c.needed;
    EXPECT_EQ(error->kind, ErrorKind::kUnauthorized) << error->message;
    EXPECT_NE(error->message.find(c.needed), std::string::npos) << error->message;
  }
}

TEST_F(Writer, NamesTheGroupThatItMayNotAskAbout) {
  Refuse(kFindCoordinator, RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED, 100);
  const TopicPartition partition{"dead", 0};
  const auto positions = writer_->FetchPositions({&partition, 1}, In(kPatience));
  ASSERT_FALSE(positions);
  EXPECT_EQ(positions.error().kind, ErrorKind::kUnauthorized);
  EXPECT_NE(positions.error().message.find("needs READ on group handlers"), std::string::npos)
      << positions.error().message;
}

TEST_F(Writer, SaysWhichRecordIsTooLarge) {
  Refuse(kProduce, RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE);
  const auto error = Handle(*writer_);
  ASSERT_TRUE(error);
  EXPECT_EQ(error->kind, ErrorKind::kOther);
  EXPECT_EQ(error->message, "record to orders: message size too large");
  ExpectDone(writer_->Abort(In(kPatience)));
  const auto again = writer_->Begin();
  ASSERT_TRUE(again);
  EXPECT_EQ(again->message, error->message);
  ExpectDone(Handle(*NewWriter()));
}

TEST_F(Writer, ToleratesPassingErrors) {
  Refuse(kInitProducerId, RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS);
  Refuse(kAddPartitionsToTxn, RD_KAFKA_RESP_ERR_CONCURRENT_TRANSACTIONS, 2);
  Refuse(kProduce, RD_KAFKA_RESP_ERR_NOT_LEADER_OR_FOLLOWER);
  Refuse(kTxnOffsetCommit, RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS);
  ExpectDone(Handle(*writer_));
}

TEST_F(Writer, SaysThatAnotherOneFencedIt) {
  ExpectDone(Handle(*writer_));
  Refuse(kAddPartitionsToTxn, RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH);
  ExpectDone(writer_->Begin());
  std::optional<Error> error = writer_->Send({"orders", 0, "k", "v", {}, {}}, In(kPatience));
  if (!error) error = writer_->Commit({}, In(kPatience));
  ASSERT_TRUE(error);
  EXPECT_EQ(error->kind, ErrorKind::kOther);
  EXPECT_NE(error->message.find("fenced by another writer"), std::string::npos) << error->message;
  error = writer_->Begin();
  ASSERT_TRUE(error);
  EXPECT_NE(error->message.find("fenced by another writer"), std::string::npos) << error->message;
}

TEST_F(Writer, AnUnknownTopicIsAnError) {
  rd_kafka_mock_topic_set_error(mock_.get(), "gone", RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
  ExpectDone(writer_->Open(In(kPatience)));
  ExpectDone(writer_->Begin());
  ExpectDone(writer_->Send({"gone", {}, "k", "v", {}, {}}, In(kPatience)));
  const auto error = writer_->Commit({}, In(kPatience));
  ASSERT_TRUE(error);
  EXPECT_TRUE(error->message.starts_with("record to gone: unknown topic")) << error->message;
}

TEST_F(Writer, DeadBrokersHoldUpNothingBeyondTheDeadline) {
  ExpectDone(writer_->Open(In(kPatience)));
  ExpectDone(writer_->Begin());
  rd_kafka_mock_broker_set_down(mock_.get(), 1);
  ExpectDone(writer_->Send({"orders", 0, "k", "v", {}, {}}, In(kImpatience)));
  const auto start = steady_clock::now();
  const GroupCommit commit{{"dead", 0}, 1, {}};
  auto error = writer_->Commit({&commit, 1}, In(kImpatience));
  ASSERT_TRUE(error);
  EXPECT_TRUE(error->kind == ErrorKind::kTimeout || error->kind == ErrorKind::kUnreachable)
      << error->message;
  EXPECT_TRUE(NewWriter()->Open(In(kImpatience)));
  const TopicPartition partition{"dead", 0};
  EXPECT_FALSE(writer_->FetchPositions({&partition, 1}, In(kImpatience)));
  EXPECT_TRUE(writer_->DeleteRecordsBefore({&commit, 1}, In(kImpatience))[0]);
  writer_.reset();
  EXPECT_LT(steady_clock::now() - start, 6s);
  rd_kafka_mock_broker_set_up(mock_.get(), 1);
}

TEST_F(Writer, StopsSoonWhenInterrupted) {
  rd_kafka_mock_broker_set_down(mock_.get(), 1);
  const auto start = steady_clock::now();
  std::thread interrupter([&] { writer_->Interrupt(); });
  const auto error = Handle(*writer_);
  interrupter.join();
  ASSERT_TRUE(error);
  EXPECT_EQ(error->kind, ErrorKind::kInterrupted);
  const TopicPartition partition{"dead", 0};
  EXPECT_EQ(writer_->FetchPositions({&partition, 1}, In(kPatience)).error().kind,
            ErrorKind::kInterrupted);
  EXPECT_EQ(writer_->Begin()->kind, ErrorKind::kInterrupted);
  writer_.reset();
  EXPECT_LT(steady_clock::now() - start, 5s);
}

TEST_F(Writer, IsNotChangedByTheClustersProperties) {
  cluster_.properties = {{"enable.idempotence", "false"},
                         {"acks", "0"},
                         {"max.in.flight", "100"},
                         {"transactional.id", "other"},
                         {"message.timeout.ms", "1"}};
  writer_ = NewWriter();
  ExpectDone(Handle(*writer_));
  cluster_.properties = {{"linger.nonsense", "1"}};
  EXPECT_THROW(NewWriter(), config::ConfigError);
}

}  // namespace
}  // namespace backlogd::kafka
