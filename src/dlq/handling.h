#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "cli/progress_bar.h"
#include "dlq/filters.h"
#include "dlq/read_queue.h"
#include "dlq/surroundings.h"
#include "dlq/survey.h"
#include "dlq/treatment.h"
#include "kafka/record_writer.h"

namespace backlogd::dlq {

struct HandlingOptions {
  Filters filters;
  std::optional<std::uint64_t> limit;  // of handled records
  bool again = false;                  // handled ones too
  std::uint64_t batch = 500;           // records of a transaction
  std::optional<double> rate;          // records a second at most
  std::chrono::milliseconds timeout{30'000};
  bool rehearse = false;  // only decide
};

// A writer in place of one that writes no more, and what it says of the progress.
struct Renewed {
  kafka::RecordWriter* writer = nullptr;
  QueueProgress progress;
};

// A queue and what is done with it. All that is pointed at must outlive the call.
struct Job {
  const Queue* queue = nullptr;
  QueueProgress progress;  // where to begin, of each partition
  LetterOpener* opener = nullptr;
  Treatment* treatment = nullptr;
  kafka::RecordReader* reader = nullptr;
  std::function<Result<Renewed>()> renew;  // the writer; what was given before is gone then
  kafka::RecordWriter* writer = nullptr;   // opened; null: the progress is not kept
  const Surroundings* with = nullptr;
  cli::ProgressBar* bar = nullptr;
  HandlingOptions options;
};

enum class HandlingEnd { kDone, kLimit, kTooManyGaps, kInterrupted, kFailed };

struct HandlingResult {
  HandlingEnd end = HandlingEnd::kDone;
  std::string problem;        // kTooManyGaps, kFailed: what, where, how to mend it
  std::uint64_t handled = 0;  // and committed
  std::map<std::string, std::uint64_t> left_behind;  // those that fitted, by why they stay
  std::map<std::string, std::uint64_t> targets;      // of a redelivery, by topic
  std::chrono::duration<double> time{};
  QueueProgress progress;  // as it is committed
};

// Treats the records that fit, in order within each partition, batch by batch: what is done in
// Kafka and how far we got are committed together, so that whoever begins anew from the commits
// does nothing twice and leaves nothing out. Never commits less than what the job began with.
//
// Where the letters before stay, what is handled is kept as ranges beside the commit. When they
// would be too many, it ends (kTooManyGaps).
HandlingResult Handle(const Job& job);

// The records to read, from the first that is not handled; the whole log with `again`.
std::vector<Stretch> StretchesOf(const Queue& queue, const QueueProgress& progress,
                                 const Filters& filters, bool again);

// Shows the opener the first of the records. The problem, if they cannot be read.
std::optional<std::string> LearnFramework(const QueueReader& by,
                                          const std::vector<Stretch>& stretches,
                                          LetterOpener& opener);

}  // namespace backlogd::dlq
