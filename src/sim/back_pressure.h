#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "base/log.h"
#include "base/result.h"
#include "base/time.h"
#include "config/sim.h"
#include "http/http_client.h"
#include "sim/backlog_page.h"

namespace backlogd::sim {

// Why a topic's backlog is over a limit; absent: it is not, or it is not known. Pure.
std::optional<std::string> OverLimit(const config::BackPressure& limits, const Backlogs& backlogs,
                                     std::string_view topic);

// Asks a backlogd for the backlogs every interval, on a thread of its own. An answer counts for
// three intervals; then the backlog is unknown, which is no reason to throttle, and is written to
// the log. Thread-safe.
class BackPressure {
 public:
  // `log` must outlive it. With an empty URL it asks nobody.
  BackPressure(const config::BackPressure& settings, Log& log);
  ~BackPressure();
  BackPressure(const BackPressure&) = delete;
  BackPressure& operator=(const BackPressure&) = delete;

  // As OverLimit(), of the last answer.
  std::optional<std::string> HoldsBack(const std::string& topic, Deadline now) const;

 private:
  void Run();
  void Ask(http::HttpClient& client);
  bool IsUnknown(Deadline now) const;

  const config::BackPressure settings_;
  Log& log_;
  mutable std::mutex mutex_;
  std::condition_variable ended_;
  bool ending_ = false;
  std::shared_ptr<const Backlogs> backlogs_;
  Deadline answered_at_{};
  std::thread thread_;  // last: it uses the others
};

}  // namespace backlogd::sim
