#include "kafka/record_reader.h"

#include <algorithm>
#include <atomic>
#include <future>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "config/load.h"
#include "kafka/admin_session.h"
#include "kafka/client_configuration.h"
#include "kafka/credential_files.h"
#include "kafka/error_mapping.h"
#include "kafka/read_shares.h"
#include "kafka/record_source.h"

namespace backlogd::kafka {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kSlice{50};  // how late an interruption may be noticed
constexpr milliseconds kLogEndPatience{1000};
constexpr int kSlicesToWonder =
    4;  // without a record; then, and ever more seldom, topics are looked up
constexpr milliseconds kLookUpPatience{500};
// After so many readings in a row in which nobody answered anything, the next begins with a fresh
// handle: see librdkafka_client.cc.
constexpr int kHandlePatience = 2;

// librdkafka keeps about 3 KiB of each topic that a handle ever read, until that handle ends: one
// that has read so many more than there are makes room for another.
constexpr std::size_t kMostGoneTopics = 64;

std::string SubjectOf(std::string_view topic, PartitionId partition) {
  return std::string(topic) + "/" + std::to_string(partition) + ": records";
}

// One Read().
class Reading {
 public:
  Reading(RecordSource& source, std::span<const ReadRange> ranges, const ReadLimits& limits,
          const RecordSink& sink)
      : source_(source),
        ranges_(ranges),
        sink_(sink),
        states_(ranges.size()),
        shares_(limits, ranges.size()) {
    for (std::size_t i = 0; i < ranges.size(); ++i) {
      places_.emplace(std::pair(ranges[i].topic, ranges[i].partition), i);
      states_[i].open = ranges[i].from < ranges[i].until;
      states_[i].outcome.next = states_[i].open ? ranges[i].from : ranges[i].until;
      open_ += states_[i].open ? 1 : 0;
    }
  }
  ~Reading() {
    if (assigned_) source_.UnassignAll();
  }
  Reading(const Reading&) = delete;
  Reading& operator=(const Reading&) = delete;

  void Run(Deadline deadline, const std::atomic<bool>& interrupted) {
    deadline_ = deadline;
    if (open_ > 0) Begin();
    int idle = 0;  // slices in a row
    while (open_ > 0 && !enough_ && TimeLeft(deadline).count() > 0 && !interrupted) {
      const MessagePtr message = source_.Poll(std::min(kSlice, TimeLeft(deadline)));
      idle = message == nullptr ? idle + 1 : 0;
      if (message != nullptr) {
        Accept(*message);
      } else {
        Wonder(idle);
      }
      // Nobody's share is kept for those who do not come for it.
      if (aside_ > 0 && (aside_ == open_ || idle >= kSlicesToWonder)) BeginRound();
    }
    if (interrupted) FailOpen([](const std::string& subject) { return Interrupted(subject); });
    // A reader that was busy to the end had no time for the others; one that waited got no answer.
    if (!enough_ && idle > 0) FailSilent();
  }

  // Whether any broker answered anything, of the records or of the topics.
  bool heard() const { return heard_; }

  std::vector<ReadOutcome> outcomes() const {
    std::vector<ReadOutcome> outcomes;
    outcomes.reserve(states_.size());
    for (const State& state : states_) outcomes.push_back(state.outcome);
    return outcomes;
  }

 private:
  struct State {
    ReadOutcome outcome;
    bool open = false;
    bool aside = false;  // had its share before others: not assigned until the next round
  };

