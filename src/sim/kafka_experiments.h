#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "sim/experiments.h"
#include "sim/load_source.h"
#include "sim/measured_group.h"
#include "sim/session.h"

namespace backlogd::sim {

// Experiments on the cluster of the session.
class KafkaExperiments : public Experiments {
 public:
  // `tick` is called many times a second while something runs. What is referred to must outlive it.
  KafkaExperiments(const Session& session, std::string topic, int partitions,
                   std::function<void()> tick);

  std::optional<RateRun> Produce(int producers) override;
  std::optional<RateRun> Push() override;
  std::optional<RateRun> Consume(const ConsumeOrder& order) override;
  std::optional<InflowRun> Follow(int members) override;

 private:
  using Sources = std::vector<std::unique_ptr<LoadSource>>;

  bool Wait(std::chrono::milliseconds time) const;  // false: a stop was requested
  std::unique_ptr<LoadSource> MakeSource() const;
  std::unique_ptr<MeasuredGroup> MakeGroup(int members, double handling_ms);
  bool MakeBacklog(LoadSource& source, const ConsumeOrder& order, const std::string& key);
  bool AwaitHandled(const MeasuredGroup& group, std::uint64_t records,
                    std::chrono::milliseconds limit) const;

  const Session& session_;
  const config::SimCapacity& settings_;
  const std::string topic_;
  const int partitions_;
  const std::function<void()> tick_;
  const std::string run_id_;
  int groups_ = 0;
};

}  // namespace backlogd::sim
