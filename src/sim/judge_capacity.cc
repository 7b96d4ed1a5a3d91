#include "sim/judge_capacity.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>

#include "cli/printable.h"

namespace backlogd::sim {
namespace {

constexpr double kBusy = 0.85;           // of all processors: then this machine is the limit
constexpr double kThrottledMs = 1;       // that a broker asks for
constexpr double kInflowReached = 0.95;  // of the inflow wanted

std::string PerSecond(double rate) { return Readable(rate) + " records/s"; }

std::string Plural(int count, const std::string& thing) {
  return std::to_string(count) + " " + thing + (count == 1 ? "" : "s");
}

std::string TimeOf(double seconds) {
  if (seconds < 10) return Readable(seconds) + " s";
  return cli::FormatAge(std::chrono::seconds(std::llround(std::min(seconds, 1e12))));
}

std::string Percent(double share) { return std::to_string(std::lround(share * 100)) + " %"; }

double BestOf(const std::vector<ScaleStep>& steps) {
  double best = 0;
  for (const ScaleStep& step : steps) best = std::max(best, step.run.records_per_second);
  return best;
}

bool IsThrottled(const std::vector<ScaleStep>& steps) {
  return std::ranges::any_of(steps, [](const ScaleStep& step) {
    return step.run.load.throttle_ms.value_or(0) >= kThrottledMs;
  });
}

// Adding more did not help, and it was not this machine that had no more to give.
bool Flattened(const std::vector<ScaleStep>& steps) {
  return steps.size() > 1 && !StillHelps(steps) && steps.back().run.load.busy.value_or(0) < kBusy;
}
bool FlattenedByThisMachine(const std::vector<ScaleStep>& steps) {
  return steps.size() > 1 && !StillHelps(steps) && !Flattened(steps);
}

std::string MarginOf(const CapacityReport& report) {
  const std::optional<Estimate> rate = report.member.Get();
  return rate && rate->margin ? " (+- " + Readable(*rate->margin) + ", 95 %)" : "";
}

std::string MembersSentence(const CapacityReport& report) {
  const MemberSearch& search = report.search;
  const std::string inflow = "At this inflow of " + PerSecond(report.settings.inflow);
  if (!search.complete) return "";
  const std::string sure = "; " + Percent(*search.confidence) + " sure.";
  if (search.needed) {
    return inflow + " you need " + Plural(*search.needed, "member") + sure;
  }
  std::string text =
      inflow + " even " + Plural(report.most_members, "member") + " do not keep up" + sure;
  const double rate = report.member.Get()->mean;
  const auto wanted = static_cast<std::int64_t>(std::ceil(report.settings.inflow / rate));
  if (report.most_members == report.partitions) {
    return text + " More would be idle, as the topic has " +
           Plural(report.partitions, "partition") + ": about " + std::to_string(wanted) +
           " are wanted, so give it at least as many partitions, or make the handling of a record "
           "faster.";
  }
  return text + " By the rate of one, about " + std::to_string(wanted) +
         " are wanted: measure again with a larger capacity.max_members" +
         (wanted > report.partitions ? " and at least as many partitions." : ".");
}

std::string InflowSentence(const CapacityReport& report) {
  double reached = report.settings.inflow;
  for (const FollowRun& run : report.follows) reached = std::min(reached, run.inflow);
  if (reached >= kInflowReached * report.settings.inflow) return "";
  return "The inflow could not be produced: only " + PerSecond(reached) +
         " were reached, so that more members may be needed than found here.";
}

std::string DrainSentence(const CapacityReport& report, const Drain& drain) {
  const auto backlog = static_cast<double>(report.settings.backlog);
  std::string text = "A backlog of " + Readable(backlog) + " records takes " +
                     Plural(drain.members, "member") + " " + TimeOf(drain.seconds);
  if (static_cast<double>(drain.measured_records) < backlog) {
    text += ", by the " + Readable(static_cast<double>(drain.measured_records)) +
            " that were drained in " + TimeOf(drain.measured_seconds);
  }
  if (drain.with_inflow) {
    return text + "; while the inflow goes on, " + TimeOf(*drain.with_inflow) + ".";
  }
  return text + "; while the inflow goes on, it is never drained.";
}

// What the instances carry beside each other.
struct Carried {
  double member = 0;
  double producer = 0;
  std::optional<double> broker = {};  // where adding more stopped helping
};

Carried CarriedBy(const CapacityReport& report) {
  Carried carried{report.member.Get()->mean, report.producer.Get()->mean};
  const auto limit = [&carried](const std::vector<ScaleStep>& steps) {
    if (!Flattened(steps) && !IsThrottled(steps)) return;
    carried.broker = std::min(carried.broker.value_or(BestOf(steps)), BestOf(steps));
  };
  limit(report.producers);
  limit(report.consumers);
  return carried;
}

std::string BrokerBecause(const CapacityReport& report, double rate) {
  const bool throttled = IsThrottled(report.producers) || IsThrottled(report.consumers);
  return std::string(throttled ? "it throttles" : "adding producers or consumers stops helping") +
         " at " + PerSecond(rate);
}

void NameBottleneck(const CapacityReport& report, Judgement& judgement) {
  const Carried carried = CarriedBy(report);
  const double inflow = report.settings.inflow;
  const double one = std::min(carried.member, carried.producer);
  const std::string against =
      one < inflow ? "less than the inflow of " + PerSecond(inflow)
                   : "the least of all; the inflow of " + PerSecond(inflow) + " is below it";
  if (carried.broker && *carried.broker < inflow) {
    judgement.bottleneck = Bottleneck::kBroker;
    judgement.because =
        BrokerBecause(report, *carried.broker) + ", less than the inflow of " + PerSecond(inflow);
  } else if (carried.broker && *carried.broker < one) {
    judgement.bottleneck = Bottleneck::kBroker;
    judgement.because = BrokerBecause(report, *carried.broker) + ", though one consumer handles " +
                        PerSecond(carried.member) + " and one producer writes " +
                        PerSecond(carried.producer);
  } else if (carried.member <= carried.producer) {
    judgement.bottleneck = Bottleneck::kConsumer;
    judgement.because = "one member handles " + PerSecond(carried.member) + ", " + against +
                        ", while one producer writes " + PerSecond(carried.producer);
  } else {
    judgement.bottleneck = Bottleneck::kProducer;
    judgement.because = "one producer writes " + PerSecond(carried.producer) + ", " + against +
                        ", while one member handles " + PerSecond(carried.member);
  }
}

std::string BrokerSentence(const CapacityReport& report) {
  if (report.producers.size() < 2) return "";
  const bool machine =
      FlattenedByThisMachine(report.producers) || FlattenedByThisMachine(report.consumers);
  const std::optional<double> broker = CarriedBy(report).broker;
  if (broker) return "The broker is a limit: " + BrokerBecause(report, *broker) + ".";
  if (machine) {
    return "The broker's limit was not reached: this machine was busy before; it carries at "
           "least " +
           PerSecond(BestOf(report.producers)) + " from producers.";
  }
  return "The broker's limit was not reached: adding producers still helps at " +
         PerSecond(BestOf(report.producers)) + ".";
}

std::string HintOf(const CapacityReport& report) {
  const std::optional<Estimate> rate = report.member.Get();
  if (!rate || rate->mean <= 0) return "";
  char number[32];
  std::snprintf(number, sizeof number, rate->mean < 100 ? "%.3g" : "%.0f", rate->mean);
  std::string group;
  for (const char c : report.group) group += c == '\'' ? std::string("''") : std::string(1, c);
  return "analysis:\n  capacity_hints:\n    - groups: '" + group +
         "'\n      member_records_per_second: " + number + "\n";
}

}  // namespace

bool StillHelps(const std::vector<ScaleStep>& steps) {
  if (steps.size() < 2) return true;
  return steps.back().run.records_per_second >=
         1.1 * steps[steps.size() - 2].run.records_per_second;
}

bool KeepsUp(double growth, double inflow, double run_seconds) {
  return growth <= std::max(kGrowthTolerance, 0.1 / run_seconds) * inflow;
}

Judgement Judge(const CapacityReport& report) {
  Judgement judgement;
  const auto say = [&judgement](std::string sentence) {
    if (!sentence.empty()) judgement.words.push_back(std::move(sentence));
  };
  say(MembersSentence(report));
  say(InflowSentence(report));
  if (const auto rate = report.member.Get()) {
    say("One member handles " + PerSecond(rate->mean) + MarginOf(report) + ".");
  }
  if (report.member.Get() && report.producer.Get()) {
    NameBottleneck(report, judgement);
    say("The bottleneck is the " + std::string(ToText(judgement.bottleneck)) + ", because " +
        judgement.because + ".");
    say(BrokerSentence(report));
  }
  for (const Drain& drain : report.drains) say(DrainSentence(report, drain));
  judgement.hint = HintOf(report);
  return judgement;
}

}  // namespace backlogd::sim
