#pragma once

#include <algorithm>
#include <chrono>
#include <cmath>
#include <optional>
#include <random>
#include <string>

#include "sim/experiments.h"
#include "sim/failure.h"

namespace backlogd::sim {

// A cluster whose rates are known, seen through noise.
struct SimulatedExperiments : Experiments {
  double member = 200;       // records a second
  double producer = 50'000;  // of one instance
  double broker = 1e9;       // of all producers, and of all consumers without handling
  double fetch = 60'000;     // of a consumer without handling
  double inflow = 500;
  double noise = 0.03;  // standard deviation of a run, of what it measures
  double busy = 0.3;
  double throttle_ms = 0;
  int runs_left = 1000;      // then somebody asks to end
  std::string push_fault{};  // Push() fails
  std::mt19937_64 random{1};

  double Noisy(double value) {
    return value * std::max(0.1, std::normal_distribution<double>(1, noise)(random));
  }
  bool Ends() { return runs_left-- <= 0; }

  RateRun RunOf(double rate) {
    RateRun run;
    run.records_per_second = Noisy(rate);
    run.records = static_cast<std::uint64_t>(run.records_per_second * 10);
    run.seconds = 10;
    run.load.busy = busy;
    run.load.throttle_ms = throttle_ms;
    run.load.request_ms = 2;
    return run;
  }

  std::optional<RateRun> Produce(int producers) override {
    if (Ends()) return std::nullopt;
    RateRun run = RunOf(std::min(producers * producer, broker));
    run.p50_ms = 3;
    run.p99_ms = 9;
    return run;
  }
  std::optional<RateRun> Push() override {
    if (!push_fault.empty()) throw Failure(push_fault);
    if (Ends()) return std::nullopt;
    return RunOf(producer / 2);
  }
  std::optional<RateRun> Consume(const ConsumeOrder& order) override {
    if (Ends()) return std::nullopt;
    const double one = order.handling_ms > 0 ? member : fetch;
    RateRun run = RunOf(std::min(order.members * one, broker));
    const auto records = static_cast<double>(order.records.value_or(run.records));
    const double limit = std::chrono::duration<double>(order.limit).count();
    run.seconds = std::min(limit, records / run.records_per_second);
    run.records = static_cast<std::uint64_t>(std::llround(run.seconds * run.records_per_second));
    return run;
  }
  std::optional<InflowRun> Follow(int members) override {
    if (Ends()) return std::nullopt;
    InflowRun run;
    run.inflow = std::min(inflow, producer);
    const double growth = std::max(0.0, run.inflow - Noisy(members * member));
    std::normal_distribution<double> jitter(0, inflow * 0.02);
    for (int i = 0; i < 200; ++i) {
      const double seconds = i * 0.05;
      run.backlog.push_back({seconds, std::max(0.0, 20 + growth * seconds + jitter(random))});
    }
    return run;
  }
};

}  // namespace backlogd::sim
