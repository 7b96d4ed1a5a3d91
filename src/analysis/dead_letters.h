#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/oldest_search.h"
#include "analysis/poll_number.h"
#include "analysis/unknown.h"
#include "deadletters/decode.h"
#include "deadletters/discovery.h"
#include "deadletters/progress.h"
#include "deadletters/reason.h"
#include "deadletters/record.h"
#include "kafka/record.h"
#include "kafka/types.h"
#include "snapshot/cluster_snapshot.h"

// What LagAnalyzer remembers of the dead-letter queues of one cluster between polls.
namespace backlogd::analysis {

struct DeadLetterSettings;
struct GroupHistory;
struct LagHistory;
struct LagReport;
struct WantedTime;

struct QueuePartition {
  kafka::PartitionId partition = 0;
  // Up to where records are counted; kUnknown: what is read next starts it.
  kafka::Offset counted_until = kUnknown;  // as written
  kafka::Offset expired_until = kUnknown;  // as deleted or not: a log start
  kafka::Offset read_until = kUnknown;     // by the scan
  kafka::Offset handled_until = 0;  // furthest commit of a group that handles the queue, this poll
  kafka::Offset handled_ever = 0;   // the furthest since the log was first seen
  std::optional<deadletters::Progress> own;  // of OwnHandlingGroup(), as last read
  OldestSearch oldest;
  PollNumber next_lookup = 0;  // poll in which its timestamp may be looked up again
};

// Dead letters of one source topic that were read. Those of a source that turns up for the first
// time are shown as 0 for one poll, so that their rise is seen.
struct ClassifiedRecords {
  PollNumber first_seen = 0;
  std::array<std::uint64_t, deadletters::kReasonCount> records = {};
};

struct QueueHistory {
  deadletters::DeadLetterQueue queue;
  snapshot::TopicIndex topic = 0;
  std::optional<kafka::TopicId> topic_id;  // absent if not known
  PollNumber first_seen = 0;
  PollNumber seen_at = 0;
  PollNumber records_known_at = 0;  // poll that first knew how many were written
  PollNumber expired_known_at = 0;  // or had expired
  bool all_is_new = false;  // the topic appeared in this poll: what is in it was not there before
  std::uint64_t records = 0;
  std::uint64_t expired = 0;
  std::uint64_t scan_failures = 0;
  std::vector<std::size_t> handlers;       // groups of the history that handle it, as of this poll
  std::optional<std::size_t> own;          // that of backlogd-dlq, if it exists
  std::vector<QueuePartition> partitions;  // as the topic's
  deadletters::FrameworkVotes votes;
  std::map<std::string, ClassifiedRecords, std::less<>> classified;  // by source topic
};

// Where a range that is read belongs.
struct ScannedRange {
  std::size_t queue = 0;
  std::size_t partition = 0;
};

struct DeadLetterHistory {
  std::vector<QueueHistory> queues;  // ascending by topic
  // Queues whose topics are not there any more: one that comes back with its id (the right to see
  // it was taken and given back) goes on, and is not counted anew. Bounded.
  std::map<std::string, QueueHistory, std::less<>> absent;
  std::size_t most_queues = 0;                // that there ever were at one time
  std::vector<std::string> unwatched_groups;  // as last listed completely
  std::vector<ScannedRange> ranges;           // being read
  // Whether there may be groups that handle a queue without being among its handlers: not listed,
  // or their commits never read. Those that we may not see do not count.
  bool handlers_missing = false;
  std::size_t next_queue = 0;  // whose turn it is to be read first
  // Of the names that the queues were last found among.
  std::optional<std::size_t> names_hash;
  std::vector<deadletters::DeadLetterQueue> found;
  std::vector<deadletters::Header> headers;  // reused for each record
};

// Folds one poll in. REQUIRES: FoldTopics and FoldGroups were called with the same snapshot
void FoldDeadLetters(const snapshot::ClusterSnapshot& seen, const DeadLetterSettings& settings,
                     LagHistory& history);

// The settings changed: which topics are queues is found out anew by the next poll. `scan_begins`:
// what lies in them unread by then is not read.
void ForgetDiscovery(bool scan_begins, DeadLetterHistory& history);

// Which timestamps tell when the oldest pending records were written: at most `most`, no partition
// twice.
std::vector<WantedTime> WantOldest(std::size_t most, LagHistory& history);

// Adds what is known of the queues. REQUIRES: the report's topics are there
void ReportDeadLetters(const LagHistory& history, bool scan, LagReport& report);

// See LagAnalyzer.
std::vector<kafka::ReadRange> WantRecords(LagHistory& history);
void TakeRecord(std::size_t range, const kafka::Record& record, const DeadLetterSettings& settings,
                LagHistory& history);
void TakeOutcomes(std::span<const kafka::ReadOutcome> outcomes, LagHistory& history);

}  // namespace backlogd::analysis
