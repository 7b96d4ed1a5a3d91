#include "dlq/handling.h"

#include <algorithm>

namespace backlogd::dlq {
namespace {

using std::chrono_literals::operator""s;

constexpr auto kTransactionTime = 1s;           // one is committed after this at the latest
constexpr std::size_t kBatchBytes = 16U << 20;  // or this much
constexpr std::size_t kLearnedRecords = 200;
constexpr auto kTick = std::chrono::milliseconds(10);
constexpr double kLongestInterval = 1e6;  // seconds between two records
// The counts and the last ranges still grow after a record was found to fit.
constexpr std::size_t kMetadataReserve = 200;
// So many ranges fit whatever they are.
constexpr std::size_t kRangesThatFit = 50;

// Whether the record can be noted as handled beside a commit, now and when the counts have grown.
// What needs no more ranges than before may use the reserve: it is the way out when there are too
// many.
bool HasRoomFor(kafka::Offset record, const deadletters::Progress& before) {
  if (before.ahead.size() < kRangesThatFit) return true;
  deadletters::Progress after = before;
  deadletters::MarkHandled(record, record + 1, after);
  const auto metadata = deadletters::EncodeMetadata(after);
  const bool grows = after.ahead.size() > before.ahead.size();
  const std::size_t reserve = grows ? kMetadataReserve : kMetadataReserve / 2;
  return metadata && metadata->size() + reserve <= deadletters::kMaxMetadataBytes;
}

std::size_t BytesOf(const kafka::Record& record) {
  std::size_t bytes = record.key.value_or("").size() + record.value.value_or("").size();
  for (const auto& header : record.headers) {
    bytes += header.name.size() + header.value.value_or("").size();
  }
  return bytes;
}

class Handling {
 public:
  explicit Handling(const Job& job)
      : job_(job), options_(job.options), with_(*job.with), progress_(job.progress) {
    result_.progress = job.progress;
  }

  HandlingResult Run() {
    begun_ = with_.steady_now();
    const auto stretches = StretchesOf(*job_.queue, progress_, options_.filters, options_.again);
    std::int64_t total = 0;
    for (const Stretch& stretch : stretches) {
      trails_.push_back(TrailOf(stretch));
      const std::int64_t handled =
          options_.again
              ? 0
              : deadletters::CountHandled(progress_[stretch.index], stretch.from, stretch.until);
      total += stretch.until - stretch.from - handled;
    }
    job_.bar->Begin(static_cast<std::uint64_t>(total), begun_);
    stretches_ = &stretches;
    const Reading reading = ReadQueue(
        {*job_.reader, *job_.queue, options_.timeout, with_}, stretches,
        [this](std::size_t stretch, const kafka::Record& record) { return See(stretch, record); });
    Finish(reading);
    job_.bar->End();
    result_.time = with_.steady_now() - begun_;
    return std::move(result_);
  }

 private:
  // What lies between two records (markers, aborted and compacted records) goes with the one
  // before.
  struct Trail {
    std::size_t index = 0;
    kafka::Offset gap = 0;       // where the gap after the last record begins
    bool after_handled = false;  // that record is handled
  };

  Trail TrailOf(const Stretch& stretch) const {
    const deadletters::Progress& progress = progress_[stretch.index];
    const bool after_handled =
        stretch.from <= progress.next || deadletters::IsHandled(progress, stretch.from - 1);
    return {stretch.index, stretch.from, after_handled};
  }

  void CloseGap(Trail& trail, kafka::Offset end) {
    if (!trail.after_handled || trail.gap >= end) return;
    deadletters::MarkHandled(trail.gap, end, progress_[trail.index]);
    trail.gap = end;
  }

  // False: no more.
  bool See(std::size_t stretch, const kafka::Record& record) {
    if (with_.stop.Requested() || !ok() || !EndOldTransaction()) return false;
    Trail& trail = trails_[stretch];
    CloseGap(trail, record.offset);
    deadletters::Progress& progress = progress_[trail.index];
    bool handled = deadletters::IsHandled(progress, record.offset);
    if (options_.again || !handled) {
      if (IsLimit()) return End(HandlingEnd::kLimit, "");
      job_.bar->Advance(++seen_, with_.steady_now());
      if (!Look(record, progress, handled)) return false;
    }
    trail.gap = record.offset + 1;
    trail.after_handled = handled;
    return ok();
  }

