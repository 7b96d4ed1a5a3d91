#include "sim/member_run.h"

#include <algorithm>
#include <array>
#include <string>
#include <thread>
#include <vector>

#include "sim/fault_plan.h"

namespace backlogd::sim {
namespace {

using config::CommitMode;
using config::Fault;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::steady_clock;

constexpr milliseconds kPollWait{100};
constexpr milliseconds kRetry{500};
constexpr milliseconds kLastRetry{100};
constexpr milliseconds kMostOverslept{10};

kafka::MemberOptions OptionsOf(const config::SimConsume& settings) {
  kafka::MemberOptions options;
  options.group = settings.group;
  options.protocol = settings.protocol == config::Protocol::kConsumer
                         ? kafka::GroupProtocol::kConsumer
                         : kafka::GroupProtocol::kClassic;
  options.from_beginning = settings.from_beginning;
  options.session_timeout = settings.session_timeout;
  options.max_poll_interval = settings.max_poll_interval;
  return options;
}

}  // namespace

MemberRun::MemberRun(ConsumeCourse& course, DeadLetterSender* dead_letters, std::int64_t number,
                     std::uint64_t seed)
    : course_(course),
      settings_(course.session().settings().consume),
      dead_letters_(dead_letters),
      number_(number),
      failures_(settings_.failures, static_cast<std::uint64_t>(settings_.seed)),
      times_(settings_, seed + static_cast<std::uint64_t>(number)),
      offsets_(course.session().settings().topic) {}

void MemberRun::Run() {
  while (!course_.Ended() && !out_of_records_) {
    if (!member_) Join();
    if (Struck(Fault::kCrash)) {
      Crash();
    } else if (Struck(Fault::kHang)) {
      Hang();
    } else {
      HoldOrRelease();
      PollOnce();
    }
  }
  if (member_) Leave();
}

MemberTally MemberRun::tally() const {
  const std::lock_guard lock(mutex_);
  return tally_;
}

template <typename Change>
void MemberRun::Count(Change change) {
  const std::lock_guard lock(mutex_);
  change(tally_);
}

void MemberRun::Join() {
  const Session& session = course_.session();
  kafka::RebalanceSinks sinks;
  sinks.assigned = [this](std::span<const kafka::TopicPartition>) {
    assigned_anew_ = true;
    Count([](MemberTally& tally) { ++tally.rebalances; });
  };
  sinks.revoked = [this](std::span<const kafka::TopicPartition> partitions, bool lost) {
    GiveUp(partitions, lost);
  };
  member_ =
      session.with().make_member(session.cluster(), OptionsOf(settings_), sinks, session.log());
  committed_at_ = steady_clock::now();
  holding_ = false;
  const std::array<std::string, 1> topics = {session.settings().topic};
  if (const auto error = member_->Subscribe(topics)) course_.Fail(error->message);
}

void MemberRun::Leave() {
  const Deadline deadline = course_.session().Soon();  // one for both
  const bool all = CommitLast(deadline);
  const auto error = member_->Leave(deadline);
  member_.reset();
  Count([this](MemberTally& tally) { tally.lost += offsets_.ForgetAll(); });
  if (!all) {
    course_.Fail("what was handled last could not be committed, so that it is delivered again");
  } else if (error) {
    course_.Fail(error->message);
  }
}

// As if the process had died: nothing is committed, and the group finds out by itself.
void MemberRun::Crash() {
  was_struck_ = true;
  member_.reset();
  Count([this](MemberTally& tally) { tally.lost += offsets_.ForgetAll(); });
  WaitForEndOfFault();
}

void MemberRun::Hang() {
  was_struck_ = true;
  WaitForEndOfFault();
  expelled_ = course_.Ended();
}

void MemberRun::WaitForEndOfFault() {
  const auto end = EndOf(settings_.fault, settings_.max_poll_interval);
  if (end == nanoseconds::max()) {
    while (course_.Wait(std::chrono::hours(1))) continue;
  } else {
    course_.WaitUntil(*course_.begun() + end);
  }
}

bool MemberRun::Struck(Fault kind) const {
  if (settings_.fault.kind != kind) return false;
  if (was_struck_ && (kind == Fault::kCrash || kind == Fault::kHang)) return false;
  if (!course_.begun()) return false;
  return IsStruck(settings_.fault, number_, course_.SinceBegin(steady_clock::now()));
}

void MemberRun::HoldOrRelease() {
  const bool hold = Struck(Fault::kPause);
  if (hold == holding_ && !(hold && assigned_anew_)) return;
  const auto partitions = member_->Assignment();
  const auto error = hold ? member_->Pause(partitions) : member_->Resume(partitions);
  if (error && !course_.MayPass(*error)) return;
  holding_ = hold;
  assigned_anew_ = false;
}

void MemberRun::PollOnce() {
  const auto take = [this](const kafka::Record& record) { return Take(record); };
  const auto most = static_cast<std::size_t>(settings_.batch);
  const auto polled = member_->Poll(most, kPollWait, take);
  if (!polled && course_.MayPass(polled.error())) course_.Wait(kRetry);
  // Who has died, or hangs, commits nothing.
  if (Struck(Fault::kCrash) || Struck(Fault::kHang)) return;
  if (!IsCommitDue(true)) return;
  committed_at_ = steady_clock::now();
  const auto error = Commit(course_.session().Soon());
  if (error) course_.MayPass(*error);
}

bool MemberRun::Take(const kafka::Record& record) {
  if (course_.Ended()) return false;
  if (!course_.Begin()) {
    out_of_records_ = true;
    return false;
  }
  const Deadline begun = steady_clock::now();
  if (!Handle(record)) return false;
  offsets_.Add(record.partition, record.offset);
  Count([](MemberTally& tally) { ++tally.handled; });
  course_.Handled(
      std::chrono::duration_cast<std::chrono::microseconds>(steady_clock::now() - begun));
  return !course_.Ended() && !IsCommitDue(false) && !Struck(Fault::kCrash) &&
         !Struck(Fault::kHang) && !Struck(Fault::kPause);
}

// False: the course ended before the record was done with.
bool MemberRun::Handle(const kafka::Record& record) {
  const auto failure =
      dead_letters_ == nullptr ? std::nullopt : failures_.Of(record.partition, record.offset);
  const std::int64_t attempts = failure ? failure->attempts : 1;
  for (std::int64_t attempt = 1; attempt <= attempts; ++attempt) {
    if (attempt > 1 && !WaitToTryAgain()) return false;
    if (!SpendTime(TimeFor(record))) return false;
  }
  if (!failure) return true;
  if (!dead_letters_->Send(record, failure->reason)) return false;
  const auto reason = static_cast<std::size_t>(failure->reason);
  Count([reason](MemberTally& tally) { ++tally.dead[reason]; });
  return true;
}

bool MemberRun::WaitToTryAgain() {
  if (!course_.Wait(settings_.failures.retry_backoff)) return false;
  Count([](MemberTally& tally) { ++tally.retried; });
  return true;
}

nanoseconds MemberRun::TimeFor(const kafka::Record& record) {
  if (record.partition == settings_.fault.partition && Struck(Fault::kSlowPartition)) {
    return settings_.fault.slow_time;
  }
  return times_.Next(course_.SinceBegin(steady_clock::now()));
}

// A sleep lasts longer than it should: the next one is shorter by that, for the rate to be right.
bool MemberRun::SpendTime(nanoseconds time) {
  if (time.count() <= 0) return !course_.Ended();
  const Deadline until = steady_clock::now() + time - overslept_;
  overslept_ = nanoseconds(0);
  if (until > steady_clock::now() && !course_.WaitUntil(until)) return false;
  overslept_ = std::min<nanoseconds>(steady_clock::now() - until, kMostOverslept);
  return true;
}

bool MemberRun::IsCommitDue(bool batch_is_over) const {
  switch (settings_.commit) {
    case CommitMode::kRecord: return true;
    case CommitMode::kBatch: return batch_is_over;
    case CommitMode::kPeriodic:
      return steady_clock::now() - committed_at_ >= settings_.commit_interval;
    case CommitMode::kNever: break;
  }
  return false;
}

std::optional<Error> MemberRun::Commit(Deadline deadline) {
  if (settings_.commit == CommitMode::kNever || offsets_.AllCommitted()) return std::nullopt;
  auto error = member_->Commit(offsets_.ToCommit(), deadline);
  if (!error) Count([this](MemberTally& tally) { tally.committed += offsets_.Committed(); });
  return error;
}

// A group that is on the move refuses commits for a while.
bool MemberRun::CommitLast(Deadline deadline) {
  while (true) {
    const auto error = Commit(deadline);
    if (!error) return true;
    if (!course_.MayPass(*error) || expelled_ || steady_clock::now() >= deadline) return false;
    std::this_thread::sleep_for(kLastRetry);
  }
}

void MemberRun::GiveUp(std::span<const kafka::TopicPartition> partitions, bool lost) {
  if (!lost) {
    const auto error = Commit(course_.session().Soon());
    if (error) course_.MayPass(*error);
  }
  std::uint64_t records = 0;
  for (const auto& partition : partitions) records += offsets_.Forget(partition.partition);
  Count([records](MemberTally& tally) { tally.lost += records; });
}

}  // namespace backlogd::sim