  template <typename Predicate>
  TopicPartitionListPtr PositionsOf(const Predicate& predicate) const {
    TopicPartitionListPtr list(rd_kafka_topic_partition_list_new(static_cast<int>(open_)));
    for (std::size_t i = 0; i < ranges_.size(); ++i) {
      if (!states_[i].open || !predicate(states_[i])) continue;
      const std::string topic(ranges_[i].topic);
      rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), ranges_[i].partition)->offset =
          states_[i].outcome.next;
    }
    return list;
  }

  void Begin() {
    shares_.BeginRound(open_);
    const rd_kafka_resp_err_t code =
        source_.Assign(*PositionsOf([](const State&) { return true; }));
    assigned_ = code == RD_KAFKA_RESP_ERR_NO_ERROR;
    if (!assigned_) FailOpen([code](const std::string& s) { return MakeError(s, code); });
  }

  // What is left is shared out anew. REQUIRES: some range is open
  void BeginRound() {
    shares_.BeginRound(open_);
    if (aside_ == 0) return;
    const rd_kafka_resp_err_t code =
        source_.AssignAgain(*PositionsOf([](const State& state) { return state.aside; }));
    for (State& state : states_) state.aside = false;
    aside_ = 0;
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
      FailOpen([code](const std::string& s) { return MakeError(s, code); });
    }
  }

  // A range that had its share makes room for those that had not.
  void MakeRoom(std::size_t index) {
    if (!states_[index].open || !shares_.HadShare(index)) return;
    if (aside_ + 1 == open_) {
      BeginRound();
      return;
    }
    states_[index].aside = true;
    ++aside_;
    source_.Unassign(std::string(ranges_[index].topic), ranges_[index].partition);
  }

  template <typename MakeTheError>
  void FailOpen(const MakeTheError& error_of) {
    for (std::size_t i = 0; i < ranges_.size(); ++i) {
      if (!states_[i].open) continue;
      states_[i].outcome.error = error_of(SubjectOf(ranges_[i].topic, ranges_[i].partition));
      states_[i].open = false;
    }
    open_ = 0;
    aside_ = 0;
  }

  // Those of which nothing came, and which were waited for.
  void FailSilent() {
    for (std::size_t i = 0; i < ranges_.size(); ++i) {
      State& state = states_[i];
      if (!state.open || state.aside || state.outcome.next > ranges_[i].from) continue;
      state.outcome.error = NoAnswer(SubjectOf(ranges_[i].topic, ranges_[i].partition));
    }
  }

  // librdkafka does not tell of topics that are not there, or not ours to see.
  void Wonder(int idle) {
    source_.NoteErrors();
    if (idle < kSlicesToWonder || (idle & (idle - 1)) != 0) return;
    const MetadataPtr metadata =
        source_.LookUpTopics(std::min({kSlice * idle / 2, kLookUpPatience, TimeLeft(deadline_)}));
    if (metadata == nullptr) return;
    heard_ = true;
    for (std::size_t i = 0; i < ranges_.size(); ++i) {
      if (!states_[i].open) continue;
      const rd_kafka_resp_err_t code = LookUp(*metadata, ranges_[i]);
      // A broker may not have heard yet of a topic that is new.
      const bool sure = code == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED ||
                        (code != RD_KAFKA_RESP_ERR_NO_ERROR && idle > kSlicesToWonder);
      if (sure) Fail(i, code, nullptr);
    }
  }

  static rd_kafka_resp_err_t LookUp(const rd_kafka_metadata_t& metadata, const ReadRange& range) {
    for (int i = 0; i < metadata.topic_cnt; ++i) {
      const rd_kafka_metadata_topic_t& topic = metadata.topics[i];
      if (range.topic != topic.topic) continue;
      if (topic.err == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED ||
          topic.err == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART) {
        return topic.err;
      }
      const std::span partitions(topic.partitions, static_cast<std::size_t>(topic.partition_cnt));
      const bool there = std::any_of(partitions.begin(), partitions.end(),
                                     [&](const auto& one) { return one.id == range.partition; });
      if (topic.err == RD_KAFKA_RESP_ERR_NO_ERROR && !there) {
        return RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
      }
    }
    return RD_KAFKA_RESP_ERR_NO_ERROR;
  }

  Error NoAnswer(const std::string& subject) {
    source_.NoteErrors();
    return source_.errors().Explain(kNoBroker, MakeError(subject, RD_KAFKA_RESP_ERR__TIMED_OUT));
  }

  void Accept(const rd_kafka_message_t& message) {
    if (message.rkt == nullptr) return;  // about the group, which is none of our business
    const auto place = places_.find(
        std::pair(std::string_view(rd_kafka_topic_name(message.rkt)), message.partition));
    if (place == places_.end()) return;
    const State& state = states_[place->second];
    if (!state.open || state.aside) return;
    const std::size_t index = place->second;
    switch (message.err) {
      case RD_KAFKA_RESP_ERR_NO_ERROR: AcceptRecord(index, message); break;
      case RD_KAFKA_RESP_ERR__PARTITION_EOF: AcceptEnd(index, message.offset); break;
      default: Fail(index, message.err, rd_kafka_message_errstr(&message)); break;
    }
  }

  void AcceptRecord(std::size_t index, const rd_kafka_message_t& message) {
    heard_ = true;
    const ReadRange& range = ranges_[index];
    ReadOutcome& outcome = states_[index].outcome;
    // An offset before `from`: that one is beyond the log's end, so librdkafka began at the start.
    if (message.offset < range.from || message.offset >= range.until) {
      Close(index, range.until);
      return;
    }
    if (message.offset < outcome.next) return;  // fetched before the range was set aside
    outcome.next = message.offset + 1;
    if (outcome.next == range.until) Close(index, range.until);
    const Record& record = view_.Of(range.topic, message);
    shares_.Spend(index, view_.bytes());
    const bool wants_more = sink_(index, record);
    enough_ = !wants_more || shares_.AllSpent();
    if (!enough_) MakeRoom(index);
  }

  // Nothing more can be read now. `end`: where the log, or what is committed of it, ends.
  void AcceptEnd(std::size_t index, Offset end) {
    heard_ = true;
    const ReadRange& range = ranges_[index];
    const Offset next = std::clamp(end, states_[index].outcome.next, range.until);
    const auto patience = std::min(kLogEndPatience, TimeLeft(deadline_));
    const bool all =
        end >= range.until ||
        source_.LogEnds(std::string(range.topic), range.partition, end, range.until, patience);
    Close(index, all ? range.until : next);
  }

  void Fail(std::size_t index, rd_kafka_resp_err_t code, const char* detail) {
    const ReadRange& range = ranges_[index];
    Error error = MakeError(SubjectOf(range.topic, range.partition), code, detail);
    if (code == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED) {
      error.message += " (needs READ on topic " + std::string(range.topic) + ")";
    }
    states_[index].outcome.error = std::move(error);
    Close(index, states_[index].outcome.next);
  }

  void Close(std::size_t index, Offset next) {
    State& state = states_[index];
    state.outcome.next = next;
    state.open = false;
    if (state.aside) --aside_;
    if (--open_ > 0) {
      source_.Unassign(std::string(ranges_[index].topic), ranges_[index].partition);
    }
  }

  RecordSource& source_;
  const std::span<const ReadRange> ranges_;
  const RecordSink& sink_;
  std::map<std::pair<std::string_view, PartitionId>, std::size_t> places_;
  std::vector<State> states_;
  ReadShares shares_;
  RecordView view_;
  Deadline deadline_;
  std::size_t open_ = 0;
  std::size_t aside_ = 0;  // of those that are open
  bool assigned_ = false;
  bool enough_ = false;
  bool heard_ = false;
};

