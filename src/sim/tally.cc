#include "sim/tally.h"

#include <chrono>

namespace backlogd::sim {
namespace {

constexpr std::size_t kMaxErrors = 20;

std::uint64_t Missing(const Outcome& outcome) {
  return outcome.accepted - outcome.acknowledged - outcome.failed - outcome.unknown;
}

// A record that timed out, or was dropped, may have been written: only the answer is missing.
bool LeavesUnknown(ErrorKind kind) {
  return kind == ErrorKind::kTimeout || kind == ErrorKind::kUnreachable ||
         kind == ErrorKind::kInterrupted;
}

}  // namespace

std::uint64_t Tally::Open() {
  const std::lock_guard lock(mutex_);
  open_.emplace(next_, Outcome());
  return next_++;
}

void Tally::Expect(std::uint64_t batch) {
  const std::lock_guard lock(mutex_);
  ++open_[batch].accepted;
  ++totals_.outcome.accepted;
}

void Tally::TakeBack(std::uint64_t batch) {
  const std::lock_guard lock(mutex_);
  --open_[batch].accepted;
  --totals_.outcome.accepted;
}

void Tally::Add(const kafka::Delivery& delivery, Outcome& outcome) {
  if (!delivery.error) {
    ++outcome.acknowledged;
    return;
  }
  ++(LeavesUnknown(delivery.error->kind) ? outcome.unknown : outcome.failed);
  outcome.too_large = outcome.too_large || delivery.too_large;
  outcome.unauthorized = outcome.unauthorized || delivery.error->kind == ErrorKind::kUnauthorized;
  if (outcome.error.empty()) outcome.error = delivery.error->message;
}

void Tally::Count(const kafka::Delivery& delivery) {
  const std::lock_guard lock(mutex_);
  Add(delivery, totals_.outcome);
  if (!delivery.error) {
    totals_.latencies.Add(delivery.latency);
  } else if (totals_.errors.size() < kMaxErrors ||
             totals_.errors.contains(delivery.error->message)) {
    ++totals_.errors[delivery.error->message];
  }
  const auto batch = open_.find(delivery.tag);
  if (batch == open_.end()) return;
  Add(delivery, batch->second);
  if (Missing(batch->second) == 0) done_.notify_all();
}

Outcome Tally::Close(std::uint64_t batch, Deadline deadline) {
  std::unique_lock lock(mutex_);
  const auto found = open_.find(batch);
  const Outcome& open = found->second;
  done_.wait_until(lock, deadline, [&open] { return Missing(open) == 0; });
  Outcome outcome = open;
  open_.erase(found);
  if (Missing(outcome) > 0 && outcome.error.empty()) outcome.error = "Kafka did not answer in time";
  outcome.unknown += Missing(outcome);
  return outcome;
}

Totals Tally::Total() const {
  const std::lock_guard lock(mutex_);
  Totals totals = totals_;
  totals.outcome.unknown += Missing(totals.outcome);
  return totals;
}

}  // namespace backlogd::sim
