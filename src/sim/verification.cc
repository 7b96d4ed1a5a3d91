#include "sim/verification.h"

#include <algorithm>
#include <chrono>
#include <set>
#include <utility>

namespace backlogd::sim {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kEmptyWait{1000};
constexpr std::int64_t kResumeRecords = 20;

CheckResult Passed(std::string reason) { return {"", Verdict::kPassed, std::move(reason)}; }
CheckResult Failed(std::string reason) { return {"", Verdict::kFailed, std::move(reason)}; }
CheckResult Skipped(std::string reason) { return {"", Verdict::kSkipped, std::move(reason)}; }

CheckResult Judge(const std::optional<std::string>& fault, const std::string& otherwise) {
  return fault ? Failed(*fault) : Passed(otherwise);
}

}  // namespace

const std::vector<Verification::Step>& Verification::Steps() {
  static const std::vector<Step> steps = {
      {"topic_exists", &Verification::TopicExists},
      {"partition_count", &Verification::PartitionCount},
      {"replication", &Verification::Replication},
      {"group_starts_at_log_end", &Verification::GroupStartsAtLogEnd},
      {"empty_consume_is_bounded", &Verification::EmptyConsumeIsBounded},
      {"content_is_kept", &Verification::ContentIsKept},
      {"keys_keep_their_order", &Verification::KeysKeepTheirOrder},
      {"duplicate_is_handled_once", &Verification::DuplicateIsHandledOnce},
      {"group_resumes", &Verification::GroupResumes},
      {"group_is_deleted", &Verification::GroupIsDeleted},
  };
  return steps;
}

std::size_t Verification::CountOfChecks() { return Steps().size(); }

Verification::Verification(const Session& session, const std::string& run)
    : session_(session),
      settings_(session.settings().verify),
      run_(run),
      group_("backlogd-sim-verify-" + run),
      pusher_(MakeTestPusher(session)) {}

VerifyReport Verification::Run(const std::function<void(std::size_t)>& show) {
  VerifyReport report{session_.settings().topic, pusher_->Through(), {}};
  for (const Step& step : Steps()) {
    const Deadline begun = session_.with().steady_now();
    // The group is deleted all the same.
    const bool ends =
        session_.with().stop.Requested() && step.check != &Verification::GroupIsDeleted;
    CheckResult result = ends ? Skipped("interrupted") : (this->*step.check)();
    result.name = step.name;
    result.time = session_.with().steady_now() - begun;
    report.checks.push_back(std::move(result));
    show(report.checks.size());
  }
  return report;
}

CheckResult Verification::TopicExists() {
  const std::string& name = session_.settings().topic;
  const auto client = session_.with().make_client(session_.cluster(), session_.log());
  const auto metadata = client->FetchMetadata(session_.Soon());
  if (!metadata) {
    return Failed(metadata.error().message +
                  "; is --kafka.bootstrap-servers right, and does the cluster answer?");
  }
  const auto found = std::ranges::find(metadata->topics, name, &kafka::TopicMetadata::name);
  if (found == metadata->topics.end()) {
    return Failed("there is no topic " + name + ", or no right to see it (an ACL that allows " +
                  "Describe on the topic); create it, or name another with --topic");
  }
  topic_ = *found;
  return Passed(std::to_string(topic_->partitions.size()) + " partitions");
}

CheckResult Verification::PartitionCount() {
  if (settings_.partitions == 0) return Skipped("verify.partitions is not set");
  if (!topic_) return Skipped("no topic");
  const auto count = static_cast<std::int64_t>(topic_->partitions.size());
  if (count == settings_.partitions) return Passed(std::to_string(count));
  return Failed("has " + std::to_string(count) + " partitions, not " +
                std::to_string(settings_.partitions));
}

CheckResult Verification::Replication() {
  if (settings_.replication == 0) return Skipped("verify.replication is not set");
  if (!topic_) return Skipped("no topic");
  for (const auto& partition : topic_->partitions) {
    const std::string name = "partition " + std::to_string(partition.id);
    if (partition.replicas != settings_.replication) {
      return Failed(name + " has " + std::to_string(partition.replicas) + " replicas, not " +
                    std::to_string(settings_.replication));
    }
    if (partition.in_sync_replicas < partition.replicas) {
      return Failed(name + ": only " + std::to_string(partition.in_sync_replicas) + " of " +
                    std::to_string(partition.replicas) + " replicas are in sync");
    }
  }
  return Passed(std::to_string(settings_.replication) + " replicas, all in sync");
}

std::optional<std::string> Verification::ReadLogEnds(Offsets& ends) {
  const auto client = session_.with().make_client(session_.cluster(), session_.log());
  std::vector<kafka::PartitionAt> partitions;
  for (const auto& partition : topic_->partitions) {
    partitions.push_back({topic_->name, partition.id, partition.leader});
  }
  const auto offsets =
      client->FetchLogOffsets(partitions, kafka::OffsetSpec::kLatest, session_.Soon());
  for (std::size_t i = 0; i < offsets.size(); ++i) {
    if (!offsets[i].offset) {
      return topic_->name + "/" + std::to_string(partitions[i].partition) +
             ": log end unknown: " + (offsets[i].error ? offsets[i].error->message : "no answer");
    }
    ends[partitions[i].partition] = *offsets[i].offset;
  }
  return std::nullopt;
}

