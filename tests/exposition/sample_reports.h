#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/lag_report.h"
#include "exposition/render.h"

namespace backlogd::exposition {

// The same level for everything.
class Detail : public DetailLevels {
 public:
  explicit Detail(Level level) : level_(level) {}
  Level For(std::string_view, std::string_view) const override { return level_; }
  Level ForTopic(std::string_view) const override { return level_; }

 private:
  Level level_;
};

inline constexpr WallTime kPollTime{std::chrono::milliseconds(1'750'000'000'250)};

// Puts a report together in the order in which it is laid out: topics first, ascending.
class ReportBuilder {
 public:
  // A report of a poll that went well and saw nothing.
  ReportBuilder();

  ReportBuilder& Topic(std::string_view name,
                       const std::vector<analysis::PartitionReport>& partitions);
  ReportBuilder& Group(const analysis::GroupReport& group);
  // Of the last group.
  ReportBuilder& Reads(std::string_view topic, const std::vector<analysis::PairReport>& pairs);

  analysis::LagReport report;  // for what the functions above do not set
};

// Two brokers, two topics, three groups: one falls behind, one stopped, one catches up.
analysis::LagReport OrdersReport();
// What a broker that is down leaves: unknown numbers, failed steps, carried values.
analysis::LagReport UnknownsReport();
// Nothing was read for three polls.
analysis::LagReport WithheldReport();
// Names that have to be escaped, repaired, or are as long as Kafka allows.
analysis::LagReport NamesReport();

std::string RenderText(const analysis::LagReport& report, std::string_view kafka_cluster,
                       const DetailLevels& detail);

}  // namespace backlogd::exposition
