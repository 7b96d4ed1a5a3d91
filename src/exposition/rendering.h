#pragma once

#include <chrono>
#include <cmath>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "exposition/labels.h"
#include "exposition/render.h"
#include "exposition/sample_writer.h"

// What the parts of Render() share. Private to exposition.
namespace backlogd::exposition {

// One report on its way into sample lines.
struct Rendering {
  Rendering(const analysis::LagReport& from, std::string_view kafka_cluster,
            const DetailLevels& levels_of, Samples& to);

  const analysis::LagReport& report;
  const DetailLevels& detail;
  SampleWriter out;
  std::string cluster;  // kafka_cluster="..."
  LabelColumn topics;   // by index in report.topics
  LabelColumn groups;   // by index in report.groups
  // Patterns are matched once a report, not once a family.
  std::vector<DetailLevels::Level> topic_levels;  // by index in report.topics
  std::vector<DetailLevels::Level> levels;        // by index in report.group_topics
  DroppedSeries dropped = {};                     // by lowering them: see KeepToBudget()
};

template <typename Named>
std::vector<std::string_view> Names(const std::vector<Named>& things) {
  std::vector<std::string_view> names;
  names.reserve(things.size());
  for (const Named& thing : things) names.push_back(thing.name);
  return names;
}

// host:port, [IPv6 address]:port
std::string AddressOf(const kafka::Broker& broker);

// Begins the family and returns how its lines begin: name{kafka_cluster="..."
std::string BeginLines(Rendering& r, std::string_view family);

// How values stand on a page: counts and offsets as they are, durations as seconds. What is not
// known is negative or absent; what is no number (of which nothing should come) is not known
// either.
inline bool IsKnown(std::int64_t value) { return value >= 0; }
inline bool IsKnown(std::chrono::milliseconds value) { return value.count() >= 0; }
inline bool IsKnown(std::optional<double> value) { return value && std::isfinite(*value); }
inline void PutValue(SampleWriter& out, std::int64_t value) { out.PutInteger(value); }
inline void PutValue(SampleWriter& out, std::chrono::milliseconds value) {
  out.PutMilliseconds(value.count());
}
inline void PutValue(SampleWriter& out, std::optional<double> value) { out.PutDouble(*value); }

// One line for each thing for which `value` is known; `names` has their label.
template <typename Thing, typename Value>
void RenderEach(Rendering& r, std::string_view family, const std::vector<Thing>& things,
                const LabelColumn& names, Value value) {
  const std::string head = BeginLines(r, family);
  for (std::size_t i = 0; i < things.size(); ++i) {
    const auto number = value(things[i]);
    if (!IsKnown(number)) continue;
    r.out.Put(head);
    r.out.Put(names[i]);
    r.out.Put("} ");
    PutValue(r.out, number);
    r.out.EndLine();
  }
}

// One line for each partition for which `value` is known; `start` is the line up to the partition's
// number, `end` what follows it.
template <typename Partition, typename Value>
void RenderPartitionLines(SampleWriter& out, std::string_view start,
                          std::span<const Partition> partitions, Value value,
                          std::string_view end = "\"} ") {
  for (const Partition& partition : partitions) {
    const auto number = value(partition);
    if (!IsKnown(number)) continue;
    out.Put(start);
    out.PutInteger(partition.partition);
    out.Put(end);
    PutValue(out, number);
    out.EndLine();
  }
}

// A member of a report that holds a T.
template <typename T, typename Report>
using Member = T Report::*;

// The families of dead-letter queues.
void RenderDeadLetterFamilies(Rendering& r);

// The families under the names of other exporters, as far as they are asked for.
void RenderPeers(Rendering& r, const Compatibility& compatibility, std::string_view kafka_cluster);

// The families of groups; of groups and topics; of groups, topics and partitions.
void RenderGroupFamilies(Rendering& r);

}  // namespace backlogd::exposition
