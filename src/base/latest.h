#pragma once

#include <memory>
#include <utility>

#include "base/mutex.h"

namespace backlogd {

// The newest value of something that one thread makes and others read.
// Thread-safe. A reader keeps what it got alive by holding the pointer; nobody waits for anybody
// longer than it takes to copy a pointer.
template <typename T>
class Latest {
 public:
  void Publish(std::shared_ptr<const T> value) {
    MutexLock lock(mutex_);
    value_.swap(value);  // the old value dies after the lock is released
  }

  // Null until the first Publish().
  std::shared_ptr<const T> Get() const {
    MutexLock lock(mutex_);
    return value_;
  }

 private:
  mutable Mutex mutex_;
  std::shared_ptr<const T> value_ GUARDED_BY(mutex_);
};

}  // namespace backlogd
