#include "sim/consume_course.h"

namespace backlogd::sim {

ConsumeCourse::ConsumeCourse(const Session& session) : session_(session) {
  session.with().stop.OnRequest([this] { End(); });
}

ConsumeCourse::~ConsumeCourse() { session_.with().stop.Forget(); }

void ConsumeCourse::EndLocked() {
  if (!ended_at_) ended_at_ = std::chrono::steady_clock::now();
  ended_now_.notify_all();
}

void ConsumeCourse::End() {
  const std::lock_guard lock(mutex_);
  EndLocked();
}

void ConsumeCourse::Fail(const std::string& why) {
  const std::lock_guard lock(mutex_);
  if (!failure_) failure_ = why;
  EndLocked();
}

bool ConsumeCourse::Ended() const {
  const std::lock_guard lock(mutex_);
  return ended_at_.has_value();
}

Deadline ConsumeCourse::ended_at() const {
  const std::lock_guard lock(mutex_);
  return *ended_at_;
}

std::optional<std::string> ConsumeCourse::failure() const {
  const std::lock_guard lock(mutex_);
  return failure_;
}

bool ConsumeCourse::WaitUntil(Deadline until) const {
  std::unique_lock lock(mutex_);
  return !ended_now_.wait_until(lock, until, [this] { return ended_at_.has_value(); });
}

bool ConsumeCourse::Wait(std::chrono::milliseconds time) const {
  return WaitUntil(std::chrono::steady_clock::now() + time);
}

bool ConsumeCourse::Begin() {
  const std::lock_guard lock(mutex_);
  const std::int64_t limit = session_.settings().consume.records;
  if (limit > 0 && taken_ >= limit) return false;
  ++taken_;
  if (!begun_) begun_ = std::chrono::steady_clock::now();
  return true;
}

void ConsumeCourse::Handled(std::chrono::microseconds time) {
  const std::lock_guard lock(mutex_);
  handling_.Add(time);
  ++handled_;
  const std::int64_t limit = session_.settings().consume.records;
  if (limit == 0 || handled_ < limit) return;
  EndLocked();
}

Latencies ConsumeCourse::handling() const {
  const std::lock_guard lock(mutex_);
  return handling_;
}

std::optional<Deadline> ConsumeCourse::begun() const {
  const std::lock_guard lock(mutex_);
  return begun_;
}

std::chrono::nanoseconds ConsumeCourse::SinceBegin(Deadline now) const {
  const auto begin = begun();
  return begin ? now - *begin : std::chrono::nanoseconds(0);
}

bool ConsumeCourse::MayPass(const Error& error) {
  switch (error.kind) {
    case ErrorKind::kAuthentication:
    case ErrorKind::kUnauthorized:
    case ErrorKind::kUnsupported: Fail(error.message); return false;
    case ErrorKind::kInterrupted: return true;
    default: break;
  }
  session_.log().Write(LogLevel::kWarning, "trying again", {{"error", error.message}});
  return true;
}

}  // namespace backlogd::sim
