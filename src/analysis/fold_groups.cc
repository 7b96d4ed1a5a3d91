// How one poll changes what is remembered of consumer groups.

#include <algorithm>
#include <span>
#include <tuple>
#include <utility>

#include "analysis/lag_history.h"
#include "deadletters/handling.h"

namespace backlogd::analysis {
namespace {

// What a group can read of one partition, as far as this poll read it.
struct LogNow {
  kafka::Offset start = kUnknown;
  kafka::Offset end = kUnknown;  // the last stable offset for one that reads committed records only
};

LogNow FindLog(const LagHistory& history, const GroupHistory& group, TopicIndex topic,
               kafka::PartitionId partition) {
  const PartitionHistory* found = FindPartition(history.topics[topic], partition);
  if (found == nullptr) return {};
  const OffsetHistory& end = group.reads_committed ? found->last_stable : found->end;
  LogNow log;
  if (found->start.seen_at == history.poll) log.start = found->start.offset;
  if (end.seen_at == history.poll) log.end = end.offset;
  return log;
}

GroupTopicCounters& CountersOf(GroupHistory& group, TopicIndex topic) {
  auto found = std::ranges::lower_bound(group.counters, topic, {}, &GroupTopicCounters::topic);
  if (found == group.counters.end() || found->topic != topic) {
    found = group.counters.insert(found, {topic, 0, 0});
  }
  return *found;
}

// Records between the last commit and this one. A commit that went back (an operator's reset)
// starts anew from there: what is read again is consumed again. The first commit counts nothing:
// nobody knows where the group began to read.
std::uint64_t Consumed(const PairHistory* before, kafka::Offset committed) {
  if (before == nullptr || committed <= before->committed) return 0;
  return static_cast<std::uint64_t>(committed - before->committed);
}

// Records below the log start that the group had not read, as far as not counted yet. What was lost
// before it was first looked at counts nothing: it would be lost anew at every start of ours.
std::uint64_t CountLost(const LogNow& log, PairHistory& pair) {
  if (log.start == kUnknown) return 0;
  const kafka::Offset until = pair.lost_until == kUnknown ? log.start : pair.lost_until;
  pair.lost_until = std::max(until, log.start);
  const kafka::Offset from = std::max(pair.committed, until);
  return log.start > from ? static_cast<std::uint64_t>(log.start - from) : 0;
}

// A commit beyond the log end (the log was cut, or is a new topic's) leaves nothing to read: 0.
void MeasureLag(const LogNow& log, PollNumber poll, PairHistory& pair) {
  if (log.end == kUnknown) return;
  pair.lag = std::max<std::int64_t>(0, log.end - pair.committed);
  pair.effective_lag =
      log.start == kUnknown
          ? kUnknown
          : std::max<std::int64_t>(0, log.end - std::max(pair.committed, log.start));
  pair.lag_at = poll;
}

// A commit as this poll found it.
struct CommitNow {
  kafka::Offset offset = 0;
  kafka::Offset end = kUnknown;  // of what the group can read
  // Polls are missing before this one: how long the commit stood still is not known.
  bool after_gap = false;
};

bool IsAfterGap(const GroupHistory& group, const LagHistory& history) {
  return group.committed_at + 1 != history.poll || history.clock.paused();
}

// A commit that goes back is an operator's doing (or a member's that died); one that moves again
// without members, after an unusually long pause, may be. What was sampled before says nothing of
// what comes.
bool IsNewBeginning(const CommitNow& now, const GroupHistory& group, const SampleClock& clock,
                    const PairHistory& pair) {
  if (now.offset < pair.committed) return true;
  const bool nobody_there = group.described_at != 0 && group.members == 0;
  if (now.after_gap || now.offset == pair.committed || !nobody_there) return false;
  const auto pause = clock.now() - pair.waiting_since;
  return pause >=
         2 * std::max(clock.poll_interval(), std::chrono::milliseconds(pair.usual_wait_ms));
}

// Where the group was before its commit went back. Beyond the log end there was nothing to read: a
// commit that comes back from there (the log was cut) is no rewind.
void NoteRewind(const CommitNow& now, PairHistory& pair) {
  if (now.offset >= pair.committed && pair.rewound_from == kUnknown) return;
  kafka::Offset from = std::max(pair.rewound_from, pair.committed);
  if (now.end != kUnknown) from = std::min(from, now.end);
  pair.rewound_from = now.offset < from ? from : kUnknown;
}

// A wait that ends makes waits of that length usual; they cease to be as the commit moves on. No
// habit are one longer than two windows (a trouble that ended), one that nobody watched, one until
// an operator set the commit back, and one while a group that has members at times had none.
void NoteWait(const CommitNow& now, const GroupHistory& group, const SampleClock& clock,
              PairHistory& pair) {
  const auto wait = clock.now() - pair.waiting_since;
  pair.waiting_since = clock.now();
  const bool was_left = group.had_members && pair.status == Status::kStopped;
  if (now.after_gap || now.offset < pair.committed || was_left) return;
  if (wait > 2 * clock.length() || wait < WallTime::duration::zero()) return;
  pair.usual_wait_ms = std::max(static_cast<std::uint32_t>(wait.count()),
                                pair.usual_wait_ms - pair.usual_wait_ms / 64);
}

// Moves the pair to this poll's commit. REQUIRES: pair is as the poll before left it
void MoveCommit(const CommitNow& now, const GroupHistory& group, const SampleClock& clock,
                PairHistory& pair) {
  NoteRewind(now, pair);
  if (IsNewBeginning(now, group, clock, pair)) {
    pair.commits = kNoSamples;
    pair.caught_up = 0;
  }
  if (now.offset != pair.committed) NoteWait(now, group, clock, pair);
  pair.committed = now.offset;
  if (!clock.taken()) return;
  pair.commits[clock.newest()] = now.offset;
  pair.caught_up &= static_cast<std::uint16_t>(~(1U << clock.newest()));
}

// The pair as it stands before this poll's commit.
PairHistory Begin(const snapshot::Committed& seen, const PairHistory* before, WallTime now) {
  PairHistory pair;
  if (before != nullptr) {
    pair = *before;
  } else {
    pair.committed = seen.offset;
    pair.waiting_since = now;
  }
  pair.topic = seen.topic;
  pair.partition = seen.partition;
  return pair;
}

PairHistory FoldPair(const snapshot::Committed& seen, const PairHistory* before,
                     const LagHistory& history, GroupHistory& group, GroupTopicCounters& counters) {
  const SampleClock& clock = history.clock;
  const LogNow log = FindLog(history, group, seen.topic, seen.partition);
  if (before != nullptr && before->of_former_topic) before = nullptr;
  PairHistory pair = Begin(seen, before, clock.now());
  counters.records_consumed += Consumed(before, seen.offset);
  if (pair.committed != seen.offset) group.last_commit = clock.now();
  MoveCommit({seen.offset, log.end, IsAfterGap(group, history)}, group, clock, pair);
  counters.lost_records += CountLost(log, pair);
  MeasureLag(log, history.poll, pair);
  if (pair.lag == 0 && pair.lag_at == history.poll) {
    pair.caught_up |= static_cast<std::uint16_t>(1U << clock.newest());
    pair.waiting_since = clock.now();
  }
  return pair;
}

// Both lists are ascending: one walk over both.
void FoldCommitted(std::span<const snapshot::Committed> seen, const LagHistory& history,
                   GroupHistory& group) {
  const std::vector<PairHistory> before = std::move(group.pairs);
  group.pairs.clear();
  group.pairs.reserve(seen.size());
  GroupTopicCounters* counters = nullptr;
  auto known = before.begin();
  for (const snapshot::Committed& committed : seen) {
    if (counters == nullptr || counters->topic != committed.topic) {
      counters = &CountersOf(group, committed.topic);
    }
    const auto place = std::tie(committed.topic, committed.partition);
    while (known != before.end() && std::tie(known->topic, known->partition) < place) ++known;
    const bool found = known != before.end() && std::tie(known->topic, known->partition) == place;
    group.pairs.push_back(
        FoldPair(committed, found ? &*known : nullptr, history, group, *counters));
  }
  group.committed_at = history.poll;
}

// Commits that were not read have no sample.
void SkipSample(const SampleClock& clock, GroupHistory& group) {
  if (!clock.taken()) return;
  for (PairHistory& pair : group.pairs) {
    pair.commits[clock.newest()] = kUnknown;
    pair.caught_up &= static_cast<std::uint16_t>(~(1U << clock.newest()));
  }
}

void NoteSteadiness(const snapshot::Group& from, WallTime now, GroupHistory& group) {
  const bool steady = from.state == kafka::GroupState::kStable && group.state == from.state &&
                      (!from.described || group.members == from.members);
  if (!steady || group.steady_since == WallTime{}) group.steady_since = now;
}

GroupHistory NewGroup(const std::string& name, const AnalysisSettings& settings) {
  GroupHistory group;
  group.name = name;
  group.is_own = deadletters::IsOwnHandlingGroup(name);
  ApplySettings(settings, group);
  return group;
}

void FoldGroup(const snapshot::ClusterSnapshot& seen, const snapshot::Group& from,
               const LagHistory& history, GroupHistory& group) {
  NoteSteadiness(from, history.clock.now(), group);
  group.type = from.type;
  group.state = from.state;
  group.coordinator = from.coordinator;
  group.listed_at = history.poll;
  group.committed_refused = from.committed_refused;
  if (from.committed_known) {
    FoldCommitted(std::span(seen.committed).subspan(from.first_committed, from.committed_count),
                  history, group);
  } else {
    SkipSample(history.clock, group);
  }
  if (from.described) {
    const auto assigned =
        std::span(seen.assigned).subspan(from.first_assigned, from.assigned_count);
    group.members = from.members;
    group.empty_members = from.empty_members;
    group.assignor = from.assignor;
    group.had_members |= from.members > 0;
    group.assigned.assign(assigned.begin(), assigned.end());
    group.described_at = history.poll;
  }
}

}  // namespace

void ApplySettings(const AnalysisSettings& settings, GroupHistory& group) {
  const bool reads_committed = settings.reads_committed && settings.reads_committed(group.name);
  group.capacity_hint =
      settings.capacity_hint ? settings.capacity_hint(group.name) : std::optional<double>();
  if (reads_committed == group.reads_committed) return;
  group.reads_committed = reads_committed;
  for (PairHistory& pair : group.pairs) {
    pair.lag = kUnknown;
    pair.effective_lag = kUnknown;
    pair.lag_at = 0;
  }
}

void FoldGroups(const snapshot::ClusterSnapshot& seen, const AnalysisSettings& settings,
                LagHistory& history) {
  std::vector<GroupHistory> groups;
  groups.reserve(std::max(seen.groups.size(), history.groups.size()));
  auto known = history.groups.begin();
  // A group that is not listed is gone, unless its coordinator could not tell.
  const auto keep_before = [&](const std::string* name) {
    while (known != history.groups.end() && (name == nullptr || known->name < *name)) {
      const bool exists = std::ranges::binary_search(seen.unlisted_groups, known->name);
      if (exists) SkipSample(history.clock, groups.emplace_back(std::move(*known)));
      ++known;
    }
  };
  for (const snapshot::Group& from : seen.groups) {
    keep_before(&from.name);
    const bool found = known != history.groups.end() && known->name == from.name;
    groups.push_back(found ? std::move(*known++) : NewGroup(from.name, settings));
    FoldGroup(seen, from, history, groups.back());
  }
  keep_before(nullptr);
  history.groups_complete = seen.groups_complete;
  history.groups = std::move(groups);
}

}  // namespace backlogd::analysis
