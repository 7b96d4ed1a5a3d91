#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "dlq/surroundings.h"
#include "dlq/survey.h"
#include "kafka/record_reader.h"

namespace backlogd::dlq {

// What is to be read of a partition: `index` is its place in Queue::partitions.
struct Stretch {
  std::size_t index = 0;
  kafka::Offset from = 0;
  kafka::Offset until = 0;
};

enum class ReadingEnd { kAll, kEnough, kInterrupted, kFailed };

struct Reading {
  ReadingEnd end = ReadingEnd::kAll;
  std::string problem;               // kFailed: what, where, why
  std::vector<kafka::Offset> nexts;  // of each stretch: everything before it was handed out
};

// Called for each record with its stretch's place; false: enough.
using StretchSink = std::function<bool(std::size_t stretch, const kafka::Record& record)>;

// Who reads which queue. What is referred to must outlive it.
struct QueueReader {
  kafka::RecordReader& reader;
  const Queue& queue;
  std::chrono::milliseconds timeout;  // for which Kafka may hand out nothing
  const Surroundings& with;
};

// Reads all stretches to their ends, however long the sink takes. Fails if Kafka hands out nothing
// for the timeout, and at the first partition that cannot be read.
Reading ReadQueue(const QueueReader& by, const std::vector<Stretch>& stretches,
                  const StretchSink& sink);

}  // namespace backlogd::dlq
