#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "config/sim.h"
#include "sim/experiments.h"
#include "sim/member_search.h"

namespace backlogd::sim {

// The same measurement several times.
struct Rate {
  std::vector<RateRun> runs;

  std::optional<Estimate> Get() const;  // records a second; absent: never measured
};

struct FollowRun {
  int members = 0;
  double inflow = 0;  // that was really produced
  double growth = 0;  // of the backlog, records a second
  bool keeps_up = false;
  std::vector<Sample> backlog{};
};

struct ScaleStep {
  int instances = 0;
  RateRun run;
};

struct Drain {
  int members = 0;
  std::uint64_t measured_records = 0;
  double measured_seconds = 0;
  double seconds = 0;  // for the whole backlog: measured, or extrapolated
  std::optional<double> with_inflow =
      {};  // the same while the inflow goes on; absent: it never ends
};

enum class Bottleneck { kUnknown, kConsumer, kProducer, kBroker };

struct Judgement {
  Bottleneck bottleneck = Bottleneck::kUnknown;
  std::string because;             // a sentence
  std::vector<std::string> words;  // the whole verdict, a sentence each
  std::string hint;                // YAML for backlogd's configuration; empty: nothing to say
};

struct CapacityReport {
  config::SimCapacity settings;
  std::string topic;
  std::string group;  // pattern for the hint
  int partitions = 0;
  int most_members = 0;  // that are of use: max_members, or the partitions

  Rate member;
  MemberSearch search;
  std::vector<FollowRun> follows;
  Rate producer;
  Rate push;
  std::vector<ScaleStep> producers;  // ascending by instances
  std::vector<ScaleStep> consumers;
  std::vector<Drain> drains;
  std::string ended;    // why not all was measured; empty: all was
  bool failed = false;  // not because somebody wished it
  Judgement judgement;
};

// Words of the report: "consumer", "producer", "broker", "unknown".
std::string_view ToText(Bottleneck bottleneck);

// "12,345", "0.5": a number for people.
std::string Readable(double value);

std::string ToText(const CapacityReport& report);
std::string ToJson(const CapacityReport& report);
// One page that needs no network.
std::string ToHtml(const CapacityReport& report);

}  // namespace backlogd::sim