std::optional<std::string> Verification::Rejoin() {
  if (member_) {
    if (auto fault = member_->Leave()) return fault;
  }
  member_ = std::make_unique<TestMember>(session_, group_, run_);
  joined_once_ = true;
  return member_->Join(topic_->partitions.size());
}

// A group that has no commits would begin at the end of when it is asked, which nobody knows.
CheckResult Verification::GroupStartsAtLogEnd() {
  if (!topic_) return Skipped("no topic");
  Offsets ends;
  auto fault = ReadLogEnds(ends);
  if (!fault) fault = Rejoin();
  if (!fault) fault = member_->Commit(ends);
  if (!fault) fault = Rejoin();
  if (fault) {
    member_.reset();
    return Failed("group " + group_ + ": " + *fault);
  }
  return Passed("group " + group_);
}

CheckResult Verification::EmptyConsumeIsBounded() {
  if (!member_) return Skipped("no group");
  std::vector<TestRecord> seen;
  const Deadline begun = session_.with().steady_now();
  const auto polled = member_->Poll(kEmptyWait, 1, seen);
  const auto time = std::chrono::duration_cast<milliseconds>(session_.with().steady_now() - begun);
  const std::string took = "after " + std::to_string(time.count()) + " ms";
  if (!polled) return Failed(polled.error().message);
  if (!seen.empty()) return Failed("a record came that was not pushed yet");
  if (time > 3 * kEmptyWait) {
    member_.reset();
    return Failed("answered only " + took + ", not after " + std::to_string(kEmptyWait.count()));
  }
  return Passed("answered " + took + ", " + std::to_string(*polled) + " records of others");
}

std::vector<TestRecord> Verification::MakePart(const std::string& part, std::int64_t count) const {
  auto records = MakeRecords(run_, part, count, settings_.keys, session_.with().wall_now());
  if (!pusher_->KeepsTime()) {
    for (TestRecord& record : records) record.timestamp.reset();
  }
  return records;
}

CheckResult Verification::ContentIsKept() {
  if (!member_) return Skipped("no group");
  const WallTime since = session_.with().wall_now();
  pushed_ = MakePart("content", settings_.records);
  if (const auto fault = pusher_->Push(pushed_)) return Failed(*fault);
  can_push_ = true;
  auto fault = member_->Collect(pushed_.size(), seen_);
  if (!fault) fault = FaultOfContent(pushed_, seen_, since, session_.with().wall_now());
  return Judge(fault, std::to_string(seen_.size()) +
                          " records came once: key, value, headers and time as pushed");
}

CheckResult Verification::KeysKeepTheirOrder() {
  if (seen_.empty()) return Skipped("no records came");
  return Judge(FaultOfOrder(pushed_, seen_), std::to_string(settings_.keys) + " keys over " +
                                                 std::to_string(CountPartitions(seen_)) +
                                                 " partitions");
}

CheckResult Verification::DuplicateIsHandledOnce() {
  if (!member_ || !can_push_) return Skipped("no records can be pushed");
  const auto records = MakePart("twice", 1);
  for (int i = 0; i < 2; ++i) {
    if (const auto fault = pusher_->Push(records)) return Failed(*fault);
  }
  std::vector<TestRecord> delivered;
  if (const auto fault = member_->Collect(2, delivered)) return Failed(*fault);
  std::set<std::string> handled;  // by id: a record that is there already is not handled again
  for (const TestRecord& record : delivered) {
    if (record.id == records.front().id) handled.insert(record.id);
  }
  const std::string counts = "delivered " + std::to_string(delivered.size()) + " times, handled " +
                             std::to_string(handled.size()) + " time";
  return delivered.size() == 2 && handled.size() == 1 ? Passed(counts) : Failed(counts);
}

CheckResult Verification::GroupResumes() {
  if (!member_ || !can_push_) return Skipped("no records can be pushed");
  if (const auto fault = member_->CommitSeen()) return Failed(*fault);
  const auto records = MakePart("resume", kResumeRecords);
  if (const auto fault = pusher_->Push(records)) return Failed(*fault);
  const auto half = static_cast<std::size_t>(kResumeRecords / 2);
  std::vector<TestRecord> seen;
  const Deadline deadline = session_.Soon();
  while (seen.size() < half && session_.with().steady_now() < deadline &&
         !session_.with().stop.Requested()) {
    const auto polled = member_->Poll(milliseconds(200), half, seen);
    if (!polled) return Failed(polled.error().message);
  }
  const std::size_t before = seen.size();
  auto fault = member_->CommitSeen();
  if (!fault) fault = Rejoin();
  if (!fault) fault = member_->Collect(records.size(), seen);
  if (!fault) fault = FaultOfIds(records, seen);
  return Judge(fault, std::to_string(before) + " records before the restart, " +
                          std::to_string(seen.size() - before) + " after it, none lost or twice");
}

CheckResult Verification::GroupIsDeleted() {
  if (!joined_once_) return Skipped("no group");
  if (member_) {
    if (const auto fault = member_->Leave()) return Failed(*fault);
    member_.reset();
  }
  const auto admin = session_.with().make_admin(session_.cluster(), session_.log());
  const auto deleted = admin->DeleteGroup(group_, session_.Soon());
  if (!deleted) return Failed(deleted.error().message);
  return Passed(*deleted ? "group " + group_ : "there was no group any more");
}

}  // namespace backlogd::sim
