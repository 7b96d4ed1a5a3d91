#pragma once

#include <condition_variable>
#include <mutex>

// Clang checks who holds which mutex (-Wthread-safety); other compilers see nothing.
#if defined(__clang__)
#define BACKLOGD_THREAD_ANNOTATION(x) __attribute__((x))
#else
#define BACKLOGD_THREAD_ANNOTATION(x)
#endif

#define CAPABILITY(x) BACKLOGD_THREAD_ANNOTATION(capability(x))
#define SCOPED_CAPABILITY BACKLOGD_THREAD_ANNOTATION(scoped_lockable)
#define GUARDED_BY(x) BACKLOGD_THREAD_ANNOTATION(guarded_by(x))
#define REQUIRES_LOCK(...) BACKLOGD_THREAD_ANNOTATION(requires_capability(__VA_ARGS__))
#define ACQUIRE_LOCK(...) BACKLOGD_THREAD_ANNOTATION(acquire_capability(__VA_ARGS__))
#define RELEASE_LOCK(...) BACKLOGD_THREAD_ANNOTATION(release_capability(__VA_ARGS__))

namespace backlogd {

// std::mutex with the annotations that let clang check its use.
class CAPABILITY("mutex") Mutex {
 public:
  void lock() ACQUIRE_LOCK() { mutex_.lock(); }
  void unlock() RELEASE_LOCK() { mutex_.unlock(); }

 private:
  std::mutex mutex_;
};

// Holds a Mutex from construction to destruction.
class SCOPED_CAPABILITY MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) ACQUIRE_LOCK(mutex) : mutex_(mutex) { mutex_.lock(); }
  ~MutexLock() RELEASE_LOCK() { mutex_.unlock(); }
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

 private:
  Mutex& mutex_;
};

}  // namespace backlogd
