#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "kafka/group_member.h"
#include "sim/session.h"
#include "sim/verify_records.h"

namespace backlogd::sim {

using Offsets = std::map<kafka::PartitionId, kafka::Offset>;

// A consumer of the verification, alone in its group. It skips the records of others, but commits
// them too. Destroyed, it has left. Not thread-safe.
class TestMember {
 public:
  // `session` must outlive it. Throws config::ConfigError.
  TestMember(const Session& session, const std::string& group, const std::string& run);
  ~TestMember();
  TestMember(const TestMember&) = delete;
  TestMember& operator=(const TestMember&) = delete;

  // All of these block, at most as long as the session's timeout, and say what went wrong.
  //
  // Joins, and waits for so many partitions.
  std::optional<std::string> Join(std::size_t partitions);
  std::optional<std::string> Commit(const Offsets& offsets);
  std::optional<std::string> CommitSeen() { return Commit(seen_up_to_); }
  std::optional<std::string> Leave();

  // Asks for records once, for at most `wait`; the time it took is limited to `wait` and some
  // seconds, in which it is interrupted: nothing can be polled after that. Own records are added
  // to `seen`, and no more are asked for once there are `most`.
  Result<std::size_t> Poll(std::chrono::milliseconds wait, std::size_t most,
                           std::vector<TestRecord>& seen);

  // Asks until `count` own records came; then for another moment, for what should not come. If
  // they do not come in time, that is no error: `seen` tells.
  std::optional<std::string> Collect(std::size_t count, std::vector<TestRecord>& seen);

 private:
  void Take(const kafka::Record& record, std::vector<TestRecord>& seen);

  const Session& session_;
  const std::string run_;
  std::unique_ptr<kafka::GroupMember> member_;
  Offsets seen_up_to_;
  std::vector<TestRecord> early_;  // that came while it joined
  bool has_left_ = false;
};

}  // namespace backlogd::sim
