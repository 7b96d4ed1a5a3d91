#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "exposition/compatibility.h"
#include "exposition/rendering.h"

// What the pages of other exporters have in common: the passes of Render() with their label names.
// Private to exposition.
namespace backlogd::exposition {

// How a peer calls its labels.
struct PeerLabels {
  std::string_view group;
  std::string_view topic;
  std::string_view partition;
};

// One report on its way into the lines of one peer.
struct PeerRendering {
  // `first`: the labels with which every line begins; may be empty.
  PeerRendering(Rendering& rendering, std::string first_labels, const PeerLabels& names);

  Rendering& r;
  std::string first;
  LabelColumn topics;     // by index in report.topics
  LabelColumn groups;     // by index in report.groups
  std::string partition;  // ,partition="
  // Labels of families that have none there: what tells clusters apart, or nothing.
  std::string unlabelled = {};
};

// What is known and has no series otherwise: a number that may be negative.
struct AnyNumber {
  bool known = false;
  std::int64_t value = 0;
};
inline bool IsKnown(AnyNumber number) { return number.known; }
inline void PutValue(SampleWriter& out, AnyNumber number) { out.PutInteger(number.value); }

// What stands there as NaN where it is not known.
struct NumberOrNan {
  double value = 0;
};
NumberOrNan OrNan(std::int64_t number);               // NaN if it is negative
NumberOrNan SecondsOrNan(std::int64_t milliseconds);  // the same
inline bool IsKnown(NumberOrNan) { return true; }
inline void PutValue(SampleWriter& out, NumberOrNan number) { out.PutDouble(number.value); }

// Begins the family and returns how its lines begin: name{ and the first labels.
std::string BeginPeerLines(PeerRendering& p, std::string_view family);
// Appends `,name="value"`; the comma is left out behind a brace.
void AppendLabel(std::string& line, std::string_view label);
// One line whose labels are the first ones, and `more`.
void PeerLine(PeerRendering& p, std::string_view family, std::string_view more, double value);

template <typename Value>
void EndPeerLine(PeerRendering& p, std::string_view start, Value number) {
  if (!IsKnown(number)) return;
  p.r.out.Put(start);
  p.r.out.Put("} ");
  PutValue(p.r.out, number);
  p.r.out.EndLine();
}

// One line for each thing for which `value` is known; `names` has their label.
template <typename Thing, typename Value>
void PeerEach(PeerRendering& p, std::string_view family, const std::vector<Thing>& things,
              const LabelColumn& names, Value value) {
  std::string start = BeginPeerLines(p, family);
  const std::size_t head = start.size();
  for (std::size_t i = 0; i < things.size(); ++i) {
    start.resize(head);
    AppendLabel(start, names[i]);
    EndPeerLine(p, start, value(things[i]));
  }
}
template <typename Value>
void PeerTopics(PeerRendering& p, std::string_view family, Value value) {
  PeerEach(p, family, p.r.report.topics, p.topics, value);
}
template <typename Value>
void PeerGroups(PeerRendering& p, std::string_view family, Value value) {
  PeerEach(p, family, p.r.report.groups, p.groups, value);
}

inline std::span<const analysis::PartitionReport> PartitionsOf(const analysis::LagReport& report,
                                                               const analysis::TopicReport& topic) {
  return std::span(report.partitions).subspan(topic.first_partition, topic.partition_count);
}
inline std::span<const analysis::PairReport> PairsOf(const analysis::LagReport& report,
                                                     const analysis::GroupTopicReport& read) {
  return std::span(report.pairs).subspan(read.first_pair, read.pair_count);
}

template <typename Value>
void PeerPartitions(PeerRendering& p, std::string_view family, Value value) {
  std::string start = BeginPeerLines(p, family);
  const std::size_t head = start.size();
  for (std::size_t i = 0; i < p.r.report.topics.size(); ++i) {
    if (p.r.topic_levels[i] < DetailLevels::Level::kPartition) continue;
    start.resize(head);
    AppendLabel(start, p.topics[i]);
    start += p.partition;
    RenderPartitionLines(p.r.out, start, PartitionsOf(p.r.report, p.r.report.topics[i]), value);
  }
}

// Calls `write(start, read)` for each group's reading of a topic that has at least that level;
// `start` is the line up to the topic.
template <typename Write>
void PeerReads(PeerRendering& p, std::string_view family, DetailLevels::Level least, Write write) {
  std::string start = BeginPeerLines(p, family);
  const std::size_t head = start.size();
  for (std::size_t g = 0; g < p.r.report.groups.size(); ++g) {
    const analysis::GroupReport& group = p.r.report.groups[g];
    start.resize(head);
    AppendLabel(start, p.groups[g]);
    const std::size_t group_end = start.size();
    for (std::size_t i = group.first_topic; i < group.first_topic + group.topic_count; ++i) {
      if (p.r.levels[i] < least) continue;
      start.resize(group_end);
      start += p.topics[p.r.report.group_topics[i].topic];
      write(start, p.r.report.group_topics[i]);
    }
  }
}

template <typename Value>
void PeerGroupTopics(PeerRendering& p, std::string_view family, Value value) {
  const auto write = [&](const std::string& start, const analysis::GroupTopicReport& read) {
    EndPeerLine(p, start, value(read));
  };
  PeerReads(p, family, DetailLevels::Level::kTopic, write);
}

// How the lines of pairs look beside their names.
struct PairLines {
  DetailLevels::Level least = DetailLevels::Level::kPartition;
  std::string_view end = "\"} ";  // what follows the partition's number
};

template <typename Value>
void PeerPairs(PeerRendering& p, std::string_view family, Value value, PairLines lines = {}) {
  const auto write = [&](std::string& start, const analysis::GroupTopicReport& read) {
    start += p.partition;
    RenderPartitionLines(p.r.out, start, PairsOf(p.r.report, read), value, lines.end);
  };
  PeerReads(p, family, lines.least, write);
}

// Sum of the committed offsets; not known unless all are, or if there is none.
std::int64_t CommittedSum(std::span<const analysis::PairReport> pairs);

// One function a peer; each renders what it can without data too.
void RenderKafkaExporter(PeerRendering p);
void RenderKminion(PeerRendering p);
void RenderKafkaLagExporter(PeerRendering p);
void RenderBurrow(PeerRendering p);
void RenderBurrowExporter(PeerRendering p);

}  // namespace backlogd::exposition
