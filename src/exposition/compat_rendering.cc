#include "exposition/compat_rendering.h"

#include <limits>
#include <utility>

namespace backlogd::exposition {
namespace {

constexpr double kPerSecond = 1000;
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

constexpr PeerLabels kKafkaExporter = {"consumergroup", "topic", "partition"};
constexpr PeerLabels kKminion = {"group_id", "topic_name", "partition_id"};
constexpr PeerLabels kKafkaLagExporter = {"group", "topic", "partition"};
constexpr PeerLabels kBurrow = {"consumer_group", "topic", "partition"};
constexpr PeerLabels kBurrowExporter = {"group", "topic", "partition"};

}  // namespace

PeerRendering::PeerRendering(Rendering& rendering, std::string first_labels,
                             const PeerLabels& names)
    : r(rendering),
      first(std::move(first_labels)),
      topics(names.topic, Names(rendering.report.topics)),
      groups(names.group, Names(rendering.report.groups)) {
  partition.append(",").append(names.partition).append("=\"");
}

NumberOrNan OrNan(std::int64_t number) { return {number < 0 ? kNan : static_cast<double>(number)}; }

NumberOrNan SecondsOrNan(std::int64_t milliseconds) {
  return {milliseconds < 0 ? kNan : static_cast<double>(milliseconds) / kPerSecond};
}

std::string BeginPeerLines(PeerRendering& p, std::string_view family) {
  p.r.out.BeginFamily(family);
  return std::string(family) + "{" + p.first;
}

void AppendLabel(std::string& line, std::string_view label) {
  if (line.ends_with('{')) label.remove_prefix(1);
  line += label;
}

void PeerLine(PeerRendering& p, std::string_view family, std::string_view more, double value) {
  p.r.out.BeginFamily(family);
  std::string labels = p.first;
  if (!labels.empty() && !more.empty()) labels += ',';
  p.r.out.Line(labels.append(more), value);
}

std::int64_t CommittedSum(std::span<const analysis::PairReport> pairs) {
  if (pairs.empty()) return analysis::kUnknown;
  std::int64_t sum = 0;
  for (const analysis::PairReport& pair : pairs) {
    if (pair.committed < 0) return analysis::kUnknown;
    sum += pair.committed;
  }
  return sum;
}

void RenderPeers(Rendering& r, const Compatibility& compatibility, std::string_view kafka_cluster) {
  const std::string unnamed = compatibility.several_clusters ? r.cluster : std::string();
  if (compatibility.Has(Peer::kKafkaExporter)) RenderKafkaExporter({r, unnamed, kKafkaExporter});
  if (compatibility.Has(Peer::kKminion)) RenderKminion({r, unnamed, kKminion});
  if (compatibility.Has(Peer::kKafkaLagExporter)) {
    PeerRendering lines(r, Label("cluster_name", kafka_cluster), kKafkaLagExporter);
    if (compatibility.several_clusters) lines.unlabelled = lines.first;
    RenderKafkaLagExporter(std::move(lines));
  }
  if (compatibility.Has(Peer::kBurrow)) {
    const std::string cluster = Label("cluster", kafka_cluster);
    RenderBurrow({r, cluster, kBurrow});
    RenderBurrowExporter({r, cluster, kBurrowExporter});
  }
}

}  // namespace backlogd::exposition
