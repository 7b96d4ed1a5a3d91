#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "kafka/kafka_client.h"
#include "kafka/record_reader.h"
#include "snapshot/cluster_snapshot.h"

namespace backlogd::snapshot {

struct CollectorMemory;

// What to look at: predicates over names, applied before anything else is asked.
struct Selection {
  std::function<bool(std::string_view topic)> topics;
  std::function<bool(std::string_view group)> groups;
  // Of which of these groups the texts beside the commits are wanted; of none if empty.
  std::function<bool(std::string_view group)> commit_texts = {};
};

// The only clock that Collect needs: to split its budget and to time its steps.
using SteadyClock = std::function<Deadline()>;

// Asks one cluster the questions of one poll, in this order, and why:
// 1. metadata: leaders, replicas, which topics exist;
// 2. groups, broker by broker: each group's coordinator and state;
// 3. log start offsets, before the commits: a commit below such a start really lost records;
// 4. committed offsets;
// 5. last stable, then log end offsets, after the commits: a lag is never negative, and start <=
//    last stable <= end always holds;
// 6. descriptions of groups that changed, and of the others in turn: each within three polls;
// 7. topic ids and configs, some topics in each poll; at once where a log shrank.
// Every step gets a share of what is left of the budget, so that a broker that hangs starves none.
//
// Remembers between polls only what decides what to ask next. Not thread-safe.
class Collector {
 public:
  Collector(Selection selection, SteadyClock clock);
  ~Collector();
  Collector& operator=(Collector&& other) noexcept;

  // Another selection from the next Collect on. What is not selected any more is forgotten.
  void Select(Selection selection);

  // Blocks until done or until `deadline`. Never throws.
  ClusterSnapshot Collect(kafka::KafkaClient& client, WallTime now, Deadline deadline);

 private:
  Selection selection_;
  SteadyClock clock_;
  std::unique_ptr<CollectorMemory> memory_;
};

// Who wants to know when records were written: asked again and again for timestamps to look up, at
// most `most` at once, until it wants none. What it asked for is always followed by its answers:
// one for each, in the order asked.
struct TimesWanted {
  std::function<std::vector<kafka::PartitionTime>(std::size_t most)> next;
  std::function<void(std::span<const kafka::PartitionOffset> answers)> take;
};

// The last step of a poll (kOffsetsForTimes), once what it saw was looked at. At most kLookupsAPoll
// timestamps, in at most kLookupRounds rounds; each round gets half of the time that is left, so
// that a leader that hangs in one does not keep the others from the next. Ends early if a round had
// no answer at all, or the client is interrupted. If nothing is wanted the step ran and succeeded.
// Blocks until done or until `deadline`. Never throws.
inline constexpr std::size_t kLookupsAPoll = 10'000;
inline constexpr int kLookupRounds = 20;
StepOutcome LookUpTimes(kafka::KafkaClient& client, const TimesWanted& wanted,
                        const SteadyClock& clock, Deadline deadline);

// Who wants to read records of dead-letter queues: which, who takes each (`range` is its place in
// the question), and who is told how far each range was read.
struct RecordsWanted {
  std::vector<kafka::ReadRange> ranges;
  std::function<void(std::size_t range, const kafka::Record& record)> take;
  std::function<void(std::span<const kafka::ReadOutcome> outcomes)> end;
};

// The step kReadDeadLetters. Reads within `limits` and half of the time that is left, so that a
// poll stays on time whatever lies in the queues; what was not read is no failure. Blocks. Never
// throws but what `wanted` throws.
StepOutcome ReadDeadLetters(kafka::RecordReader& reader, const RecordsWanted& wanted,
                            const kafka::ReadLimits& limits, const SteadyClock& clock,
                            Deadline deadline);

}  // namespace backlogd::snapshot
