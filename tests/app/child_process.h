#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace backlogd::app {

// A program that runs beside the test; killed when the test ends before it. What it wrote is kept
// in the folder BACKLOGD_EMISSIONS_DIR, if that is set, for the test that looks for secrets there.
class ChildProcess {
 public:
  explicit ChildProcess(const std::vector<std::string>& command);
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  // The first line of standard error that holds `part`, or "" if none came in ten seconds.
  std::string WaitForLine(const std::string& part);
  void Signal(int signal) const;
  // Its exit status, 128 + n if signal n killed it, absent if it still runs after `patience`.
  std::optional<int> Wait(std::chrono::milliseconds patience);

  const std::string& out() const { return out_; }  // what was read so far
  const std::string& err() const { return err_; }

 private:
  bool ReadUntil(std::chrono::steady_clock::time_point deadline);

  pid_t pid_ = -1;
  int out_fd_ = -1;  // -1 after its end
  int err_fd_ = -1;
  std::string out_;
  std::string err_;
};

// A port of the loopback that takes connections and never answers.
class SilentPort {
 public:
  SilentPort();
  ~SilentPort();
  SilentPort(const SilentPort&) = delete;
  SilentPort& operator=(const SilentPort&) = delete;

  std::string address() const { return address_; }

 private:
  int fd_ = -1;
  std::string address_;
};

// Status line, headers and body that http://`address``path` answers; "" if nobody listens.
std::string HttpGet(const std::string& address, const std::string& path);

}  // namespace backlogd::app
