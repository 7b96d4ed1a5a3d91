#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>

#include "base/result.h"
#include "base/time.h"
#include "sim/latencies.h"
#include "sim/session.h"

namespace backlogd::sim {

// What the members of a run have in common: when it ends, and how many records are left to handle.
// Thread-safe.
class ConsumeCourse {
 public:
  // `session` must outlive it. The course ends with its stop.
  explicit ConsumeCourse(const Session& session);
  ~ConsumeCourse();
  ConsumeCourse(const ConsumeCourse&) = delete;
  ConsumeCourse& operator=(const ConsumeCourse&) = delete;

  const Session& session() const { return session_; }

  void End();
  // Ends it, and the command with status 1. The first reason counts.
  void Fail(const std::string& why);
  bool Ended() const;
  Deadline ended_at() const;  // REQUIRES: Ended()
  std::optional<std::string> failure() const;

  // False as soon as the course ends; true at `until`.
  bool WaitUntil(Deadline until) const;
  bool Wait(std::chrono::milliseconds time) const;

  // Leave to handle one more record; false if there are enough already. The first call of all
  // begins the clock of faults and of growing handling times.
  bool Begin();
  // A record is done with, after so long. Ends the course with the last one that was to be handled.
  void Handled(std::chrono::microseconds time);
  Latencies handling() const;

  // When the first record began; absent before.
  std::optional<Deadline> begun() const;
  std::chrono::nanoseconds SinceBegin(Deadline now) const;  // 0 before the first record

  // An error that may pass is logged (each once); one that will not ends the course. True if it may
  // pass.
  bool MayPass(const Error& error);

 private:
  void EndLocked();

  const Session& session_;
  mutable std::mutex mutex_;
  mutable std::condition_variable ended_now_;
  std::optional<Deadline> ended_at_;
  std::optional<std::string> failure_;
  std::optional<Deadline> begun_;
  std::int64_t taken_ = 0;    // records that were begun
  std::int64_t handled_ = 0;  // and brought to their end
  Latencies handling_;
};

}  // namespace backlogd::sim
