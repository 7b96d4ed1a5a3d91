#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <utility>
#include <vector>

namespace backlogd::cli {

// Somebody asked the program to end in order: what is at hand is brought to its end, and no more is
// begun. Thread-safe.
class Stop {
 public:
  // Calls what OnRequest() was given, once.
  void Request();
  bool Requested() const;

  // Called by Request(), on its thread; at once if there was a request. What it looks at must
  // outlive the program's last Request(), or be taken off by Forget().
  void OnRequest(std::function<void()> interrupt);
  void Forget();

  // True after `time`; false as soon as there is a request.
  bool Sleep(std::chrono::milliseconds time) const;

 private:
  mutable std::mutex mutex_;
  mutable std::condition_variable requested_now_;
  bool requested_ = false;
  std::vector<std::function<void()>> interrupts_;
};

}  // namespace backlogd::cli
