#include "sim/measured_group.h"

#include <algorithm>
#include <utility>

#include "sim/failure.h"

namespace backlogd::sim {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kPollWait{100};
constexpr milliseconds kProbeInterval{250};
// A member that was late, because of a commit or of the machine, catches up with so much.
constexpr milliseconds kMaxCatchUp{100};
constexpr milliseconds kNoWait{1};  // a record that was there comes sooner

kafka::MemberOptions OptionsOf(const Session& session, const std::string& group) {
  const config::SimConsume& consume = session.settings().consume;
  kafka::MemberOptions options;
  options.group = group;
  options.protocol = consume.protocol == config::Protocol::kConsumer
                         ? kafka::GroupProtocol::kConsumer
                         : kafka::GroupProtocol::kClassic;
  options.from_beginning = false;
  options.session_timeout = consume.session_timeout;
  options.max_poll_interval = consume.max_poll_interval;
  return options;
}

}  // namespace

MeasuredGroup::MeasuredGroup(const Session& session, GroupOrder order)
    : session_(session),
      order_(std::move(order)),
      probe_key_(order_.group + "?"),
      seen_(static_cast<std::size_t>(order_.partitions)) {
  for (int i = 0; i < order_.members; ++i) members_.push_back(Join());
  for (const auto& member : members_) {
    member->thread = std::thread([this, &member] { Run(*member); });
  }
}

MeasuredGroup::~MeasuredGroup() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  ended_.notify_all();
  for (const auto& member : members_) {
    if (member->thread.joinable()) member->thread.join();
  }
  members_.clear();
  DeleteGroup();
}

void MeasuredGroup::DeleteGroup() {
  const auto admin = session_.with().make_admin(session_.cluster(), session_.log());
  const Result<bool> deleted = admin->DeleteGroup(order_.group, session_.Soon());
  if (deleted) return;
  session_.log().Write(LogLevel::kWarning, "a group of the test is left behind",
                       {{"group", order_.group}, {"error", deleted.error().message}});
}

std::unique_ptr<MeasuredGroup::Member> MeasuredGroup::Join() {
  auto joined = std::make_unique<Member>();
  Member& member = *joined;
  kafka::RebalanceSinks sinks;
  sinks.assigned = [this](std::span<const kafka::TopicPartition> partitions) {
    Assigned(partitions);
  };
  sinks.revoked = [this, &member](std::span<const kafka::TopicPartition>, bool lost) {
    if (!lost) Commit(member);
    member.positions.clear();
  };
  member.member = session_.with().make_member(session_.cluster(), OptionsOf(session_, order_.group),
                                              std::move(sinks), session_.log());
  return joined;
}

void MeasuredGroup::Assigned(std::span<const kafka::TopicPartition> partitions) {
  const std::lock_guard lock(mutex_);
  for (const kafka::TopicPartition& partition : partitions) {
    if (partition.partition < order_.partitions) {
      seen_[static_cast<std::size_t>(partition.partition)] = false;
    }
  }
}

void MeasuredGroup::Fail(const std::string& message, bool lasting) {
  const std::lock_guard lock(mutex_);
  last_fault_ = message;
  if (lasting && fault_.empty()) fault_ = message;
}

void MeasuredGroup::Run(Member& member) {
  const std::vector<std::string> topics{order_.topic};
  if (const auto error = member.member->Subscribe(topics)) Fail(error->message, true);
  while (!ending_) {
    FollowHold(member);
    PollOnce(member);
  }
  Commit(member);
  if (const auto error = member.member->Leave(session_.Soon())) Fail(error->message, false);
}

void MeasuredGroup::PollOnce(Member& member) {
  const auto batch = static_cast<std::size_t>(session_.settings().consume.batch);
  member.polled_at = session_.with().steady_now();
  member.first_of_poll = true;
  const Result<std::size_t> polled = member.member->Poll(
      batch, kPollWait, [&](const kafka::Record& record) { return Take(member, record); });
  member.assigned = static_cast<int>(member.member->Assignment().size());
  NoteStatistics(member);
  if (polled) return Commit(member);
  const ErrorKind kind = polled.error().kind;
  Fail(polled.error().message,
       kind == ErrorKind::kUnauthorized || kind == ErrorKind::kAuthentication);
  std::unique_lock lock(mutex_);
  ended_.wait_for(lock, kPollWait, [this] { return ending_.load(); });
}

// The member's own thread alone may ask it.
void MeasuredGroup::NoteStatistics(Member& member) {
  if (member.polled_at < member.asked_at + std::chrono::milliseconds(500)) return;
  member.asked_at = member.polled_at;
  auto statistics = member.member->Statistics();
  const std::lock_guard lock(mutex_);
  member.statistics = std::move(statistics);
}

std::vector<kafka::BrokerStatistics> MeasuredGroup::Statistics() const {
  const std::lock_guard lock(mutex_);
  std::vector<kafka::BrokerStatistics> all;
  for (const auto& member : members_) {
    all.insert(all.end(), member->statistics.begin(), member->statistics.end());
  }
  return all;
}

