#include "kafka/librdkafka_client.h"

#include <array>
#include <atomic>
#include <future>
#include <string>
#include <utility>
#include <vector>

#include "config/load.h"
#include "kafka/admin_session.h"
#include "kafka/client_configuration.h"
#include "kafka/committed_offsets.h"
#include "kafka/credential_files.h"
#include "kafka/groups.h"
#include "kafka/log_offsets.h"
#include "kafka/metadata.h"
#include "kafka/statistics.h"
#include "kafka/topic_details.h"

namespace backlogd::kafka {
namespace {

// After so many calls without metadata the next one begins with a fresh handle. A broker that has
// just come back may answer that the cluster has no brokers; librdkafka then drops all that it
// knew, the bootstrap servers too, and never connects again.
constexpr int kHandlePatience = 2;
// A handle that waits for a token has opened no connection that could be at fault, and a fresh one
// would only ask anew. librdkafka gives an endpoint 20 s; if it refuses for a while, it is tried
// less and less often.
constexpr std::chrono::seconds kTokenPatience{25};
constexpr int kRightsPolls = 20;  // between two looks at what we may not see
constexpr std::chrono::milliseconds kRightsTimeout{500};

std::string AddressesOf(const std::vector<Broker>& brokers) {
  std::string addresses;
  for (const Broker& broker : brokers) {
    const bool v6 = broker.host.find(':') != std::string::npos;
    addresses += "," + (v6 ? "[" + broker.host + "]" : broker.host) + ":";
    addresses += std::to_string(broker.port);
  }
  return addresses;
}

class LibrdkafkaClient final : public KafkaClient {
 public:
  LibrdkafkaClient(const config::Cluster& cluster, std::chrono::milliseconds statistics_interval,
                   Log& log)
      : cluster_(cluster),
        statistics_interval_(statistics_interval),
        credential_files_(cluster),
        library_log_{log, cluster.name, Secrets(cluster)},
        session_(NewSession(cluster)) {}

  Result<Metadata> FetchMetadata(Deadline deadline) override {
    if (!session_->interrupted()) RenewHandle();
    Result<Metadata> metadata = metadata_.Fetch(*session_, deadline);
    failures_ = metadata ? 0 : failures_ + 1;
    if (metadata && metadata->brokers.empty()) {
      failures_ = kHandlePatience;
      return Error{ErrorKind::kUnreachable, "metadata: the cluster names no broker"};
    }
    if (metadata) {
      told_of_fresh_handle_ = false;
      known_brokers_ = AddressesOf(metadata->brokers);
      TellMissingRights(deadline);
    }
    return metadata;
  }

  std::vector<Result<GroupListing>> ListGroups(std::span<const BrokerId> brokers,
                                               Deadline deadline) override {
    return kafka::ListGroups(*session_, brokers, deadline);
  }

  std::vector<Result<GroupDescription>> DescribeGroups(std::span<const GroupAt> groups,
                                                       Deadline deadline) override {
    return kafka::DescribeGroups(*session_, groups, deadline);
  }

  void FetchCommitted(std::span<const GroupAt> groups, Deadline deadline,
                      const CommittedSink& sink) override {
    committed_.Fetch(*session_, groups, deadline, sink);
  }

  std::vector<PartitionOffset> FetchLogOffsets(std::span<const PartitionAt> partitions,
                                               OffsetSpec spec, Deadline deadline) override {
    return kafka::FetchLogOffsets(*session_, partitions, spec, deadline);
  }

  std::vector<PartitionOffset> FetchOffsetsForTimes(std::span<const PartitionTime> partitions,
                                                    Deadline deadline) override {
    return kafka::FetchOffsetsForTimes(*session_, partitions, deadline);
  }

  std::vector<Result<TopicId>> DescribeTopics(std::span<const std::string_view> topics,
                                              Deadline deadline) override {
    return kafka::DescribeTopics(*session_, metadata_.live_broker(), topics, deadline);
  }

  std::vector<Result<TopicConfig>> DescribeTopicConfigs(std::span<const std::string_view> topics,
                                                        Deadline deadline) override {
    return kafka::DescribeTopicConfigs(*session_, metadata_.live_broker(), topics, deadline);
  }

  std::vector<BrokerStatistics> Statistics() override {
    session_->Drain();
    return statistics_.Values();
  }

  void Interrupt() override { interrupted_.store(true, std::memory_order_relaxed); }

 private:
  // Begins with the brokers last seen too: the configured ones may all be down.
  std::unique_ptr<AdminSession> NewSession(config::Cluster cluster) {
    cluster.bootstrap_servers += known_brokers_;
    library_log_.secrets.Add(cluster);
    return std::make_unique<AdminSession>(MakeHandle(cluster, statistics_interval_, library_log_),
                                          library_log_, interrupted_, statistics_);
  }