  // Sets `handled` if the record is now. False: it ended before anything was done about it.
  bool Look(const kafka::Record& record, deadletters::Progress& progress, bool& handled) {
    const Letter letter = job_.opener->Open(record);
    if (!Fits(options_.filters, letter)) return true;
    const Decision decision = job_.treatment->Decide(letter);
    if (!decision.left_because.empty()) {
      ++left_[decision.left_because];
      return true;
    }
    if (!HasRoomFor(record.offset, progress)) return EndByGaps(record, progress);
    if (!Treat(letter, decision, handled)) return false;
    if (!handled) return true;
    deadletters::MarkHandled(record.offset, record.offset + 1, progress);
    ++progress.counts[static_cast<std::size_t>(job_.treatment->ToAction())];
    ++batch_records_;
    batch_bytes_ += BytesOf(record);
    if (!decision.target.empty()) ++targets_[decision.target];
    return !IsBatchFull() || Commit();
  }

  bool Treat(const Letter& letter, const Decision& decision, bool& handled) {
    if (options_.rehearse) return handled = true;
    if (!Pace()) return false;
    Treated treated =
        job_.treatment->Prepare(letter, decision, [&] { return EndOldTransaction(); });
    if (!treated.error && treated.left_because.empty()) {
      const bool alone = job_.treatment->IsAlone();
      if (with_.stop.Requested() || (alone && !Commit()) || !Begin()) return false;
      treated = job_.treatment->Treat(letter, decision, job_.writer);
      if (alone && !treated.error) treated.error = job_.writer->Flush(Soon());
      if (alone && treated.error && job_.writer->FoundTooLarge()) {
        if (!Renew()) return false;
        treated = {.left_because = "too large for the target"};
      } else if (alone && treated.error) {
        treated.transaction_broken = true;
      }
    }
    return Note(treated, handled);
  }

  bool Note(const Treated& treated, bool& handled) {
    if (treated.error) {
      if (!ok()) return false;
      if (treated.transaction_broken) return Break(*treated.error);
      return with_.stop.Requested() ? false : End(HandlingEnd::kFailed, treated.error->message);
    }
    handled = treated.left_because.empty();
    if (!handled) ++left_[treated.left_because];
    return true;
  }

  // A new writer in place of one that writes no more. Nothing is lost: its transaction held nothing
  // but what it could not write.
  bool Renew() {
    in_transaction_ = false;
    const auto renewed = job_.renew();
    if (!renewed) return Break(renewed.error());
    // Between the two another command may have handled records, and ended.
    if (renewed->progress != result_.progress) {
      return Break({ErrorKind::kOther, "another command handled records of this queue meanwhile"});
    }
    job_.writer = renewed->writer;
    return true;
  }

  Deadline Soon() const { return with_.steady_now() + options_.timeout; }

  bool IsLimit() const {
    return options_.limit && result_.handled + batch_records_ >= *options_.limit;
  }
  bool IsBatchFull() const {
    return batch_records_ >= options_.batch || batch_bytes_ >= kBatchBytes || IsTransactionOld();
  }
  bool IsTransactionOld() const {
    return in_transaction_ && with_.steady_now() - transaction_begun_ >= kTransactionTime;
  }
  // However long nothing is found to handle, none stays open. False: it ended.
  bool EndOldTransaction() { return !IsTransactionOld() || Commit(); }

  // Waits until the rate allows one more record; no transaction is held open for long meanwhile.
  bool Pace() {
    if (!options_.rate) return true;
    const std::chrono::duration<double> interval(std::min(1 / *options_.rate, kLongestInterval));
    const Deadline now = with_.steady_now();
    // What was not used is lost, but for what the clock's ticks would take.
    due_ = std::max(due_, now - kTick);
    const auto wait = std::chrono::ceil<std::chrono::milliseconds>(due_ - now);
    due_ += std::chrono::duration_cast<Deadline::duration>(interval);
    if (wait <= 0s) return true;
    if (wait > kTransactionTime / 2 && !Commit()) return false;
    return with_.stop.Sleep(wait);
  }

  bool Begin() {
    if (in_transaction_ || job_.writer == nullptr) return true;
    if (const auto error = job_.writer->Begin()) return Break(*error);
    in_transaction_ = true;
    transaction_begun_ = with_.steady_now();
    return true;
  }

  // What was done since the last commit, and how far we got.
  bool Commit() {
    if (!options_.rehearse) {
      if (const auto error = job_.treatment->Settle()) return Break(*error);
      if (job_.writer != nullptr && !CommitProgress()) return false;
    }
    in_transaction_ = false;
    result_.progress = progress_;
    result_.handled += batch_records_;
    batch_records_ = 0;
    batch_bytes_ = 0;
    for (auto [from, to] :
         {std::pair(&left_, &result_.left_behind), std::pair(&targets_, &result_.targets)}) {
      for (const auto& [name, count] : *from) (*to)[name] += count;
      from->clear();
    }
    return true;
  }

