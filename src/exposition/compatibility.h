#pragma once

#include <array>

namespace backlogd::exposition {

// Exporters under whose names backlogd can serve what it knows, so that dashboards and alerts made
// for them go on. docs/migration.md says where the meaning differs.
enum class Peer { kKafkaExporter, kKminion, kKafkaLagExporter, kBurrow };
inline constexpr std::array kPeers = {Peer::kKafkaExporter, Peer::kKminion, Peer::kKafkaLagExporter,
                                      Peer::kBurrow};

// Whose names to serve beside our own.
struct Compatibility {
  std::array<bool, kPeers.size()> peers = {};  // by Peer
  // Several clusters share the page: families that have no label for the cluster there get
  // kafka_cluster, or their series would be the same.
  bool several_clusters = false;

  friend bool operator==(const Compatibility&, const Compatibility&) = default;

  bool Has(Peer peer) const { return peers[static_cast<std::size_t>(peer)]; }
};

}  // namespace backlogd::exposition
