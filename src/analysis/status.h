#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "analysis/unknown.h"
#include "base/time.h"
#include "kafka/types.h"

// What state a group's reading of a partition is in: pure judgements over a window of samples, in
// the manner of Burrow's evaluator. No rule needs a threshold set by an operator: each compares
// samples with one another.
namespace backlogd::analysis {

// Best to worst: a group is as bad as the worst of its partitions.
enum class Status : std::uint8_t {
  kOk,             // reads what is written, or has nothing to read
  kCatchingUp,     // has a backlog, which shrinks
  kFallingBehind,  // has a backlog, which grows, or which is older than the window and stays
  kRewound,        // the commit went back, and what was read already is not read again yet
  kNotCommitting,  // (groups only) reads partitions without ever committing there
  kStalled,        // records wait, somebody should read them, and the commit does not move
  kStopped,        // records wait and nobody reads
  kLosingData,     // records are deleted before they are read
};
inline constexpr int kStatusCount = 8;
// "ok", "catching_up", ...: values of the label `status`.
std::string_view ToText(Status status);

// What was seen at one instant. All three are known; `end` is the last stable offset for a group
// that reads committed records only.
struct LagSample {
  WallTime at{};
  kafka::Offset start = 0;
  kafka::Offset committed = 0;
  kafka::Offset end = 0;
};

// Records that can still be read; a commit beyond the log end leaves none.
std::int64_t Waiting(const LagSample& sample);

// A group's reading of one partition over the last while.
struct PartitionWindow {
  std::span<const LagSample> samples;     // oldest to newest, the newest is now; not empty
  std::chrono::milliseconds length{0};    // of a whole window; samples may span less (too little
                                          // history) or, after missed polls, somewhat more
  bool caught_up = false;                 // in some poll of the newer half nothing was waiting
  kafka::Offset rewound_from = kUnknown;  // commit before it last went back; kUnknown: it did not
  // How long records have waited since the commit last moved, and how long they used to: a member
  // that has fetched many records of one partition leaves its others alone until it is done.
  std::chrono::milliseconds waited{0};
  std::chrono::milliseconds usual_wait{0};
  // Of a reader that usually waits for more than a quarter of a window between commits: the log end
  // a quarter of a window before it last committed (at most). kUnknown: of any other.
  kafka::Offset end_before_commit = kUnknown;
  Status shown = Status::kOk;  // before this poll
  // Whether a member is assigned the partition; absent if not known (then nobody is said to be
  // gone).
  std::optional<bool> has_reader;
};

// Each rule by itself. They say no where the samples span too little to tell.
//
// Records that were not read are already deleted (and others that are not wait), or were deleted
// during the window. Needs no history.
bool IsLosingData(const PartitionWindow& window);
// Records waited, the commit did not move and nobody was there: over half a window, and for twice
// as long as it used to (a job that is no member commits at its checkpoints).
bool HasStopped(const PartitionWindow& window);
// The same over a whole window, whoever is there.
bool HasStalled(const PartitionWindow& window);
// The commit went back (an operator's reset) and has not come to where it was. Needs no history.
bool HasRewound(const PartitionWindow& window);
// All that was in the log a quarter of a window ago has been read, or nothing was waiting in some
// poll of the newer half: what waits now is on its way. Of a reader that usually waits longer
// between its commits: a quarter of a window before the last of them, until it waits for twice as
// long.
bool KeepsUp(const PartitionWindow& window);
// Does not keep up, and: each lag of the newer half is above each of the older, and now it is an
// eighth more than when the window began; or what was in the log then is not read yet and the lag
// does not shrink. Needs half a window.
bool IsFallingBehind(const PartitionWindow& window);
// Does not keep up, and: each lag of the newer half is below each of the older, and at that speed
// all is read within 32 windows; or what was in the log when the window began is not read yet and
// the lag is an eighth less. Needs half a window.
bool IsCatchingUp(const PartitionWindow& window);

// The worst rule that holds. Without a backlog a partition is ok, whoever is there, but for data
// lost. So is one that is late by less than a window if that neither grows nor shrinks. Absent if
// there is a backlog and too little history (less than half a window) to judge it.
std::optional<Status> EvaluatePartition(const PartitionWindow& window);

// Holds a status back until it lasts, so that noise does not make it flap: worse ones for two polls
// in a row, better ones for three; of a row that differs, the one nearest to what is shown. The
// first is taken at once.
class StatusFilter {
 public:
  // The status to show, given what this poll judged.
  Status Update(Status judged);

 private:
  Status shown_ = Status::kOk;
  Status candidate_ = Status::kOk;
  std::uint8_t polls_ = 0;  // in a row at least as far from `shown_` as `candidate_`
  bool begun_ = false;
};

}  // namespace backlogd::analysis
