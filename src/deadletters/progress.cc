#include "deadletters/progress.h"

#include <algorithm>
#include <charconv>
#include <system_error>

#include "deadletters/run_lengths.h"

namespace backlogd::deadletters {
namespace {

constexpr std::string_view kMark = "backlogd-dlq";
constexpr std::string_view kVersion = "1";
constexpr std::string_view kAhead = "ahead";
constexpr std::array<std::string_view, kActionCount> kActions = {"reviewed", "redelivered",
                                                                 "logged", "discarded"};

// The first range that ends at or after `offset`.
std::vector<OffsetRange>::const_iterator Reaching(const std::vector<OffsetRange>& ranges,
                                                  std::int64_t offset) {
  return std::partition_point(ranges.begin(), ranges.end(),
                              [offset](const OffsetRange& range) { return range.end < offset; });
}

std::int64_t Overlap(const OffsetRange& range, std::int64_t begin, std::int64_t end) {
  return std::max<std::int64_t>(0, std::min(range.end, end) - std::max(range.begin, begin));
}

void Insert(OffsetRange added, std::vector<OffsetRange>& ranges) {
  const auto first = Reaching(ranges, added.begin);
  auto last = first;
  for (; last != ranges.end() && last->begin <= added.end; ++last) {
    added.begin = std::min(added.begin, last->begin);
    added.end = std::max(added.end, last->end);
  }
  ranges.insert(ranges.erase(first, last), added);
}

// Moves the first word out of `text`.
std::string_view TakeWord(std::string_view& text) {
  const std::size_t end = std::min(text.find(' '), text.size());
  const std::string_view word = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return word;
}

void ReadCount(std::string_view name, std::string_view number, Progress& progress) {
  const auto action = std::find(kActions.begin(), kActions.end(), name);
  if (action == kActions.end()) return;
  std::uint64_t count = 0;
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), count);
  if (error != std::errc() || end != number.data() + number.size()) return;
  progress.counts[static_cast<std::size_t>(action - kActions.begin())] = count;
}

void ReadWord(std::string_view word, Progress& progress) {
  const std::size_t equals = word.find('=');
  if (equals == std::string_view::npos) return;
  const std::string_view name = word.substr(0, equals);
  const std::string_view value = word.substr(equals + 1);
  if (name != kAhead) return ReadCount(name, value, progress);
  // Half of a list would hide what is pending; without it, records are at worst handled again.
  progress.ahead = ParseRunLengths(progress.next, value).value_or(std::vector<OffsetRange>());
}

}  // namespace

std::string_view ToText(Action action) { return kActions[static_cast<std::size_t>(action)]; }

bool IsHandled(const Progress& progress, std::int64_t offset) {
  if (offset < progress.next) return true;
  const auto after =
      std::partition_point(progress.ahead.begin(), progress.ahead.end(),
                           [offset](const OffsetRange& range) { return range.end <= offset; });
  return after != progress.ahead.end() && after->begin <= offset;
}

std::int64_t CountHandled(const Progress& progress, std::int64_t begin, std::int64_t end) {
  std::int64_t handled = Overlap({begin, std::max(begin, progress.next)}, begin, end);
  for (auto range = Reaching(progress.ahead, begin);
       range != progress.ahead.end() && range->begin < end; ++range) {
    handled += Overlap(*range, begin, end);
  }
  return handled;
}

void MarkHandled(std::int64_t begin, std::int64_t end, Progress& progress) {
  if (end <= progress.next || begin == end) return;
  Insert({std::max(begin, progress.next), end}, progress.ahead);
  const OffsetRange first = progress.ahead.front();
  if (first.begin > progress.next) return;
  progress.next = first.end;
  progress.ahead.erase(progress.ahead.begin());
}

std::optional<std::string> EncodeMetadata(const Progress& progress) {
  std::string text = std::string(kMark) + " " + std::string(kVersion);
  for (std::size_t i = 0; i < kActionCount; ++i) {
    if (progress.counts[i] == 0) continue;
    text += " " + std::string(kActions[i]) + "=" + std::to_string(progress.counts[i]);
  }
  if (!progress.ahead.empty()) {
    text += " " + std::string(kAhead) + "=" + RunLengths(progress.next, progress.ahead);
  }
  if (text.size() > kMaxMetadataBytes) return std::nullopt;
  return text;
}

Progress DecodeProgress(std::int64_t committed, std::string_view metadata) {
  Progress progress{.next = std::max<std::int64_t>(0, committed)};
  if (metadata.size() > kMaxMetadataBytes) return progress;
  if (TakeWord(metadata) != kMark || TakeWord(metadata) != kVersion) return progress;
  while (!metadata.empty()) ReadWord(TakeWord(metadata), progress);
  return progress;
}

}  // namespace backlogd::deadletters
