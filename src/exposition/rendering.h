#pragma once

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
            const DetailLevels& levels, Samples& to);

  const analysis::LagReport& report;
  const DetailLevels& detail;
  SampleWriter out;
  std::string cluster;  // kafka_cluster="..."
  LabelColumn topics;   // by index in report.topics
  LabelColumn groups;   // by index in report.groups
};

// Begins the family and returns how its lines begin: name{kafka_cluster="..."
std::string BeginLines(Rendering& r, std::string_view family);

// One line for each thing for which `value` is not negative (unknown); `names` has their label.
template <typename Thing, typename Value>
void RenderEach(Rendering& r, std::string_view family, const std::vector<Thing>& things,
                const LabelColumn& names, Value value) {
  const std::string head = BeginLines(r, family);
  for (std::size_t i = 0; i < things.size(); ++i) {
    const std::int64_t number = value(things[i]);
    if (number < 0) continue;
    r.out.Put(head);
    r.out.Put(names[i]);
    r.out.Put("} ");
    r.out.PutInteger(number);
    r.out.EndLine();
  }
}

// A member of a report that is a number.
template <typename Report>
using Number = std::int64_t Report::*;

// One line for each partition whose value is not negative (unknown); `start` is the line up to the
// partition's number.
template <typename Partition>
void RenderPartitionLines(SampleWriter& out, std::string_view start,
                          std::span<const Partition> partitions, Number<Partition> value) {
  for (const Partition& partition : partitions) {
    if (partition.*value < 0) continue;
    out.Put(start);
    out.PutInteger(partition.partition);
    out.Put("\"} ");
    out.PutInteger(partition.*value);
    out.EndLine();
  }
}

// The families of groups; of groups and topics; of groups, topics and partitions.
void RenderGroupFamilies(Rendering& r);

}  // namespace backlogd::exposition
