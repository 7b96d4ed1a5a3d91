#include "sim/verify_member.h"

#include <array>
#include <thread>

#include "cli/stop.h"

namespace backlogd::sim {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kBatch = 500;
constexpr milliseconds kPollWait{200};
constexpr milliseconds kGrace{4000};

std::optional<std::string> TextOf(const std::optional<Error>& error) {
  if (!error) return std::nullopt;
  return error->message;
}

bool WillNotPass(const Error& error) {
  return error.kind == ErrorKind::kUnauthorized || error.kind == ErrorKind::kAuthentication ||
         error.kind == ErrorKind::kUnsupported;
}

}  // namespace

TestMember::TestMember(const Session& session, const std::string& group, const std::string& run)
    : session_(session), run_(run) {
  kafka::MemberOptions options;
  options.group = group;
  options.from_beginning = false;
  member_ = session.with().make_member(session.cluster(), options, {}, session.log());
}

TestMember::~TestMember() {
  if (!has_left_) Leave();
}

std::optional<std::string> TestMember::Join(std::size_t partitions) {
  const std::array<std::string, 1> topics = {session_.settings().topic};
  if (const auto error = member_->Subscribe(topics)) return error->message;
  const Deadline deadline = session_.Soon();
  std::string last = "the group did not assign its partitions in time";
  // Some partitions may be there before the others, with records.
  const auto take = [this](const kafka::Record& record) {
    Take(record, early_);
    return true;
  };
  while (member_->Assignment().size() < partitions) {
    if (session_.with().stop.Requested()) return "interrupted";
    if (session_.with().steady_now() >= deadline) return last;
    const auto polled = member_->Poll(1, kPollWait, take);
    if (polled) continue;
    last = polled.error().message;
    if (WillNotPass(polled.error()) || !session_.with().stop.Sleep(kPollWait)) return last;
  }
  return std::nullopt;
}

std::optional<std::string> TestMember::Commit(const Offsets& offsets) {
  std::vector<kafka::GroupCommit> commits;
  for (const auto& [partition, offset] : offsets) {
    commits.push_back({{session_.settings().topic, partition}, offset, {}});
  }
  if (commits.empty()) return std::nullopt;
  return TextOf(member_->Commit(commits, session_.Soon()));
}

std::optional<std::string> TestMember::Leave() {
  has_left_ = true;
  return TextOf(member_->Leave(session_.Soon()));
}

void TestMember::Take(const kafka::Record& record, std::vector<TestRecord>& seen) {
  seen_up_to_[record.partition] = record.offset + 1;
  if (auto own = OwnRecord(record, run_)) seen.push_back(std::move(*own));
}

Result<std::size_t> TestMember::Poll(milliseconds wait, std::size_t most,
                                     std::vector<TestRecord>& seen) {
  seen.insert(seen.end(), early_.begin(), early_.end());
  early_.clear();
  if (seen.size() >= most) return std::size_t{0};
  cli::Stop answered;
  std::jthread watch([&] {
    if (answered.Sleep(wait + kGrace)) member_->Interrupt();
  });
  const auto take = [&](const kafka::Record& record) {
    Take(record, seen);
    return seen.size() < most;
  };
  auto polled = member_->Poll(kBatch, wait, take);
  answered.Request();
  return polled;
}

std::optional<std::string> TestMember::Collect(std::size_t count, std::vector<TestRecord>& seen) {
  const Deadline deadline = session_.Soon();
  constexpr std::size_t kAny = static_cast<std::size_t>(-1);
  while (seen.size() < count) {
    if (session_.with().stop.Requested()) return "interrupted";
    if (session_.with().steady_now() >= deadline) return std::nullopt;  // the records tell
    const auto polled = Poll(kPollWait, kAny, seen);
    if (polled) continue;
    if (WillNotPass(polled.error())) return polled.error().message;
    session_.with().stop.Sleep(kPollWait);
  }
  const auto polled = Poll(kPollWait, kAny, seen);
  return polled ? std::nullopt : std::optional(polled.error().message);
}

}  // namespace backlogd::sim
