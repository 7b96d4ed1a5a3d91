#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/lag_report.h"
#include "exposition/compatibility.h"
#include "exposition/metric_catalog.h"

namespace backlogd::exposition {

// How much to show of a group's reading of a topic, and of a topic.
// (The configuration's detail levels and patterns; a seam, so that exposition needs no config.)
class DetailLevels {
 public:
  enum class Level { kGroup, kTopic, kPartition, kFull };  // each has what those before it have
  virtual ~DetailLevels() = default;
  virtual Level For(std::string_view group, std::string_view topic) const = 0;
  virtual Level ForTopic(std::string_view topic) const = 0;
  // Most series that a cluster may have, as MostSeries() counts; to keep to it, levels are lowered.
  // 0: no limit.
  virtual std::uint64_t SeriesBudget() const { return 0; }
};

// The series that the budget can leave out, in the order in which they go: what `full` adds for
// groups, their partitions, partitions of topics, topics of groups. Values of a label.
enum class Droppable { kFull, kGroupPartition, kTopicPartition, kGroupTopic };
inline constexpr std::size_t kDroppableCount = 4;
std::string_view ToText(Droppable kind);

using DroppedSeries = std::array<std::uint64_t, kDroppableCount>;  // by Droppable

// Sample lines of one part of a page (a cluster, or the program itself), family by family in
// catalog order. Families without a sample are left out.
struct Samples {
  struct Family {
    const MetricSpec* spec = nullptr;
    std::size_t begin = 0;  // text[begin, end)
    std::size_t end = 0;
    std::size_t series = 0;
  };
  std::string text;
  std::vector<Family> families;
  DroppedSeries dropped = {};  // what the budget left out of them
};

// Writes the report's sample lines over `out`, keeping its capacity. Labels are escaped and made
// valid UTF-8. Pure; about 15 ns a series.
void Render(const analysis::LagReport& report, std::string_view kafka_cluster,
            const DetailLevels& detail, Samples& out, const Compatibility& compatibility = {});

}  // namespace backlogd::exposition
