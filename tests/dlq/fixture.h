#pragma once

#include <atomic>
#include <deque>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "dlq/run.h"
#include "fakes/fake_kafka_client.h"
#include "fakes/fake_record_reader.h"
#include "fakes/fake_record_writer.h"

namespace backlogd::dlq {

// What a run of the program left behind.
struct Ran {
  int status = -1;  // -1: it was killed
  std::string out;
  std::string err;
};

// A cluster that outlives the runs of the program on it: topics "orders" and "payments" of three
// partitions, and the queue "orders-dlt" of two.
class FakeCluster {
 public:
  FakeCluster();

  // Appends to the queue; a letter of Spring's from "orders", unless it says otherwise.
  kafka::Offset Add(kafka::PartitionId partition, FakeRecord record);
  kafka::Offset AddMarker(kafka::PartitionId partition);
  void AddLetters(int count);  // alternating between the partitions, with a marker here and there

  // Runs "backlogd-dlq ARGS" as on no terminal, with --yes if it is not said otherwise.
  Ran Run(std::vector<std::string> args);

  // Each value that was sent to `topic`, in order.
  std::vector<std::string> Values(const std::string& topic) const;
  std::optional<kafka::Offset> Committed(kafka::PartitionId partition) const;
  std::string Metadata(kafka::PartitionId partition) const;

  FakeKafkaClient client;   // copied for each run
  FakeRecordReader reader;  // copied for each run
  FakeWrittenCluster written;
  std::function<void(FakeRecordWriter&)> prepare_writer;  // told of each run's writer
  std::vector<std::string> writer_calls;                  // of the last run
  bool terminal = false;
  bool out_fails = false;                  // standard output is full
  std::deque<std::string> answers;         // what the operator types
  std::atomic<cli::Stop*> stop = nullptr;  // of the run that is on
  Deadline::duration elapsed{};            // on the steady clock
  WallTime now{std::chrono::milliseconds(1'800'000'000'000)};

 private:
  std::map<kafka::PartitionId, kafka::Offset> ends_;
};

FakeRecord LetterOf(const std::string& value, int source_offset = 7);

}  // namespace backlogd::dlq
