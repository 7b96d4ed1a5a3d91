#include "analysis/oldest_search.h"

#include <algorithm>

namespace backlogd::analysis {
namespace {

constexpr WallTime kEpoch{};
constexpr std::chrono::seconds kCloseEnough{1};

}  // namespace

void OldestSearch::Want(kafka::Offset offset, bool is_log_start) {
  if (offset_ == offset) return;
  const bool goes_on = !is_log_start && offset_ && *offset_ < offset;
  before_ = goes_on && found_ ? found_ : std::nullopt;
  offset_ = offset;
  until_.reset();
  found_.reset();
  ended_ = false;
  rounds_ = 0;
}

std::optional<WallTime> OldestSearch::Next(WallTime now) const {
  if (ended_) return std::nullopt;
  if (!before_) return kEpoch;
  const WallTime end = std::max(until_.value_or(now), *before_ + std::chrono::milliseconds(1));
  return *before_ + (end - *before_ + std::chrono::milliseconds(1)) / 2;
}

void OldestSearch::Take(WallTime asked, const kafka::PartitionOffset& answer) {
  if (ended_ || !offset_) return;
  const bool is_later = !answer.offset || *answer.offset >= *offset_;
  if (is_later) {
    until_ = asked;
  } else {
    before_ = std::max(asked, answer.timestamp.value_or(asked));
  }
  const bool exact = answer.offset == offset_ || (is_later && asked == kEpoch);
  const bool close = before_ && until_ && *until_ - *before_ <= kCloseEnough;
  ended_ = exact || close || ++rounds_ >= kRounds;
  if (ended_) found_ = exact ? answer.timestamp : before_;
}

}  // namespace backlogd::analysis
