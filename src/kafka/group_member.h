#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/log.h"
#include "base/result.h"
#include "base/time.h"
#include "config/config.h"
#include "kafka/record.h"
#include "kafka/record_writer.h"
#include "kafka/types.h"

namespace backlogd::kafka {

enum class GroupProtocol { kClassic, kConsumer };  // kConsumer: KIP-848, Kafka 4.0 and newer

struct MemberOptions {
  std::string group;
  GroupProtocol protocol = GroupProtocol::kClassic;
  bool from_beginning = true;  // where the group has no commit; else from the end
  bool read_committed = true;
  std::chrono::milliseconds session_timeout{10'000};     // classic; the broker's own for kConsumer
  std::chrono::milliseconds max_poll_interval{300'000};  // >= session_timeout
  std::string client_id;  // empty: that of the cluster's configuration
};

// What a rebalance did. Called on the thread that polls or leaves, in Poll() and Leave().
struct RebalanceSinks {
  std::function<void(std::span<const TopicPartition>)> assigned{};
  // Before the partitions are given up: Commit() works here. `lost`: they belong to others already,
  // so that a commit of theirs would fail.
  std::function<void(std::span<const TopicPartition>, bool lost)> revoked{};
};

// A member of a consumer group. Nothing is committed but by Commit(). Not thread-safe, but for
// Interrupt().
class GroupMember {
 public:
  // As if the process had died, unless it has left: the group notices when the session times out.
  virtual ~GroupMember() = default;

  // Joins; the partitions come with Poll(). With kConsumer a topic that there is not is no error:
  // the member waits for it.
  virtual std::optional<Error> Subscribe(std::span<const std::string> topics) = 0;

  // Hands out at most `max_records`, in order within a partition, on the calling thread; waits at
  // most `wait` for the first. Returns how many came. A record and what it views are valid during
  // the call of `sink` only; its answer false ends the call after this record, and the next one
  // begins with the one after it. An error: of the group or a topic (missing rights, unknown topic,
  // fenced); polling again may help, as the kind tells (kUnauthorized will not pass by itself).
  using Sink = std::function<bool(const Record& record)>;
  virtual Result<std::size_t> Poll(std::size_t max_records, std::chrono::milliseconds wait,
                                   const Sink& sink) = 0;

  // Waits for the answer, at most until `deadline`. The offset is that of the next record to read.
  // Partitions that are not assigned (any more) are refused, and nothing is committed then.
  virtual std::optional<Error> Commit(std::span<const GroupCommit> commits, Deadline deadline) = 0;

  // What is assigned now. Views into the member, valid until the next Poll() or Leave().
  virtual std::vector<TopicPartition> Assignment() const = 0;

  // Partitions that Poll() hands nothing out of until Resume(), though they stay assigned. Those
  // that are assigned later are not paused.
  virtual std::optional<Error> Pause(std::span<const TopicPartition> partitions) = 0;
  virtual std::optional<Error> Resume(std::span<const TopicPartition> partitions) = 0;

  // Leaves the group in order: `revoked` is called, the coordinator knows at once. Nothing can be
  // polled afterwards. Waits at most until `deadline`; the error says that the group may still
  // count the member until its session times out.
  virtual std::optional<Error> Leave(Deadline deadline) = 0;

  virtual std::vector<BrokerStatistics> Statistics() const = 0;

  // A running or later Poll() returns within about 100 ms with what it has.
  virtual void Interrupt() = 0;
};

// A member over librdkafka. Waits for no broker. `log` must outlive it. Throws config::ConfigError
// if librdkafka refuses a property (naming it; quotes no secret).
std::unique_ptr<GroupMember> MakeGroupMember(const config::Cluster& cluster,
                                             const MemberOptions& options, RebalanceSinks sinks,
                                             Log& log);

}  // namespace backlogd::kafka
