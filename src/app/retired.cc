#include "app/retired.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace backlogd::app {
namespace {

bool HasEnded(const std::future<void>& end) {
  return end.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
}

}  // namespace

void Retired::Take(std::shared_ptr<void> thing) {
  MutexLock lock(mutex_);
  std::erase_if(ends_, HasEnded);
  ends_.push_back(
      std::async(std::launch::async, [owned = std::move(thing)]() mutable { owned.reset(); }));
}

bool Retired::WaitUntil(Deadline deadline) {
  MutexLock lock(mutex_);
  return std::ranges::all_of(ends_, [deadline](const std::future<void>& end) {
    return end.wait_until(deadline) == std::future_status::ready;
  });
}

}  // namespace backlogd::app