class LibrdkafkaReader final : public RecordReader {
 public:
  LibrdkafkaReader(const config::Cluster& cluster, Log& log)
      : cluster_(cluster),
        credential_files_(cluster),
        library_log_{log, cluster.name, Secrets(cluster)} {
    MakeConfiguration(cluster_, milliseconds(0), library_log_, ReaderUse(PrefetchFor({})));
  }

  std::vector<ReadOutcome> Read(std::span<const ReadRange> ranges, const ReadLimits& limits,
                                Deadline deadline, const RecordSink& sink) override {
    if (const std::optional<Error> error = Prepare(PrefetchFor(limits))) {
      std::vector<ReadOutcome> outcomes;
      for (const ReadRange& range : ranges) outcomes.push_back({range.from, error});
      return outcomes;
    }
    NoteTopics(ranges, limits.topics);
    bool heard = false;
    std::vector<ReadOutcome> outcomes;
    {
      Reading reading(*source_, ranges, limits, sink);
      reading.Run(deadline, interrupted_);
      outcomes = reading.outcomes();
      heard = reading.heard();
    }
    Learn(ranges, outcomes, heard);
    return outcomes;
  }

  void Interrupt() override { interrupted_.store(true, std::memory_order_relaxed); }

 private:
  void NoteTopics(std::span<const ReadRange> ranges, std::size_t lasting) {
    std::set<std::string, std::less<>> now;
    for (const ReadRange& range : ranges) now.emplace(range.topic);
    const std::size_t most = std::max(lasting, now.size()) + kMostGoneTopics;
    topics_.merge(now);
    is_full_ = topics_.size() > most;
  }

