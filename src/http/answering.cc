#include "http/answering.h"

namespace backlogd::http {

void Answering::BeginAnswer() {
  const std::lock_guard lock(mutex_);
  ++answers_;
}

void Answering::EndAnswer() {
  const std::lock_guard lock(mutex_);
  --answers_;
  fewer_.notify_all();
}

bool Answering::BeginHandler() {
  const std::lock_guard lock(mutex_);
  if (!draining_) ++handlers_;
  return !draining_;
}

void Answering::EndHandler() {
  const std::lock_guard lock(mutex_);
  --handlers_;
  fewer_.notify_all();
}

void Answering::Drain(std::chrono::milliseconds send_time) {
  std::unique_lock lock(mutex_);
  draining_ = true;
  fewer_.wait(lock, [this] { return handlers_ == 0; });
  fewer_.wait_for(lock, send_time, [this] { return answers_ == 0; });
}

}  // namespace backlogd::http