  bool CommitProgress() {
    std::vector<std::string> metadata;
    metadata.reserve(progress_.size());  // the commits look at them
    std::vector<kafka::GroupCommit> commits;
    for (std::size_t i = 0; i < progress_.size(); ++i) {
      if (progress_[i] == result_.progress[i]) continue;
      auto text = deadletters::EncodeMetadata(progress_[i]);
      if (!text) return Break({ErrorKind::kOther, "the progress cannot be kept: too many gaps"});
      metadata.push_back(std::move(*text));
      const auto& at = job_.queue->partitions[i].at;
      commits.push_back({{at.topic, at.partition}, progress_[i].next, metadata.back()});
    }
    if (commits.empty() && !in_transaction_) return true;
    if (!Begin()) return false;
    const auto error = job_.writer->Commit(commits, Soon());
    if (!error) return true;
    const bool silent =
        error->kind == ErrorKind::kTimeout || error->kind == ErrorKind::kUnreachable;
    return Break(
        {error->kind,
         error->message +
             (silent ? "; run the command again, which finds out how far it got and goes on"
                     : "")});
  }

  // An error that takes the transaction with it.
  bool Break(const Error& error) {
    const bool hangs = error.kind == ErrorKind::kTimeout || error.kind == ErrorKind::kUnreachable ||
                       error.kind == ErrorKind::kInterrupted;
    End(hangs && with_.stop.Requested() ? HandlingEnd::kInterrupted : HandlingEnd::kFailed,
        error.message);
    broken_ = true;
    if (in_transaction_) {
      // Whether it can be aborted in order or not: it has no effect.
      static_cast<void>(job_.writer->Abort(Soon()));
    }
    return in_transaction_ = false;
  }

  bool End(HandlingEnd end, const std::string& problem) {
    result_.end = end;
    result_.problem = problem;
    return false;
  }

  bool EndByGaps(const kafka::Record& record, const deadletters::Progress& progress) {
    const std::string where = std::string(record.topic) + "/" + std::to_string(record.partition);
    return End(HandlingEnd::kTooManyGaps,
               where + ": stopped at offset " + std::to_string(record.offset) +
                   ": too many unhandled records lie between handled ones; handle those from "
                   "offset " +
                   std::to_string(progress.next) + " on first, or without the filters");
  }

  bool ok() const { return result_.end == HandlingEnd::kDone; }

  void Finish(const Reading& reading) {
    if (reading.end == ReadingEnd::kFailed && ok()) End(HandlingEnd::kFailed, reading.problem);
    // Else the last record that was handed out need not have been treated.
    if (reading.end != ReadingEnd::kAll && ok()) End(HandlingEnd::kInterrupted, "");
    for (std::size_t i = 0; i < trails_.size() && ok() && !broken_; ++i) {
      CloseGap(trails_[i], (*stretches_)[i].until);
    }
    if (!broken_) Commit();
  }

  Job job_;
  const HandlingOptions& options_;
  const Surroundings& with_;
  const std::vector<Stretch>* stretches_ = nullptr;
  std::vector<Trail> trails_;  // one a stretch
  QueueProgress progress_;     // with what is not committed yet
  HandlingResult result_;
  Deadline begun_{};
  std::uint64_t seen_ = 0;
  Deadline due_{};  // when the rate allows the next record
  bool broken_ = false;

  bool in_transaction_ = false;
  Deadline transaction_begun_{};
  std::uint64_t batch_records_ = 0;
  std::size_t batch_bytes_ = 0;
  std::map<std::string, std::uint64_t> left_;
  std::map<std::string, std::uint64_t> targets_;
};

}  // namespace

HandlingResult Handle(const Job& job) { return Handling(job).Run(); }

std::vector<Stretch> StretchesOf(const Queue& queue, const QueueProgress& progress,
                                 const Filters& filters, bool again) {
  std::vector<Stretch> stretches;
  for (std::size_t i = 0; i < queue.partitions.size(); ++i) {
    const QueuePartition& partition = queue.partitions[i];
    if (!HasPartition(filters, partition.at.partition)) continue;
    Stretch stretch{i, again ? partition.start : progress[i].next, partition.end};
    stretch.from = std::max({stretch.from, partition.start, filters.from_offset.value_or(0)});
    if (filters.to_offset) stretch.until = std::min(stretch.until, *filters.to_offset + 1);
    if (stretch.from < stretch.until) stretches.push_back(stretch);
  }
  return stretches;
}

std::optional<std::string> LearnFramework(const QueueReader& by,
                                          const std::vector<Stretch>& stretches,
                                          LetterOpener& opener) {
  std::size_t learned = 0;
  const Reading reading = ReadQueue(by, stretches, [&](std::size_t, const kafka::Record& record) {
    opener.Learn(record);
    return ++learned < kLearnedRecords;
  });
  if (reading.end == ReadingEnd::kFailed) return reading.problem;
  return std::nullopt;
}

}  // namespace backlogd::dlq
