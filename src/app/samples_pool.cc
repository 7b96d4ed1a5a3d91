#include "app/samples_pool.h"

#include <utility>

#include "base/mutex.h"

namespace backlogd::app {
namespace {

using Buffer = std::unique_ptr<exposition::Samples>;

}  // namespace

// One free buffer: a second one was needed while somebody read an old page for long.
struct SamplesPool::Free {
  Mutex mutex;
  Buffer buffer GUARDED_BY(mutex);

  Buffer Take() {
    MutexLock lock(mutex);
    return std::move(buffer);
  }
  void Return(Buffer returned) {
    MutexLock lock(mutex);
    buffer.swap(returned);  // a surplus one dies after the lock is released
  }
};

SamplesPool::SamplesPool() : free_(std::make_shared<Free>()) {}

std::shared_ptr<exposition::Samples> SamplesPool::Take() {
  Buffer buffer = free_->Take();
  if (!buffer) buffer = std::make_unique<exposition::Samples>();
  return {buffer.release(),
          [free = free_](exposition::Samples* samples) { free->Return(Buffer(samples)); }};
}

}  // namespace backlogd::app
