#include "cli/stop.h"

namespace backlogd::cli {

void Stop::Request() {
  const std::lock_guard lock(mutex_);
  if (std::exchange(requested_, true)) return;
  for (const auto& interrupt : interrupts_) interrupt();
  requested_now_.notify_all();
}

bool Stop::Requested() const {
  const std::lock_guard lock(mutex_);
  return requested_;
}

void Stop::OnRequest(std::function<void()> interrupt) {
  const std::lock_guard lock(mutex_);
  if (requested_) interrupt();
  interrupts_.push_back(std::move(interrupt));
}

void Stop::Forget() {
  const std::lock_guard lock(mutex_);
  interrupts_.clear();
}

bool Stop::Sleep(std::chrono::milliseconds time) const {
  std::unique_lock lock(mutex_);
  return !requested_now_.wait_for(lock, time, [this] { return requested_; });
}

}  // namespace backlogd::cli
