#include <algorithm>
#include <chrono>
#include <optional>
#include <ostream>
#include <random>
#include <string>

#include "cli/progress_bar.h"
#include "sim/failure.h"
#include "sim/keys.h"
#include "sim/produce_report.h"
#include "sim/produce_run.h"
#include "sim/schedule.h"
#include "sim/tally.h"
#include "sim/values.h"

namespace backlogd::sim {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kTick{5};
constexpr std::chrono::seconds kMaxTransactionTime{10};  // the broker's own limit is far above

kafka::ProducerOptions OptionsOf(const Session& session) {
  const config::SimProduce& settings = session.settings().produce;
  kafka::ProducerOptions options;
  options.queue_records = static_cast<std::size_t>(settings.queue_records);
  options.timeout = session.settings().timeout;
  if (settings.transaction_records > 0) {
    // Of this run alone: whoever has the same id would be shut out.
    options.transactional_id = "backlogd-sim-" + std::to_string(std::random_device()());
  }
  return options;
}

// One run, on one thread.
class Run {
 public:
  Run(const Session& session, std::uint64_t seed)
      : session_(session),
        settings_(session.settings().produce),
        schedule_(settings_, seed),
        random_(seed),
        keys_(settings_.keys, settings_.key_count, settings_.zipf_exponent),
        values_(settings_.value_bytes, settings_.max_value_bytes, random_),
        batch_(tally_.Open()),
        producer_(session.with().make_producer(
            session.cluster(), OptionsOf(session),
            [this](const kafka::Delivery& delivery) { tally_.Count(delivery); }, session.log())) {}

  ScheduleReport Execute() {
    ScheduleReport report;
    begun_ = Now();
    try {
      Open();
      SendBySchedule();
      EndTransaction();
      producer_->Flush(session_.Soon());
    } catch (const Failure& failure) {
      report.fault = failure.what();
    }
    report.seconds = Seconds();
    report.totals = tally_.Total();
    report.aborted = aborted_;
    report.topic = session_.settings().topic;
    return report;
  }

 private:
  Deadline Now() const { return session_.with().steady_now(); }
  double Seconds() const { return std::chrono::duration<double>(Now() - begun_).count(); }
  bool Transactional() const { return settings_.transaction_records > 0; }

  bool Done() const {
    return session_.with().stop.Requested() ||
           (settings_.records > 0 && sent_ >= static_cast<std::uint64_t>(settings_.records));
  }

  std::uint64_t Total() const {
    if (settings_.records > 0) return static_cast<std::uint64_t>(settings_.records);
    config::SimProduce mean = settings_;  // of Poisson's schedule, whose arrivals nobody knows yet
    if (mean.schedule == config::Schedule::kPoisson) mean.schedule = config::Schedule::kConstant;
    const std::chrono::duration<double> length = session_.settings().length;
    return Schedule(mean, 0).DueBy(length.count());
  }

  void SendBySchedule() {
    const Surroundings& with = session_.with();
    const std::uint64_t total = Total();
    cli::ProgressBar bar(with.err, with.err_is_terminal && total > 0, with.columns);
    bar.Begin(total, begun_);
    Pacer pacer;
    while (!Done()) {
      const double seconds = Seconds();
      std::uint64_t now_due = pacer.ToSend(seconds, schedule_.DueBy(seconds), sent_);
      while (now_due > 0 && !Done() && SendOne()) --now_due;
      if (transaction_ && Now() - transaction_->begun > kMaxTransactionTime) EndTransaction();
      bar.Advance(sent_, Now());
      if (!Done()) with.stop.Sleep(kTick);
    }
    bar.End();
  }

  // False: the queue is full.
  bool SendOne() {
    if (Transactional() && !transaction_) BeginTransaction();
    const auto key = keys_.Next(random_);
    kafka::OutgoingRecord record;
    record.topic = session_.settings().topic;
    if (key) record.key = *key;
    record.value = values_.Next(random_);
    record.timestamp =
        session_.with().wall_now() - settings_.timestamp_behind + settings_.timestamp_ahead;
    tally_.Expect(batch_);
    const Result<bool> accepted = producer_->Send(record, batch_);
    if (!accepted || !*accepted) tally_.TakeBack(batch_);
    if (!accepted) throw Failure("records cannot be sent: " + accepted.error().message);
    if (!*accepted) return false;
    ++sent_;
    if (transaction_ && ++transaction_->records >= settings_.transaction_records) EndTransaction();
    return true;
  }

  static void Demand(const std::optional<Error>& error, const char* what) {
    if (error) throw Failure(std::string(what) + ": " + error->message);
  }

  void Open() {
    if (Transactional()) Demand(producer_->Open(session_.Soon()), "transactions cannot be used");
  }

  void BeginTransaction() {
    Demand(producer_->Begin(), "a transaction cannot be begun");
    transaction_ = Transaction{Now(), 0};
  }

  void EndTransaction() {
    if (!transaction_) return;
    const Transaction ended = *transaction_;
    transaction_.reset();
    if (std::bernoulli_distribution(settings_.abort_rate)(random_)) {
      // Written first, so that readers of committed records have something to pass over.
      Demand(producer_->Flush(session_.Soon()), "the records of a transaction were not written");
      Demand(producer_->Abort(session_.Soon()), "a transaction could not be aborted");
      aborted_ += static_cast<std::uint64_t>(ended.records);
      return;
    }
    Demand(producer_->Commit(session_.Soon()), "a transaction could not be committed");
  }

  struct Transaction {
    Deadline begun{};
    std::int64_t records = 0;
  };

  const Session& session_;
  const config::SimProduce& settings_;
  Schedule schedule_;
  std::mt19937_64 random_;
  const Keys keys_;
  const Values values_;
  Tally tally_;
  const std::uint64_t batch_;
  Deadline begun_{};
  std::uint64_t sent_ = 0;
  std::uint64_t aborted_ = 0;
  std::optional<Transaction> transaction_;
  const std::unique_ptr<kafka::RecordProducer> producer_;  // last: it delivers to the tally
};

}  // namespace

int ProduceBySchedule(const Session& session) {
  session.DemandTopic(session.settings().topic);
  const std::int64_t wanted = session.settings().produce.seed;
  const std::uint64_t seed =
      wanted != 0 ? static_cast<std::uint64_t>(wanted) : std::random_device()();
  const ScheduleReport report = Run(session, seed).Execute();
  session.with().out << (session.json() ? ToJson(report) : ToText(report)) << std::flush;
  const Outcome& outcome = report.totals.outcome;
  return report.fault.empty() && outcome.acknowledged == outcome.accepted ? kExitDone : kExitFailed;
}

}  // namespace backlogd::sim