  // A source that fetches ahead as much as asked for.
  std::optional<Error> Prepare(Prefetch prefetch) {
    prefetch.fetch_bytes = fetch_size_.Of(prefetch.fetch_bytes);
    renewed_ |= credential_files_.Changed();
    const bool fits = prefetch == prefetch_ && !renewed_ && !is_full_;
    if (source_ != nullptr && (fits || !Retire())) return std::nullopt;
    HandleUse use = ReaderUse(prefetch);
    use.warns = false;  // the constructor did
    try {
      const config::Cluster fresh = config::Refreshed(cluster_);
      library_log_.secrets.Add(fresh);
      source_ = std::make_unique<RecordSource>(
          MakeHandle(fresh, milliseconds(0), library_log_, use), library_log_);
    } catch (const config::ConfigError& error) {
      return Error{ErrorKind::kOther, error.what()};
    }
    prefetch_ = prefetch;
    renewed_ = false;
    topics_.clear();
    is_full_ = false;
    return std::nullopt;
  }

  void Learn(std::span<const ReadRange> ranges, const std::vector<ReadOutcome>& outcomes,
             bool heard) {
    bool all_read = true;
    bool timed_out = false;
    bool unreachable = false;
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
      const std::optional<Error>& error = outcomes[i].error;
      all_read &= !error && outcomes[i].next >= ranges[i].until;
      timed_out |= error && error->kind == ErrorKind::kTimeout;
      unreachable |= error && error->kind == ErrorKind::kUnreachable;
    }
    if (!timed_out && !unreachable) source_->errors().Forget(kNoBroker);
    fetch_size_.Learn(all_read, timed_out && !unreachable);
    silent_readings_ = (timed_out || unreachable) && !heard ? silent_readings_ + 1 : 0;
    if (silent_readings_ >= kHandlePatience && Retire()) silent_readings_ = 0;
  }

  // Its threads may wait for a name server, or inflate: that must not hold up the reader. False,
  // and nothing is done, if they do so in an earlier source: there shall not be many of them.
  bool Retire() {
    std::erase_if(retired_, [](const auto& one) {
      return one.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
    });
    if (!retired_.empty()) return false;
    retired_.push_back(std::async(std::launch::async,
                                  [source = std::move(source_)]() mutable { source.reset(); }));
    return true;
  }

  const config::Cluster cluster_;
  CredentialFiles credential_files_;
  bool renewed_ = false;  // the files changed since the handle was made
  LibraryLog library_log_;
  std::atomic<bool> interrupted_{false};
  Prefetch prefetch_;
  FetchSize fetch_size_;
  int silent_readings_ = 0;
  std::set<std::string, std::less<>> topics_;  // that the source was to read
  bool is_full_ = false;                       // of them: the next reading has another source
  // Last: librdkafka's threads write to library_log_ until the handle is destroyed.
  std::unique_ptr<RecordSource> source_;
  std::vector<std::future<void>> retired_;
};

}  // namespace

std::unique_ptr<RecordReader> MakeRecordReader(const config::Cluster& cluster, Log& log) {
  return std::make_unique<LibrdkafkaReader>(cluster, log);
}

}  // namespace backlogd::kafka
