#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>

#include "config/sim.h"
#include "kafka/group_member.h"
#include "sim/consume_course.h"
#include "sim/consume_report.h"
#include "sim/dead_letter_sender.h"
#include "sim/failure_plan.h"
#include "sim/handled_offsets.h"
#include "sim/handling_time.h"

namespace backlogd::sim {

// One member of the group, from joining to leaving: polls, handles, commits, and suffers the fault.
class MemberRun {
 public:
  // `dead_letters` may be null where no record fails. All must outlive it. `number`: 0, 1, ...;
  // `seed` is that of all members together, for the times; whether a record fails depends on the
  // setting alone, so that it fails again in other processes.
  MemberRun(ConsumeCourse& course, DeadLetterSender* dead_letters, std::int64_t number,
            std::uint64_t seed);

  // Returns when the course has ended, after leaving the group. What was handled is committed by
  // then, in every mode but never: nothing is lost, nothing comes again. Throws
  // config::ConfigError.
  void Run();

  MemberTally tally() const;  // thread-safe

 private:
  void Join();
  void Leave();
  void Crash();
  void Hang();
  void HoldOrRelease();  // pauses the partitions while the fault lasts
  bool Struck(config::Fault kind) const;
  void WaitForEndOfFault();

  void PollOnce();
  bool Take(const kafka::Record& record);  // false: no more records for now
  bool Handle(const kafka::Record& record);
  bool WaitToTryAgain();
  bool SpendTime(std::chrono::nanoseconds time);
  std::chrono::nanoseconds TimeFor(const kafka::Record& record);

  bool IsCommitDue(bool batch_is_over) const;
  std::optional<Error> Commit(Deadline deadline);
  bool CommitLast(Deadline deadline);
  void GiveUp(std::span<const kafka::TopicPartition> partitions, bool lost);

  template <typename Change>
  void Count(Change change);

  ConsumeCourse& course_;
  const config::SimConsume& settings_;
  DeadLetterSender* dead_letters_;
  const std::int64_t number_;
  const FailurePlan failures_;
  HandlingTimes times_;
  HandledOffsets offsets_;
  std::unique_ptr<kafka::GroupMember> member_;
  Deadline committed_at_{};                // kPeriodic
  std::chrono::nanoseconds overslept_{0};  // by the last record
  bool out_of_records_ = false;            // the run has begun as many as it should
  bool was_struck_ = false;                // by a crash, or a hang
  bool expelled_ = false;                  // it hangs to the end: the group may have done so
  bool holding_ = false;                   // the partitions are paused
  bool assigned_anew_ = false;             // ... but for these

  mutable std::mutex mutex_;
  MemberTally tally_;
};

}  // namespace backlogd::sim
