#include "dlq/filters.h"

#include <algorithm>

namespace backlogd::dlq {
namespace {

bool Contains(std::optional<std::string_view> bytes, std::string_view text) {
  return bytes && bytes->find(text) != std::string_view::npos;
}

bool HasText(const kafka::Record& record, std::string_view text) {
  return Contains(record.key, text) || Contains(record.value, text) ||
         std::ranges::any_of(record.headers,
                             [&](const auto& header) { return Contains(header.value, text); });
}

bool HasException(const Letter& letter, std::string_view part) {
  return std::ranges::any_of(letter.death.faults,
                             [&](const auto& fault) { return Contains(fault.type, part); });
}

bool HasSource(const Letter& letter, std::string_view topic) {
  return letter.source_topic == topic || letter.death.source.topic == topic;
}

bool FitsPlace(const Filters& filters, const kafka::Record& record) {
  return HasPartition(filters, record.partition) &&
         (!filters.from_offset || record.offset >= *filters.from_offset) &&
         (!filters.to_offset || record.offset <= *filters.to_offset);
}

bool FitsTime(const Filters& filters, std::optional<WallTime> time) {
  if (!filters.since && !filters.until) return true;
  return time && (!filters.since || *time >= *filters.since) &&
         (!filters.until || *time <= *filters.until);
}

}  // namespace

bool HasPartition(const Filters& filters, kafka::PartitionId partition) {
  return filters.partitions.empty() || std::ranges::count(filters.partitions, partition) > 0;
}

bool Fits(const Filters& filters, const Letter& letter) {
  const kafka::Record& record = *letter.record;
  return FitsPlace(filters, record) && FitsTime(filters, record.timestamp) &&
         (filters.reasons.empty() || std::ranges::count(filters.reasons, letter.reason) > 0) &&
         (filters.source_topic.empty() || HasSource(letter, filters.source_topic)) &&
         (filters.text.empty() || HasText(record, filters.text)) &&
         (filters.exception.empty() || HasException(letter, filters.exception));
}

bool LeavesGaps(const Filters& filters) {
  return filters.from_offset || !filters.reasons.empty() || !filters.source_topic.empty() ||
         filters.since || filters.until || !filters.text.empty() || !filters.exception.empty();
}

}  // namespace backlogd::dlq
