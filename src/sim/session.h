#pragma once

#include <memory>
#include <string>

#include "base/log.h"
#include "config/sim.h"
#include "sim/surroundings.h"

namespace backlogd::sim {

// What every command needs.
class Session {
 public:
  // What is referred to must outlive the session.
  Session(const config::Sim& settings, bool json, const Surroundings& with, Log& log)
      : settings_(settings), json_(json), with_(with), log_(log) {}

  const config::Sim& settings() const { return settings_; }
  const config::Cluster& cluster() const { return settings_.cluster; }
  bool json() const { return json_; }  // the report as JSON
  const Surroundings& with() const { return with_; }
  Log& log() const { return log_; }
  Deadline Soon() const { return with_.steady_now() + settings_.timeout; }

  // Partitions of the topic. Throws Failure, in words for the operator, if the cluster does not
  // answer within the timeout, or refuses, or has no such topic.
  int DemandTopic(const std::string& topic) const;

 private:
  const config::Sim& settings_;
  bool json_;
  const Surroundings& with_;
  Log& log_;
};

}  // namespace backlogd::sim