  // Brokers leave out what we may not see, and call that no error. Of a topic that is named they
  // say so; this one is in every cluster with groups.
  void TellMissingRights(Deadline deadline) {
    TellHidden(metadata_.lacks_cluster_describe(), "DESCRIBE on the cluster",
               "groups that it may not describe are not seen", groups_are_hidden_);
    if (--polls_until_rights_ > 0) return;
    polls_until_rights_ = kRightsPolls;
    constexpr std::array<std::string_view, 1> kAnyTopic = {"__consumer_offsets"};
    const Deadline soon = std::min(deadline, std::chrono::steady_clock::now() + kRightsTimeout);
    const auto described = DescribeTopics(kAnyTopic, soon);
    const bool refused =
        !described.front() && described.front().error().kind == ErrorKind::kUnauthorized;
    TellHidden(refused, "DESCRIBE on every topic", "topics that it may not describe are not seen",
               topics_are_hidden_);
  }

  // `told` is of the last call.
  void TellHidden(bool hidden, std::string_view right, std::string_view effect, bool& told) {
    if (hidden && !told) {
      library_log_.log.Write(LogLevel::kWarning, "A right seems to be missing",
                             {{"kafka_cluster", cluster_.name},
                              {"needs", std::string(right)},
                              {"effect", std::string(effect)}});
    }
    told = hidden;
  }

  void RenewHandle() {
    if (credential_files_.Changed()) {
      ReplaceHandle("Credentials have changed: connecting anew");
    } else if (failures_ >= kHandlePatience && !MayStillSignIn()) {
      // Said once: the next poll that fails does the same.
      const bool is_said = std::exchange(told_of_fresh_handle_, true);
      ReplaceHandle(!is_said ? "No broker answers: trying a fresh Kafka client" : "");
    }
  }

  bool MayStillSignIn() const {
    const auto waiting = session_->waiting();
    return waiting && std::chrono::steady_clock::now() - waiting->since < kTokenPatience;
  }

  void ReplaceHandle(std::string_view reason) {
    std::unique_ptr<AdminSession> old;
    try {
      old = std::exchange(session_, NewSession(config::Refreshed(cluster_)));
    } catch (const config::ConfigError& error) {
      // What it accepted before, a key file for example, is gone or half written.
      library_log_.log.Write(LogLevel::kWarning,
                             "Credentials cannot be read: going on with those read before",
                             {{"kafka_cluster", cluster_.name}, {"cause", error.what()}});
      return;
    }
    // Its threads may wait for a name server: that must not hold up the poll.
    retired_.push_back(
        std::async(std::launch::async, [session = std::move(old)]() mutable { session.reset(); }));
    std::erase_if(retired_, [](const auto& one) {
      return one.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
    });
    statistics_.HandleReplaced();
    if (reason.empty()) return;
    library_log_.log.Write(LogLevel::kInfo, reason, {{"kafka_cluster", cluster_.name}});
  }

  const config::Cluster cluster_;
  const std::chrono::milliseconds statistics_interval_;
  CredentialFiles credential_files_;
  LibraryLog library_log_;
  std::atomic<bool> interrupted_{false};
  StatisticsRecord statistics_;
  MetadataSource metadata_;
  CommittedOffsets committed_;
  int polls_until_rights_ = 0;
  bool topics_are_hidden_ = false;  // and told to be
  bool groups_are_hidden_ = false;
  int failures_ = 0;                   // of FetchMetadata, in a row
  bool told_of_fresh_handle_ = false;  // since these began
  std::string known_brokers_;          // ",host:port" of each broker in the last metadata
  // Last: librdkafka's threads write to library_log_ until the handle is destroyed.
  std::unique_ptr<AdminSession> session_;
  std::vector<std::future<void>> retired_;  // old sessions that are being destroyed
};

}  // namespace

void CheckProperties(const config::Cluster& cluster, Log& log) {
  LibraryLog library_log{log, cluster.name, Secrets(cluster)};
  HandleUse use;
  use.runs_programs = false;
  MakeHandle(cluster, std::chrono::milliseconds(0), library_log, use);
}

std::unique_ptr<KafkaClient> MakeLibrdkafkaClient(const config::Cluster& cluster,
                                                  std::chrono::milliseconds statistics_interval,
                                                  Log& log) {
  return std::make_unique<LibrdkafkaClient>(cluster, statistics_interval, log);
}

}  // namespace backlogd::kafka
