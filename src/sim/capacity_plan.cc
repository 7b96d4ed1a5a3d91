#include "sim/capacity_plan.h"

#include <algorithm>
#include <cmath>

#include "sim/failure.h"
#include "sim/judge_capacity.h"

namespace backlogd::sim {
namespace {

constexpr int kMostInstances = 8;  // of the steps 1, 2, 4, 8

std::string Counted(int count, const std::string& thing) {
  return std::to_string(count) + " " + thing + (count == 1 ? "" : "s");
}

class Plan {
 public:
  Plan(Experiments& experiments, const std::function<void(const std::string&)>& finished,
       CapacityReport& report)
      : experiments_(experiments),
        finished_(finished),
        report_(report),
        settings_(report.settings),
        run_seconds_(std::chrono::duration<double>(settings_.run).count()) {}

  // False: somebody asked to end.
  bool Execute() {
    return MeasureMember() && FindMembers() && MeasureProducer() && MeasurePush() &&
           MeasureDrains() && AddProducers() && AddConsumers();
  }

 private:
  using Measurement = std::function<std::optional<RateRun>()>;

  bool Repeat(const std::string& what, const Measurement& measure, Rate& rate) {
    for (std::int64_t i = 0; i < settings_.repeats; ++i) {
      const std::optional<RateRun> run = measure();
      if (!run) return false;
      rate.runs.push_back(*run);
      finished_(what + ": " + Readable(run->records_per_second) + " records/s");
    }
    return true;
  }

  ConsumeOrder OrderOf(int members) const {
    ConsumeOrder order{members, settings_.handling_ms};
    order.limit = settings_.run;
    if (settings_.handling_ms <= 0) return order;
    const double most = 1.3 * run_seconds_ * 1000 / settings_.handling_ms + 100;
    order.records = static_cast<std::uint64_t>(std::ceil(most * members));
    return order;
  }

  bool MeasureMember() {
    return Repeat(
        "1 consumer", [this] { return experiments_.Consume(OrderOf(1)); }, report_.member);
  }

  std::optional<bool> Follow(int members) {
    std::optional<InflowRun> run = experiments_.Follow(members);
    if (!run) return std::nullopt;
    FollowRun follow{members, run->inflow, SlopeOf(run->backlog)};
    follow.keeps_up = KeepsUp(follow.growth, settings_.inflow, run_seconds_);
    follow.backlog = std::move(run->backlog);
    finished_(Counted(members, "consumer") + " at " + Readable(follow.inflow) +
              " records/s: " + (follow.keeps_up ? "keeps up" : "piles up") + " (backlog " +
              (follow.growth < 0 ? "" : "+") + Readable(follow.growth) + "/s)");
    const bool keeps_up = follow.keeps_up;
    report_.follows.push_back(std::move(follow));
    return keeps_up;
  }

  bool FindMembers() {
    const double needed = settings_.inflow / std::max(report_.member.Get()->mean, 1e-9);
    const int guess = static_cast<int>(std::ceil(std::min(needed, 1e6)));
    report_.search =
        FindFewestMembers(report_.most_members, guess, static_cast<int>(settings_.repeats),
                          [this](int members) { return Follow(members); });
    return report_.search.complete;
  }

  bool MeasureProducer() {
    const auto produce = [this] { return experiments_.Produce(1); };
    return Repeat("1 producer", produce, report_.producer);
  }
  bool MeasurePush() {
    return Repeat(
        "1 producer through POST /push", [this] { return experiments_.Push(); }, report_.push);
  }

  bool MeasureDrain(int members) {
    const double rate = report_.member.Get()->mean * members;
    const double records = std::min(static_cast<double>(settings_.backlog), rate * run_seconds_);
    ConsumeOrder order{members, settings_.handling_ms};
    order.records = static_cast<std::uint64_t>(std::max(records, 1.0));
    order.limit = 3 * settings_.run;
    const std::optional<RateRun> run = experiments_.Consume(order);
    if (!run) return false;
    const double measured = std::max(run->records_per_second, 1e-9);
    Drain drain{members, run->records, run->seconds,
                static_cast<double>(settings_.backlog) / measured};
    const double surplus = measured - settings_.inflow;
    if (surplus > kGrowthTolerance * settings_.inflow) {
      drain.with_inflow = static_cast<double>(settings_.backlog) / surplus;
    }
    report_.drains.push_back(drain);
    finished_(Counted(members, "consumer") + " drained " +
              Readable(static_cast<double>(run->records)) + " records in " +
              Readable(run->seconds) + " s");
    return true;
  }

  bool MeasureDrains() {
    const int members = report_.search.needed.value_or(report_.most_members);
    return MeasureDrain(1) && (members == 1 || MeasureDrain(members));
  }

  bool AddProducers() {
    report_.producers.push_back({1, report_.producer.runs.back()});
    for (int count = 2; count <= kMostInstances && StillHelps(report_.producers); count *= 2) {
      const std::optional<RateRun> run = experiments_.Produce(count);
      if (!run) return false;
      report_.producers.push_back({count, *run});
      finished_(Counted(count, "producer") + ": " + Readable(run->records_per_second) +
                " records/s");
    }
    return true;
  }

  bool AddConsumers() {
    const int most = std::min(kMostInstances, report_.most_members);
    for (int count = 1; count <= most && StillHelps(report_.consumers); count *= 2) {
      ConsumeOrder order{count};
      order.limit = settings_.run;
      const std::optional<RateRun> run = experiments_.Consume(order);
      if (!run) return false;
      report_.consumers.push_back({count, *run});
      finished_(Counted(count, "consumer") +
                " without handling: " + Readable(run->records_per_second) + " records/s");
    }
    return true;
  }

  Experiments& experiments_;
  const std::function<void(const std::string&)>& finished_;
  CapacityReport& report_;
  const config::SimCapacity& settings_;
  const double run_seconds_;
};

}  // namespace

double EstimatedSeconds(const config::SimCapacity& settings) {
  constexpr double kWarmUp = 0.2;
  const auto repeats = static_cast<double>(settings.repeats);
  const double runs = 5 * repeats + 2 + 2 + 3 * 1.5;
  return runs * (1 + kWarmUp) * std::chrono::duration<double>(settings.run).count();
}

void RunPlan(Experiments& experiments, const std::function<void(const std::string&)>& finished,
             CapacityReport& report) {
  report.most_members =
      static_cast<int>(std::min<std::int64_t>(report.settings.max_members, report.partitions));
  try {
    if (!Plan(experiments, finished, report).Execute()) {
      report.ended = "it was to end before everything was measured";
    }
  } catch (const Failure& failure) {
    report.ended = failure.what();
    report.failed = true;
  }
  report.judgement = Judge(report);
}

}  // namespace backlogd::sim
