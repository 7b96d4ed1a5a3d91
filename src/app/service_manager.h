#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <thread>

namespace backlogd::app {

// Tells systemd, by its protocol sd_notify, what the program is at. Says nothing if nobody asked:
// each call is safe anywhere. Thread-safe.
//
// Not libsystemd: its two dozen lines that we need would bring a library into every image, and the
// protocol (a datagram to the socket of NOTIFY_SOCKET) is promised to stay.
class ServiceManager {
 public:
  // Of NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID, which are removed: no child is to use them.
  // REQUIRES: no other thread runs yet
  static ServiceManager FromEnvironment();
  // `socket`: a path, "@name" in the abstract space, or empty: nobody asked.
  // `watchdog`: after so long without a sign of life the program is killed; absent: it is not
  // watched.
  ServiceManager(std::string socket, std::optional<std::chrono::microseconds> watchdog);

  void Ready() const;      // at the start, and after each Reloading()
  void Reloading() const;  // the configuration is read anew; Ready() must follow
  void Stopping() const;
  void Watchdog() const;  // a sign of life

  std::optional<std::chrono::microseconds> watchdog() const { return watchdog_; }

 private:
  void Tell(const std::string& what) const;

  std::string socket_;
  std::optional<std::chrono::microseconds> watchdog_;
};

// Gives a sign of life every half of the watchdog's time, on a thread of its own, as long as
// `alive` says so; while it does not, it is asked again each second, or sooner. No thread where
// nobody watches.
class SignsOfLife {
 public:
  // `manager` must outlive this. `alive` may block, but not for long.
  SignsOfLife(const ServiceManager& manager, std::function<bool()> alive);

 private:
  std::jthread thread_;
};

}  // namespace backlogd::app
