// Anything happens to a cluster, its groups and the polls, in any order: what must hold even then.

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "analysis/scenario.h"

namespace backlogd::analysis {
namespace {

using std::chrono::milliseconds;
using std::chrono_literals::operator""h;
using std::chrono_literals::operator""min;
using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

constexpr milliseconds kInterval = 15s;
constexpr int kWalks = 4000;
constexpr int kPolls = 80;
constexpr std::string_view kReadsCommitted = "g1";
constexpr std::size_t kMostPollsOld = 2;  // what is served is not older

constexpr double kAgeError = 4.0 / 3;  // an age that is off by more than a quarter is not served

using Place = std::pair<std::string, kafka::PartitionId>;
using PairName = std::pair<std::string, Place>;

class RandomWalk {
 public:
  explicit RandomWalk(std::uint64_t seed);

  void Step();

 private:
  using Event = void (RandomWalk::*)();

  void AddTopic(int number);
  void AddGroup(int number);
  void LoseSome(std::vector<kafka::PartitionOffset>& answers) const;

  // Events.
  void ChangeRates();
  void ChangeMembers();
  void ChangeReading();
  void ResetOffsets();
  void DeleteRecords();
  void CutLog();
  void RecreateTopic();
  void DeleteTopic();
  void AddPartition();
  void DeleteOrCreateGroup();
  void ChangeLeader();
  void OpenOrEndTransaction();
  void SetClock();
  void WriteLies();

  SimulatedTopic& AnyTopic() { return cluster_.topics[Any(cluster_.topics)]; }
  SimulatedPartition& AnyPartition() {
    SimulatedTopic& topic = AnyTopic();
    return topic.partitions[Any(topic.partitions)];
  }
  SimulatedGroup& AnyGroup() { return cluster_.groups[Any(cluster_.groups)]; }
  template <typename T>
  std::size_t Any(const std::vector<T>& of) {
    return static_cast<std::size_t>(draw_.Whole(0, static_cast<int>(of.size()) - 1));
  }

  void Poll();
  void Damage(snapshot::ClusterSnapshot& seen);
  void Check(const LagReport& report);
  void NoteOldest();
  void NoteHiddenCuts(const snapshot::ClusterSnapshot& seen);
  bool WasCutUnseen(const Place& place) const {
    return cut_.contains(place) || cut_unseen_.contains(place);
  }
  // `whole`: all that was asked in this poll was answered.
  void CheckPairs(const LagReport& report, const SimulatedCluster::Seen& seen, bool whole) const;
  void CheckIsNotTooOld(const PairReport& pair, const Place& place) const;
  void CheckIsTrue(const PairReport& pair, const Place& place, const PairTruth& truth) const;
  // By how much an age may be off that is not a large one.
  double Slack() const { return static_cast<double>((3 * kInterval + 2 * clock_was_off_).count()); }

