#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "kafka/group_member.h"
#include "sim/load_source.h"
#include "sim/session.h"

namespace backlogd::sim {

struct GroupOrder {
  std::string topic;
  int partitions = 1;
  std::string group;
  int members = 1;
  double handling_ms = 0;
};

// A consumer group of a capacity test, a thread each member. Records of the group's own key count
// and take their time; others are passed over. Commits by batch.
class MeasuredGroup {
 public:
  MeasuredGroup(const Session& session, GroupOrder order);
  ~MeasuredGroup();  // the members leave; the group is deleted
  MeasuredGroup(const MeasuredGroup&) = delete;
  MeasuredGroup& operator=(const MeasuredGroup&) = delete;

  const std::string& key() const { return order_.group; }  // of the records that count

  // Waits until every partition is assigned, and its member reads it: a record sent there after
  // the members' joining has come. False: a stop was requested. Throws Failure after the
  // timeout. `tick` is called now and then.
  bool Settle(LoadSource& source, const std::function<void()>& tick);

  // Nothing is handed out until Release().
  void Hold();
  void Release();

  std::uint64_t Handled() const;
  // Between the first and the last record that was handled; 0 before the second.
  double SecondsOfHandling() const;
  // Of all members, as of their last second.
  std::vector<kafka::BrokerStatistics> Statistics() const;
  // Throws Failure if a member may not go on.
  void Demand() const;

 private:
  struct Member {
    std::unique_ptr<kafka::GroupMember> member{};
    std::map<kafka::PartitionId, kafka::Offset> positions{};  // to commit
    std::atomic<int> assigned = 0;
    std::atomic<std::uint64_t> handled = 0;
    std::atomic<Deadline> first{Deadline::max()};  // handled
    std::atomic<Deadline> last{Deadline::min()};
    bool held = false;
    std::vector<kafka::BrokerStatistics> statistics{};  // guarded by mutex_
    Deadline asked_at{};                                // for them
    Deadline polled_at{};
    bool first_of_poll = false;
    Deadline free_at{};  // when the record at hand is handled
    std::thread thread{};
  };

  std::unique_ptr<Member> Join();
  void Run(Member& member);
  void PollOnce(Member& member);
  bool Take(Member& member, const kafka::Record& record);
  bool Handle(Member& member);  // false: the end came before
  void Commit(Member& member);
  void NoteStatistics(Member& member);
  void FollowHold(Member& member);
  void Assigned(std::span<const kafka::TopicPartition> partitions);
  void Fail(const std::string& message, bool lasting);
  void ProbeUnseen(LoadSource& source) const;
  bool IsSettled() const;
  void DeleteGroup();

  const Session& session_;
  const GroupOrder order_;
  const std::string probe_key_;
  mutable std::mutex mutex_;
  std::condition_variable ended_;
  std::atomic<bool> ending_ = false;
  std::vector<bool> seen_;    // partitions whose member reads them; guarded by mutex_, like these:
  std::string last_fault_{};  // may pass by itself
  std::string fault_{};       // will not
  std::atomic<bool> hold_ = false;
  std::atomic<int> held_ = 0;
  std::vector<std::unique_ptr<Member>> members_;
};

}  // namespace backlogd::sim
