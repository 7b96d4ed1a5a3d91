// Which timestamps are worth a lookup, and what becomes of the answers.

#include <algorithm>
#include <span>

#include "analysis/lag_history.h"
#include "analysis/time_search.h"
#include "analysis/unread_record.h"

namespace backlogd::analysis {
namespace {

constexpr std::uint8_t kMostUseless = 8;  // the next try comes after 2^8 polls at most

struct Candidate {
  std::int64_t lag = 0;
  WantedTime wanted;
};

class Search {
 public:
  Search(const AnalysisSettings& settings, const LagHistory& history)
      : settings_(settings), history_(history) {
    std::size_t count = 0;
    for (const TopicHistory& topic : history.topics) {
      first_.push_back(count);
      count += topic.partitions.size();
    }
    worst_.resize(count, kNobody);
  }

  // The most lagging pair of each partition that needs a lookup, but not of those in `taken`.
  std::vector<Candidate> Run(std::span<const WantedTime> taken) {
    for (const WantedTime& wanted : taken) worst_[first_[wanted.topic] + wanted.partition] = kTaken;
    for (const GroupHistory& group : history_.groups) {
      if (group.is_own) continue;
      for (const PairHistory& pair : group.pairs) {
        if (pair.lag > 0 && pair.lag_at == history_.poll) Consider(pair);
      }
    }
    return std::move(candidates_);
  }

 private:
  void Consider(const PairHistory& pair) {
    const TopicHistory& topic = history_.topics[pair.topic];
    const PartitionHistory* partition = FindPartition(topic, pair.partition);
    if (partition == nullptr || partition->next_lookup > history_.poll) return;
    const auto index = static_cast<std::uint32_t>(partition - topic.partitions.data());
    std::int32_t& worst = worst_[first_[pair.topic] + index];
    if (worst == kTaken) return;
    if (worst >= 0 && candidates_[static_cast<std::size_t>(worst)].lag >= pair.lag) return;
    const auto time =
        NextLookup(partition->timeline, {OldestUnreadOffset(pair, *partition), history_.clock.now(),
                                         settings_.poll_interval, history_.lookup_round});
    if (!time) return;
    const Candidate found{pair.lag, {pair.topic, index, *time}};
    if (worst >= 0) {
      candidates_[static_cast<std::size_t>(worst)] = found;
    } else {
      worst = static_cast<std::int32_t>(candidates_.size());
      candidates_.push_back(found);
    }
  }

  static constexpr std::int32_t kNobody = -1;
  static constexpr std::int32_t kTaken = -2;

  const AnalysisSettings& settings_;
  const LagHistory& history_;
  std::vector<std::size_t> first_;   // by topic: its first place in worst_
  std::vector<std::int32_t> worst_;  // by partition of all topics: its candidate, or one of those
  std::vector<Candidate> candidates_;
};

void PutOff(PollNumber poll, PartitionHistory& partition) {
  partition.useless_lookups = std::min<std::uint8_t>(
      kMostUseless, static_cast<std::uint8_t>(partition.useless_lookups + 1));
  partition.next_lookup = poll + (PollNumber{1} << partition.useless_lookups);
}

void TakeOldest(const WantedTime& wanted, const kafka::PartitionOffset& answer,
                LagHistory& history) {
  QueueHistory& queue = history.dead_letters.queues[static_cast<std::size_t>(wanted.queue)];
  QueuePartition& partition = queue.partitions[wanted.partition];
  if (answer.error) {
    partition.next_lookup = history.poll + 1;
  } else {
    partition.oldest.Take(wanted.time, answer);
  }
}

}  // namespace

std::vector<kafka::PartitionTime> WantTimes(std::size_t most, const AnalysisSettings& settings,
                                            LagHistory& history) {
  history.wanted = WantOldest(most, history);
  most -= history.wanted.size();
  std::vector<Candidate> candidates = Search(settings, history).Run(history.wanted);
  if (candidates.size() > most) {
    const auto end = candidates.begin() + static_cast<std::ptrdiff_t>(most);
    std::ranges::nth_element(candidates, end, std::ranges::greater{}, &Candidate::lag);
    candidates.erase(end, candidates.end());
  }
  ++history.lookup_round;
  for (const Candidate& candidate : candidates) history.wanted.push_back(candidate.wanted);
  std::vector<kafka::PartitionTime> question;
  question.reserve(history.wanted.size());
  for (const WantedTime& wanted : history.wanted) {
    const TopicHistory& topic = history.topics[wanted.topic];
    const PartitionHistory& partition = topic.partitions[wanted.partition];
    question.push_back({{topic.name, partition.partition, partition.leader}, wanted.time});
  }
  return question;
}

void TakeTimes(std::span<const kafka::PartitionOffset> answers, LagHistory& history) {
  for (std::size_t i = 0; i < std::min(answers.size(), history.wanted.size()); ++i) {
    const WantedTime& wanted = history.wanted[i];
    if (wanted.queue >= 0) {
      TakeOldest(wanted, answers[i], history);
      continue;
    }
    PartitionHistory& partition = history.topics[wanted.topic].partitions[wanted.partition];
    if (answers[i].error) {
      partition.next_lookup = history.poll + 1;
    } else if (TakeLookup(answers[i], wanted.time, partition.end.offset, history.clock.now(),
                          partition.timeline)) {
      partition.useless_lookups = 0;
    } else {
      PutOff(history.poll, partition);
    }
  }
  history.wanted.clear();
}

}  // namespace backlogd::analysis
