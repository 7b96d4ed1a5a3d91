#include "sim/back_pressure.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <utility>

#include "base/text.h"

namespace backlogd::sim {
namespace {

Deadline Now() { return std::chrono::steady_clock::now(); }

std::chrono::milliseconds ShelfLife(const config::BackPressure& settings) {
  return 3 * settings.interval;
}

}  // namespace

std::optional<std::string> OverLimit(const config::BackPressure& limits, const Backlogs& backlogs,
                                     std::string_view topic) {
  const auto found = backlogs.find(topic);
  if (found == backlogs.end()) return std::nullopt;
  const TopicBacklog& backlog = found->second;
  const auto max_records = static_cast<double>(limits.max_lag_records);
  const double max_seconds = std::chrono::duration<double>(limits.max_lag_time).count();
  const std::string whose = limits.group.empty() ? "a group" : "group " + limits.group;
  if (max_records > 0 && backlog.records && *backlog.records > max_records) {
    return whose + " has yet to read " + std::to_string(std::llround(*backlog.records)) +
           " records of " + std::string(topic) + ", more than " +
           std::to_string(limits.max_lag_records);
  }
  if (max_seconds > 0 && backlog.seconds && *backlog.seconds > max_seconds) {
    return whose + " is " + std::to_string(std::llround(*backlog.seconds)) + " s behind on " +
           std::string(topic) + ", more than " + FormatDuration(limits.max_lag_time);
  }
  return std::nullopt;
}

BackPressure::BackPressure(const config::BackPressure& settings, Log& log)
    : settings_(settings), log_(log), answered_at_(Now()) {
  if (!settings_.url.empty()) thread_ = std::thread([this] { Run(); });
}

BackPressure::~BackPressure() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  ended_.notify_all();
  if (thread_.joinable()) thread_.join();
}

std::optional<std::string> BackPressure::HoldsBack(const std::string& topic, Deadline now) const {
  std::shared_ptr<const Backlogs> backlogs;
  {
    const std::lock_guard lock(mutex_);
    if (now - answered_at_ <= ShelfLife(settings_)) backlogs = backlogs_;
  }
  if (backlogs == nullptr) return std::nullopt;
  return OverLimit(settings_, *backlogs, topic);
}

void BackPressure::Run() {
  http::HttpClient client;
  std::unique_lock lock(mutex_);
  while (!ending_) {
    lock.unlock();
    Ask(client);
    lock.lock();
    ended_.wait_for(lock, settings_.interval, [this] { return ending_; });
  }
}

// The destructor waits for it: hence the short patience.
void BackPressure::Ask(http::HttpClient& client) {
  const std::chrono::milliseconds patience =
      std::min(settings_.interval, std::chrono::milliseconds(2000));
  const Result<http::Answer> answer = client.Get(settings_.url, Now() + patience);
  if (answer && answer->status == 200) {
    auto backlogs = std::make_shared<const Backlogs>(ReadBacklogs(answer->body, settings_.group));
    const std::lock_guard lock(mutex_);
    backlogs_ = std::move(backlogs);
    answered_at_ = Now();
    return;
  }
  if (!IsUnknown(Now())) return;
  const std::string error =
      answer ? "status " + std::to_string(answer->status) : answer.error().message;
  log_.Write(LogLevel::kWarning, "the backlog is unknown, so that nothing is held back",
             {{"error", error}});
}

bool BackPressure::IsUnknown(Deadline now) const {
  const std::lock_guard lock(mutex_);
  return now - answered_at_ > ShelfLife(settings_);
}

}  // namespace backlogd::sim