  Draw draw_;
  SimulatedCluster cluster_;
  AnalysisSettings settings_;
  SimulatedMonitor monitor_;
  SimulatedMonitor twin_;
  ReportWatch watch_;
  milliseconds clock_ahead_{0};
  milliseconds clock_was_off_{0};  // at most, up to now
  bool lies_ = false;
  // Of each topic's partitions: when the oldest record was written that it had at the last polls.
  std::map<Place, std::deque<WallTime>> oldest_;
  std::map<Place, kafka::Offset> seen_end_;
  std::set<Place> cut_;         // since it was last seen
  std::set<Place> cut_unseen_;  // what is known of their records may be wrong
};

AnalysisSettings Settings() {
  AnalysisSettings settings;
  settings.reads_committed = [](std::string_view group) { return group == kReadsCommitted; };
  return settings;
}

RandomWalk::RandomWalk(std::uint64_t seed)
    : draw_(seed),
      cluster_(seed, WallTime(500'000h)),
      settings_(Settings()),
      monitor_(settings_),
      twin_(settings_) {
  for (int i = 0; i < 3; ++i) AddTopic(i);
  for (int i = 0; i < 3; ++i) AddGroup(i);
  monitor_.damage_lookups = [this](auto& answers) { LoseSome(answers); };
  twin_.damage_lookups = monitor_.damage_lookups;
}

void RandomWalk::AddTopic(int number) {
  SimulatedTopic& topic = cluster_.topics.emplace_back();
  topic.name = "t" + std::to_string(number);
  topic.id = {1, static_cast<std::uint64_t>(number)};
  if (draw_.Chance(0.5)) topic.retention = milliseconds(draw_.Whole(60'000, 3'600'000));
  if (draw_.Chance(0.3)) topic.retained_records = draw_.Whole(10, 20'000);
  topic.partitions.resize(static_cast<std::size_t>(draw_.Whole(1, 3)));
  for (SimulatedPartition& partition : topic.partitions) {
    partition.rate = draw_.Magnitude(0.01, 1000);
    partition.log.Append(cluster_.now() - milliseconds(draw_.Whole(1, 36'000'000)), cluster_.now(),
                         draw_.Whole(0, 100'000));
  }
}

void RandomWalk::AddGroup(int number) {
  SimulatedGroup& group = cluster_.groups.emplace_back();
  group.name = "g" + std::to_string(number);
  group.reads_committed = group.name == kReadsCommitted;
  group.commits = draw_.Chance(0.9);
  for (std::size_t topic = 0; topic < cluster_.topics.size(); ++topic) {
    if (draw_.Chance(0.6)) cluster_.Subscribe(topic, group);
  }
}

// Both monitors lose the same answers.
void RandomWalk::LoseSome(std::vector<kafka::PartitionOffset>& answers) const {
  const auto now = static_cast<std::size_t>(cluster_.now().time_since_epoch().count());
  for (std::size_t i = 0; i < answers.size(); ++i) {
    if ((now + i) % 23 != 0) continue;
    answers[i] = {};
    answers[i].error = Error{ErrorKind::kTimeout, "lost"};
  }
}

void RandomWalk::Step() {
  static constexpr Event kEvents[] = {&RandomWalk::ChangeRates,
                                      &RandomWalk::ChangeRates,
                                      &RandomWalk::ChangeMembers,
                                      &RandomWalk::ChangeMembers,
                                      &RandomWalk::ChangeReading,
                                      &RandomWalk::ResetOffsets,
                                      &RandomWalk::DeleteRecords,
                                      &RandomWalk::CutLog,
                                      &RandomWalk::RecreateTopic,
                                      &RandomWalk::DeleteTopic,
                                      &RandomWalk::AddPartition,
                                      &RandomWalk::DeleteOrCreateGroup,
                                      &RandomWalk::ChangeLeader,
                                      &RandomWalk::ChangeLeader,
                                      &RandomWalk::OpenOrEndTransaction,
                                      &RandomWalk::OpenOrEndTransaction,
                                      &RandomWalk::SetClock,
                                      &RandomWalk::WriteLies};
  while (draw_.Chance(0.4)) {
    (this->*kEvents[draw_.Whole(0, static_cast<int>(std::size(kEvents)) - 1)])();
  }
  cluster_.Advance(cluster_.now() + milliseconds(draw_.Whole(13'000, 16'000)));
  while (draw_.Chance(0.03)) cluster_.Advance(cluster_.now() + kInterval);
  NoteOldest();
  Poll();
}

void RandomWalk::ChangeRates() {
  AnyPartition().rate = draw_.Chance(0.3) ? 0 : draw_.Magnitude(0.01, 1000);
  AnyTopic().noise = draw_.Real(0, 1);
}

void RandomWalk::ChangeMembers() {
  SimulatedGroup& group = AnyGroup();
  group.members.resize(static_cast<std::size_t>(draw_.Whole(0, 4)));
  for (SimulatedMember& member : group.members) member.capacity = draw_.Magnitude(0.1, 2000);
  cluster_.Rebalance(milliseconds(draw_.Whole(0, 40'000)), group);
}

void RandomWalk::ChangeReading() {
  SimulatedGroup& group = AnyGroup();
  if (!group.members.empty()) group.members[Any(group.members)].reads ^= true;
  if (!group.positions.empty()) group.positions[Any(group.positions)].stuck ^= true;
}

void RandomWalk::ResetOffsets() {
  SimulatedGroup& group = AnyGroup();
  for (SimulatedPosition& position : group.positions) {
    if (!position.committed || draw_.Chance(0.5)) continue;
    const SimulatedLog& log = cluster_.LogOf(position);
    const double to = draw_.Real(static_cast<double>(log.start()), static_cast<double>(log.end()));
    cluster_.Reset(static_cast<kafka::Offset>(to), position);
  }
}

void RandomWalk::DeleteRecords() {
  SimulatedLog& log = AnyPartition().log;
  log.DeleteBefore(log.start() + (log.end() - log.start()) * draw_.Whole(0, 4) / 4);
}

void RandomWalk::CutLog() {
  const std::size_t topic = Any(cluster_.topics);
  const std::size_t partition = Any(cluster_.topics[topic].partitions);
  SimulatedLog& log = cluster_.topics[topic].partitions[partition].log;
  log.Truncate(log.end() - draw_.Whole(0, 2'000));
  cut_.emplace(cluster_.topics[topic].name, static_cast<kafka::PartitionId>(partition));
}

// Whoever only sees an end that is higher than before cannot know that the log was cut meanwhile.
void RandomWalk::NoteHiddenCuts(const snapshot::ClusterSnapshot& seen) {
  for (const snapshot::PartitionLog& log : seen.partitions) {
    if (!snapshot::Known(log.end)) continue;
    const Place place(seen.topics[log.topic].name, log.partition);
    kafka::Offset& before = seen_end_[place];
    if (cut_.erase(place) > 0 && log.end >= before) cut_unseen_.insert(place);
    before = log.end;
  }
}

void RandomWalk::RecreateTopic() {
  const std::size_t topic = Any(cluster_.topics);
  const std::string& name = cluster_.topics[topic].name;
  cluster_.Recreate(topic);
  // Nothing of the former one may be served.
  std::erase_if(oldest_, [&](const auto& entry) { return entry.first.first == name; });
  std::erase_if(cut_unseen_, [&](const Place& place) { return place.first == name; });
}

void RandomWalk::DeleteTopic() { AnyTopic().exists = false; }

void RandomWalk::AddPartition() {
  const std::size_t topic = Any(cluster_.topics);
  if (cluster_.topics[topic].partitions.size() >= 5) return;
  cluster_.topics[topic].partitions.emplace_back().rate = draw_.Magnitude(0.01, 1000);
  SimulatedGroup& group = AnyGroup();
  cluster_.Subscribe(topic, group);
  cluster_.Rebalance(1s, group);
}

void RandomWalk::DeleteOrCreateGroup() {
  SimulatedGroup& group = AnyGroup();
  group.exists ^= true;
  if (!group.exists) return;
  group.members.clear();
  group.positions.clear();
  cluster_.Subscribe(Any(cluster_.topics), group);
}

void RandomWalk::ChangeLeader() {
  SimulatedPartition& partition = AnyPartition();
  partition.has_leader ^= true;
  partition.lost_replica = draw_.Chance(0.3);
}

void RandomWalk::OpenOrEndTransaction() {
  SimulatedPartition& partition = AnyPartition();
  if (partition.open_transaction) {
    partition.open_transaction.reset();
  } else {
    partition.open_transaction = partition.log.end();
  }
}

void RandomWalk::SetClock() {
  if (!draw_.Chance(0.2)) return;
  clock_ahead_ = milliseconds(draw_.Whole(-30'000, 30'000));
  clock_was_off_ = std::max<milliseconds>(clock_was_off_, std::chrono::abs(clock_ahead_));
}

void RandomWalk::WriteLies() {
  if (!draw_.Chance(0.1)) return;
  lies_ = true;
  AnyPartition().lie = milliseconds(draw_.Whole(-10'000'000, 10'000'000));
}

void RandomWalk::Poll() {
  if (draw_.Chance(0.04)) {
    snapshot::ClusterSnapshot failed;
    failed.taken_at = cluster_.now() + clock_ahead_;
    Check(monitor_.Take(cluster_, failed));
    twin_.Take(cluster_, failed);
    return;
  }
  SimulatedCluster::Seen seen = cluster_.Poll(milliseconds(draw_.Whole(10, 3'000)), clock_ahead_);
  snapshot::ClusterSnapshot taken = seen.snapshot;
  const bool whole = !draw_.Chance(0.3);
  if (!whole) Damage(taken);
  NoteHiddenCuts(taken);
  const LagReport report = monitor_.Take(cluster_, taken);
  Check(report);
  CheckPairs(report, seen, whole);
  EXPECT_EQ(Print(report), Print(twin_.Take(cluster_, std::move(taken))));
}

// Single answers get lost.
void RandomWalk::Damage(snapshot::ClusterSnapshot& seen) {
  const double share = draw_.Magnitude(0.02, 1);
  for (snapshot::PartitionLog& log : seen.partitions) {
    if (draw_.Chance(share)) log.start = kUnknown;
    if (draw_.Chance(share)) log.last_stable = kUnknown;
    if (draw_.Chance(share)) log.end = kUnknown;
  }
  for (snapshot::Group& group : seen.groups) {
    if (draw_.Chance(share)) group.committed_known = false;
    if (draw_.Chance(share)) group.described = false;
  }
  std::erase_if(seen.groups, [&](const snapshot::Group& group) {
    const bool lost = draw_.Chance(share / 3);
    if (lost) seen.unlisted_groups.push_back(group.name);
    return lost;
  });
  seen.groups_complete = seen.unlisted_groups.empty();
}

void RandomWalk::Check(const LagReport& report) {
  for (const std::string& wrong : FindContradictions(report)) ADD_FAILURE() << wrong;
  for (const std::string& wrong : watch_.FindWrong(report)) ADD_FAILURE() << wrong;
}

void RandomWalk::NoteOldest() {
  for (const SimulatedTopic& topic : cluster_.topics) {
    for (int i = 0; i < std::ssize(topic.partitions); ++i) {
      const SimulatedLog& log = topic.partitions[static_cast<std::size_t>(i)].log;
      const bool empty = log.start() == log.end();
      std::deque<WallTime>& oldest = oldest_[{topic.name, i}];
      oldest.push_front(empty ? cluster_.now() : log.CreateTimeOf(log.start()));
      if (oldest.size() > kMostPollsOld + 1) oldest.pop_back();
    }
  }
}

// Of pairs by group, topic and partition.
std::map<PairName, PairTruth> TruthsByName(const SimulatedCluster::Seen& seen) {
  std::map<PairName, PairTruth> truths;
  std::size_t next = 0;
  for (const snapshot::Group& group : seen.snapshot.groups) {
    for (std::uint32_t i = 0; i < group.committed_count; ++i) {
      const snapshot::Committed& at = seen.snapshot.committed[next];
      const Place place(seen.snapshot.topics[at.topic].name, at.partition);
      truths[{group.name, place}] = seen.truths[next++];
    }
  }
  return truths;
}

using NamedPairs = std::vector<std::pair<PairName, PairReport>>;

void AddPairs(const LagReport& report, const GroupReport& group, NamedPairs& named) {
  for (const GroupTopicReport& topic :
       std::span(report.group_topics).subspan(group.first_topic, group.topic_count)) {
    for (const PairReport& pair :
         std::span(report.pairs).subspan(topic.first_pair, topic.pair_count)) {
      const Place place(report.topics[topic.topic].name, pair.partition);
      named.emplace_back(PairName(group.name, place), pair);
    }
  }
}

void RandomWalk::CheckPairs(const LagReport& report, const SimulatedCluster::Seen& seen,
                            bool whole) const {
  const std::map<PairName, PairTruth> truths = TruthsByName(seen);
  NamedPairs pairs;
  for (const GroupReport& group : report.groups) AddPairs(report, group, pairs);
  for (const auto& [name, pair] : pairs) {
    const Place& place = name.second;
    if (!lies_ && !WasCutUnseen(place)) CheckIsNotTooOld(pair, place);
    const auto truth = truths.find(name);
    if (!whole || truth == truths.end() || !truth->second.seen) continue;
    CheckIsTrue(pair, place, truth->second);
  }
}

void RandomWalk::CheckIsNotTooOld(const PairReport& pair, const Place& place) const {
  // What was carried was true some polls ago.
  const auto oldest = std::ranges::min(oldest_.at(place));
  const auto most = static_cast<double>((cluster_.now() - oldest).count());
  EXPECT_LE(static_cast<double>(pair.lag_ms), most * kAgeError + Slack());
}

void RandomWalk::CheckIsTrue(const PairReport& pair, const Place& place,
                             const PairTruth& truth) const {
  EXPECT_EQ(pair.lag, truth.lag);
  if (pair.lag_ms == kUnknown || lies_ || WasCutUnseen(place)) return;
  const auto age = static_cast<double>(truth.age_ms);
  EXPECT_NEAR(static_cast<double>(pair.lag_ms), age, age * (kAgeError - 1) + Slack())
      << place.first << ' ' << place.second << " lag " << pair.lag;
}

TEST(RandomWalk, NothingImpossibleIsEverSaid) {
  ForEachSeed(kWalks, [](std::uint64_t seed) {
    RandomWalk walk(seed);
    for (int i = 0; i < kPolls && !testing::Test::HasFailure(); ++i) walk.Step();
  });
}

}  // namespace
}  // namespace backlogd::analysis
