#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// How far a dead-letter queue has been handled: what backlogd-dlq keeps in Kafka, as the commits of
// the group OwnHandlingGroup() and the text beside each commit, and what the daemon reads there.
namespace backlogd::deadletters {

// What was done about a record. The names (see ToText) are values of the label `action`.
enum class Action : std::uint8_t {
  kReviewed,     // somebody looked, and nothing had to be done
  kRedelivered,  // sent to a topic again, as it was or mended
  kLogged,       // exported, for a log system
  kDiscarded,
};
inline constexpr std::size_t kActionCount = 4;

// "reviewed", "redelivered", "logged", "discarded". Never changes.
std::string_view ToText(Action action);

// Offsets from `begin` up to, not including, `end`. REQUIRES: begin < end
struct OffsetRange {
  std::int64_t begin = 0;
  std::int64_t end = 0;
  friend bool operator==(const OffsetRange&, const OffsetRange&) = default;
};

// Of one partition. Everything before `next` is handled; `ahead` is what was handled after it, when
// filters left others behind: ascending, apart from one another, after `next`.
struct Progress {
  std::int64_t next = 0;  // the committed offset
  std::vector<OffsetRange> ahead = {};
  std::array<std::uint64_t, kActionCount> counts = {};  // records, by Action; only grow

  friend bool operator==(const Progress&, const Progress&) = default;
};

bool IsHandled(const Progress& progress, std::int64_t offset);

// How many offsets of [begin, end) are handled. REQUIRES: 0 <= begin <= end
std::int64_t CountHandled(const Progress& progress, std::int64_t begin, std::int64_t end);

// Notes that [begin, end) is handled; counts nothing. What lies between two records of a log
// (markers, aborted and compacted records) is to be marked along with the record before or after
// it. REQUIRES: 0 <= begin <= end
void MarkHandled(std::int64_t begin, std::int64_t end, Progress& progress);

// What is kept beside the commit: printable ASCII, for example
// "backlogd-dlq 1 redelivered=12 discarded=3 ahead=AgMEAQ": counts of zero are left out; for
// `ahead` see run_lengths.h. Nothing if it would be longer than kMaxMetadataBytes: then there are
// too many gaps between handled records.
inline constexpr std::size_t kMaxMetadataBytes = 4000;  // Kafka takes 4096
std::optional<std::string> EncodeMetadata(const Progress& progress);

// The progress that a commit tells. Text that is not ours, or of a later version, counts as
// handled up to the commit, with nothing counted; so does each key that is not known or makes no
// sense, while the others count. Untrusted text is bounded.
Progress DecodeProgress(std::int64_t committed, std::string_view metadata);

}  // namespace backlogd::deadletters
