#include "dlq/fixture.h"

namespace backlogd::dlq {
namespace {

std::string BigEndian(std::uint64_t number, int bytes) {
  std::string text;
  for (int i = bytes - 1; i >= 0; --i) text += static_cast<char>(number >> (8 * i) & 0xff);
  return text;
}

// Hands on to the cluster's own, which the program may destroy its copy of.
template <typename Fake>
struct Noted : Fake {
  using Fake::Fake;
  std::vector<std::string>* into = nullptr;
  ~Noted() override {
    if (into != nullptr) *into = this->calls;
  }
};

}  // namespace

FakeRecord LetterOf(const std::string& value, int source_offset) {
  return {.key = "key of " + value,
          .value = value,
          .headers = {{"trace", "abc"},
                      {"kafka_dlt-original-topic", "orders"},
                      {"kafka_dlt-original-partition", BigEndian(2, 4)},
                      {"kafka_dlt-original-offset",
                       BigEndian(static_cast<std::uint64_t>(source_offset), 8)},
                      {"kafka_dlt-exception-fqcn", "java.lang.IllegalArgumentException"},
                      {"kafka_dlt-exception-message", "no such article"},
                      {"kafka_deliveryAttempt", BigEndian(10, 4)}},
          .timestamp = WallTime(std::chrono::milliseconds(1'799'999'000'000))};
}

FakeCluster::FakeCluster() {
  client.metadata.brokers.push_back({1, "broker", 9092, ""});
  client.AddTopic("orders", 3);
  client.AddTopic("payments", 3);
  client.AddTopic("orders-dlt", 2);
  written.partitions = {{"orders", 3}, {"payments", 3}};
}

kafka::Offset FakeCluster::Add(kafka::PartitionId partition, FakeRecord record) {
  const kafka::Offset offset = ends_[partition]++;
  reader.logs[{"orders-dlt", partition}][offset] = std::move(record);
  auto& log = client.logs[{"orders-dlt", partition}];
  log.end = log.last_stable = ends_[partition];
  return offset;
}

kafka::Offset FakeCluster::AddMarker(kafka::PartitionId partition) {
  const kafka::Offset offset = ends_[partition]++;
  auto& log = client.logs[{"orders-dlt", partition}];
  log.end = log.last_stable = ends_[partition];
  return offset;
}

void FakeCluster::AddLetters(int count) {
  for (int i = 0; i < count; ++i) {
    Add(i % 2, LetterOf("v" + std::to_string(i), i));
    if (i % 3 == 0) AddMarker(i % 2);
  }
}

Ran FakeCluster::Run(std::vector<std::string> args) {
  std::ostringstream out, err;
  if (out_fails) out.setstate(std::ios::badbit);
  cli::Stop stop_of_this_run;
  stop = &stop_of_this_run;
  const std::string group = "backlogd-dlq.orders-dlt";
  for (const auto& [key, position] : written.positions[group]) {
    client.committed[group][key] = position.offset;
    client.committed_metadata[group][key] = position.metadata;
  }
  if (client.listings[1].empty()) client.AddGroup(group);
  const auto begun = std::chrono::steady_clock::now();
  const Surroundings with = {
      .out = out,
      .err = err,
      .in_is_terminal = terminal,
      .err_is_terminal = false,
      .columns = 80,
      .read_line = [this]() -> std::optional<std::string> {
        if (answers.empty()) return std::nullopt;
        const std::string answer = answers.front();
        answers.pop_front();
        return answer;
      },
      .wall_now = [this] { return now; },
      .steady_now = [this, begun] { return begun + elapsed; },
      .stop = stop_of_this_run,
      .make_client = [this](const auto&,
                            auto&) { return std::make_unique<FakeKafkaClient>(client); },
      .make_reader = [this](const auto&,
                            auto&) { return std::make_unique<FakeRecordReader>(reader); },
      .make_writer =
          [this](const auto&, const kafka::WriterOptions& options, auto&) {
            auto writer = std::make_unique<Noted<FakeRecordWriter>>(written, options);
            writer->into = &writer_calls;
            if (prepare_writer) prepare_writer(*writer);
            return writer;
          }};
  std::vector<const char*> pointers = {"backlogd-dlq"};
  for (const std::string& arg : args) pointers.push_back(arg.c_str());
  Ran ran;
  writer_calls.clear();
  try {
    ran.status = dlq::Run(pointers, with);
  } catch (const FakeDeath&) {
    ran.status = -1;
  }
  ran.out = out.str();
  ran.err = err.str();
  return ran;
}

std::vector<std::string> FakeCluster::Values(const std::string& topic) const {
  std::vector<std::string> values;
  for (const FakeRecord& record : written.RecordsOf(topic)) {
    values.push_back(record.value.value_or("(null)"));
  }
  return values;
}

std::optional<kafka::Offset> FakeCluster::Committed(kafka::PartitionId partition) const {
  const auto group = written.positions.find("backlogd-dlq.orders-dlt");
  if (group == written.positions.end()) return std::nullopt;
  const auto found = group->second.find({"orders-dlt", partition});
  if (found == group->second.end()) return std::nullopt;
  return found->second.offset;
}

std::string FakeCluster::Metadata(kafka::PartitionId partition) const {
  return written.positions.at("backlogd-dlq.orders-dlt").at({"orders-dlt", partition}).metadata;
}

}  // namespace backlogd::dlq
