#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

namespace backlogd::http {

// How many handlers run and how many answers are on their way, so that a server can end in order.
// Thread-safe.
class Answering {
 public:
  void BeginAnswer();
  void EndAnswer();

  bool BeginHandler();  // false: the server is ending, no handler may run
  void EndHandler();

  // Lets no further handler run; waits for those that do, then at most `send_time` for the answers.
  void Drain(std::chrono::milliseconds send_time);

 private:
  std::mutex mutex_;
  std::condition_variable fewer_;
  int handlers_ = 0;
  int answers_ = 0;
  bool draining_ = false;
};

}  // namespace backlogd::http
