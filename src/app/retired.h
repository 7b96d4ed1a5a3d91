#pragma once

#include <future>
#include <memory>
#include <vector>

#include "base/mutex.h"
#include "base/time.h"

namespace backlogd::app {

// Destroys things, each on a thread of its own, because that may wait for Kafka. Thread-safe.
class Retired {
 public:
  // Takes over the last owner. Does not block.
  void Take(std::shared_ptr<void> thing);
  // False if something is not gone by then, and the destructor would have to wait for it.
  bool WaitUntil(Deadline deadline);

 private:
  Mutex mutex_;
  std::vector<std::future<void>> ends_ GUARDED_BY(mutex_);
};

}  // namespace backlogd::app
