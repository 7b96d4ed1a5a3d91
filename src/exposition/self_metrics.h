#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/lag_report.h"
#include "base/log.h"
#include "base/time.h"
#include "exposition/render.h"

namespace backlogd::exposition {

struct BuildInfo {
  std::string version;
  std::string revision;
};

// Of this process; what could not be read is absent.
struct ProcessSample {
  std::optional<double> cpu_seconds;
  std::optional<double> resident_memory_bytes;
  std::optional<double> virtual_memory_bytes;
  std::optional<double> open_fds;
  std::optional<double> max_fds;
  std::optional<double> start_time_seconds;
};

// What the exporter measures of itself, kept by prometheus-cpp's core. Thread-safe.
class SelfMetrics {
 public:
  explicit SelfMetrics(const BuildInfo& build);
  ~SelfMetrics();

  // Makes the cluster's counters appear at 0, so that the first failure is seen as an increase:
  // those failures that may happen once and pass. (What lasts, like a missing ACL, grows with every
  // poll and is seen anyway.)
  void AddCluster(std::string_view kafka_cluster);
  // The cluster is not watched any more: its series vanish.
  void RemoveCluster(std::string_view kafka_cluster);
  // One poll has ended. The client's counts keep growing when it was replaced by a new one that
  // started again at 0. A broker that has left the cluster takes its series along.
  void CountPoll(std::string_view kafka_cluster, const analysis::LagReport& report,
                 std::chrono::duration<double> duration);
  void CountHttpRequest(int status_code);
  void CountLogMessage(LogLevel level);
  void SetConfigLoaded(bool success, WallTime at);

  // All of it as sample lines, with the number of series of each family of `others` and its own.
  std::shared_ptr<const Samples> Render(
      const ProcessSample& process,
      const std::vector<std::shared_ptr<const Samples>>& others) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace backlogd::exposition