bool MeasuredGroup::Take(Member& member, const kafka::Record& record) {
  const std::string_view key = record.key.value_or("");
  if (key == order_.group && !Handle(member)) return false;
  member.positions[record.partition] = record.offset + 1;
  if (key == probe_key_ && record.partition < order_.partitions) {
    const std::lock_guard lock(mutex_);
    seen_[static_cast<std::size_t>(record.partition)] = true;
  }
  return !ending_;
}

bool MeasuredGroup::Handle(Member& member) {
  using std::chrono::nanoseconds;
  const nanoseconds handling(static_cast<std::int64_t>(order_.handling_ms * 1e6));
  Deadline now = session_.with().steady_now();
  if (handling.count() > 0) {
    // Time without a record is nothing to catch up with.
    const bool waited = now - member.polled_at > kNoWait;
    if (std::exchange(member.first_of_poll, false) && waited) {
      member.free_at = std::max(member.free_at, now);
    }
    member.free_at = std::max(member.free_at, now - kMaxCatchUp) + handling;
    std::unique_lock lock(mutex_);
    if (ended_.wait_until(lock, member.free_at, [this] { return ending_.load(); })) return false;
    now = session_.with().steady_now();
  }
  if (member.handled == 0) member.first = now;
  member.last = now;
  ++member.handled;
  return true;
}

void MeasuredGroup::Commit(Member& member) {
  if (member.positions.empty()) return;
  std::vector<kafka::GroupCommit> commits;
  for (const auto& [partition, offset] : member.positions) {
    commits.push_back({{order_.topic, partition}, offset, {}});
  }
  const auto error = member.member->Commit(commits, session_.Soon());
  if (error) return Fail(error->message, error->kind == ErrorKind::kUnauthorized);
  member.positions.clear();
}

void MeasuredGroup::FollowHold(Member& member) {
  if (hold_ == member.held) return;
  const std::vector<kafka::TopicPartition> assigned = member.member->Assignment();
  const auto error = hold_ ? member.member->Pause(assigned) : member.member->Resume(assigned);
  if (error) Fail(error->message, true);
  member.held = !member.held;
  held_ += member.held ? 1 : -1;
}

void MeasuredGroup::Hold() {
  hold_ = true;
  const Deadline deadline = session_.Soon();
  while (held_ < order_.members && session_.with().steady_now() < deadline) {
    if (!session_.with().stop.Sleep(milliseconds(5))) return;
  }
}

void MeasuredGroup::Release() { hold_ = false; }

bool MeasuredGroup::IsSettled() const {
  int assigned = 0;
  int busy = 0;
  for (const auto& member : members_) {
    assigned += member->assigned;
    busy += member->assigned > 0 ? 1 : 0;
  }
  const std::lock_guard lock(mutex_);
  return assigned == order_.partitions && busy == std::min(order_.members, order_.partitions) &&
         std::ranges::all_of(seen_, [](bool seen) { return seen; });
}

void MeasuredGroup::ProbeUnseen(LoadSource& source) const {
  std::vector<bool> seen;
  {
    const std::lock_guard lock(mutex_);
    seen = seen_;
  }
  for (std::size_t i = 0; i < seen.size(); ++i) {
    if (!seen[i]) source.SendTo(static_cast<kafka::PartitionId>(i), probe_key_);
  }
}

bool MeasuredGroup::Settle(LoadSource& source, const std::function<void()>& tick) {
  const Surroundings& with = session_.with();
  const Deadline deadline = session_.Soon();
  Deadline probe_at = with.steady_now();
  while (!IsSettled()) {
    Demand();
    source.DemandDeliveries();
    if (with.steady_now() >= deadline) {
      const std::lock_guard lock(mutex_);
      throw Failure("group " + order_.group + " did not get all partitions of " + order_.topic +
                    " within the timeout" + (last_fault_.empty() ? "" : ": " + last_fault_));
    }
    if (with.steady_now() >= probe_at) {
      ProbeUnseen(source);
      probe_at = with.steady_now() + kProbeInterval;
    }
    tick();
    if (!with.stop.Sleep(milliseconds(10))) return false;
  }
  return true;
}

std::uint64_t MeasuredGroup::Handled() const {
  std::uint64_t sum = 0;
  for (const auto& member : members_) sum += member->handled;
  return sum;
}

double MeasuredGroup::SecondsOfHandling() const {
  Deadline first = Deadline::max();
  Deadline last = Deadline::min();
  for (const auto& member : members_) {
    first = std::min(first, member->first.load());
    last = std::max(last, member->last.load());
  }
  return last > first ? std::chrono::duration<double>(last - first).count() : 0;
}

void MeasuredGroup::Demand() const {
  const std::lock_guard lock(mutex_);
  if (!fault_.empty()) throw Failure("group " + order_.group + " cannot go on: " + fault_);
}

}  // namespace backlogd::sim
