#include "dlq/carry_out.h"

#include <cmath>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <ostream>

#include "deadletters/handling.h"
#include "dlq/failure.h"

namespace backlogd::dlq {
namespace {

// For which a program that is to stop still waits for Kafka.
constexpr std::chrono::seconds kPatience(5);

std::string_view ToText(HandlingEnd end) {
  switch (end) {
    case HandlingEnd::kDone: return "done";
    case HandlingEnd::kLimit: return "limit";
    case HandlingEnd::kTooManyGaps: return "too_many_gaps";
    case HandlingEnd::kInterrupted: return "interrupted";
    case HandlingEnd::kFailed: return "failed";
  }
  return "";
}

int StatusOf(HandlingEnd end) {
  switch (end) {
    case HandlingEnd::kDone:
    case HandlingEnd::kLimit: return kExitDone;
    case HandlingEnd::kTooManyGaps: return kExitStoppedEarly;
    case HandlingEnd::kInterrupted: return kExitInterrupted;
    case HandlingEnd::kFailed: return kExitFailed;
  }
  return kExitFailed;
}

double Rate(const HandlingResult& result) {
  const double seconds = result.time.count();
  return seconds > 0 ? std::round(static_cast<double>(result.handled) / seconds) : 0;
}

void SumUpInJson(const Order& order, const Queue& queue, const HandlingResult& result,
                 std::ostream& out) {
  nlohmann::ordered_json summary;
  summary["action"] = deadletters::ToText(order.treatment->ToAction());
  summary["topic"] = queue.topic;
  summary["dry_run"] = order.options.rehearse;
  summary["end"] = ToText(result.end);
  summary["handled"] = result.handled;
  summary["left_behind"] = nlohmann::ordered_json::object();
  for (const auto& [why, count] : result.left_behind) summary["left_behind"][why] = count;
  if (!result.targets.empty()) summary["targets"] = result.targets;
  summary["seconds"] = std::round(result.time.count() * 1000) / 1000;
  summary["records_per_second"] = Rate(result);
  for (const auto& [name, value] : order.facts) summary[name] = value;
  if (!result.problem.empty()) summary["problem"] = result.problem;
  out << summary.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) << '\n';
}

void SumUpInText(const Order& order, const Queue& queue, const HandlingResult& result,
                 std::ostream& out) {
  out << (order.options.rehearse ? "would have been " : "")
      << deadletters::ToText(order.treatment->ToAction()) << ": " << CountOf(result.handled, queue);
  if (!order.options.rehearse && result.handled > 0) {
    out << " in " << std::round(result.time.count() * 10) / 10 << " s (" << Rate(result) << "/s)";
  }
  out << '\n';
  for (const auto& [topic, count] : result.targets)
    out << "  to " << topic << ": " << count << '\n';
  for (const auto& [why, count] : result.left_behind) {
    out << "  left behind, " << why << ": " << count << '\n';
  }
  for (const auto& [name, value] : order.facts) out << "  " << name << ": " << value << '\n';
  if (result.end == HandlingEnd::kLimit) out << "  --limit reached\n";
}

int SumUp(Session& session, const Queue& queue, const Order& order, const HandlingResult& result) {
  std::ostream& out = order.writes_to_out ? session.with().err : session.with().out;
  (session.flags().json ? SumUpInJson : SumUpInText)(order, queue, result, out);
  out.flush();
  if (!result.problem.empty()) session.Warn(result.problem);
  if (result.end == HandlingEnd::kInterrupted) {
    session.Warn(order.options.rehearse
                     ? "interrupted; nothing was done"
                     : "interrupted; what was done is kept, and the same command goes on from "
                       "there");
  }
  return StatusOf(result.end);
}

bool Confirm(const Session& session, const std::string& question) {
  session.with().err << question << " [y/N] " << std::flush;
  const auto answer = session.with().read_line();
  if (!answer) session.with().err << '\n';
  return answer && (*answer == "y" || *answer == "Y" || *answer == "yes");
}

// The writer of a command. Once the program is to stop, it waits for Kafka only a little longer.
class Writers {
 public:
  Writers(Session& session, const Queue& queue) : session_(session), queue_(queue) {
    Open();
    session.with().stop.OnRequest([hurried = hurried_, now = session.with().steady_now] {
      const std::lock_guard lock(hurried->mutex);
      if (hurried->writer != nullptr) hurried->writer->EndBy(now() + kPatience);
    });
  }
  ~Writers() { Close(); }
  Writers(const Writers&) = delete;
  Writers& operator=(const Writers&) = delete;

  kafka::RecordWriter& now() { return *writer_; }

  Result<Renewed> Renew() {
    Close();
    try {
      Open();
      return Renewed{writer_.get(), FetchProgress(*writer_, queue_, session_.Soon())};
    } catch (const Failure& failure) {
      return Error{ErrorKind::kOther, failure.what()};
    }
  }

 private:
  // Shared with what is called when the program is to stop, maybe later than we live.
  struct Hurried {
    std::mutex mutex;
    kafka::RecordWriter* writer = nullptr;
  };

  void Open() {
    writer_ = session_.OpenWriter(queue_);
    const std::lock_guard lock(hurried_->mutex);
    hurried_->writer = writer_.get();
  }
  void Close() {
    {
      const std::lock_guard lock(hurried_->mutex);
      hurried_->writer = nullptr;
    }
    writer_.reset();
  }

  Session& session_;
  const Queue& queue_;
  std::shared_ptr<Hurried> hurried_ = std::make_shared<Hurried>();
  std::unique_ptr<kafka::RecordWriter> writer_;
};

HandlingResult HandleWith(Session& session, const Queue& queue, const Order& order,
                          Writers* writers, QueueProgress progress) {
  const auto stretches = StretchesOf(queue, progress, order.options.filters, order.options.again);
  LetterOpener opener = session.MakeOpener(queue, stretches);
  cli::ProgressBar bar(session.with().err, session.with().err_is_terminal, session.with().columns);
  return Handle({.queue = &queue,
                 .progress = std::move(progress),
                 .opener = &opener,
                 .treatment = order.treatment,
                 .reader = &session.ReaderOf(queue).reader,
                 .renew = [writers] { return writers->Renew(); },
                 .writer = writers == nullptr ? nullptr : &writers->now(),
                 .with = &session.with(),
                 .bar = &bar,
                 .options = order.options});
}

HandlingResult Rehearse(Session& session, const Queue& queue, Order order) {
  order.options.rehearse = true;
  return HandleWith(session, queue, order, nullptr, session.Progress(queue));
}

}  // namespace

HandlingOptions OptionsOf(const Flags& flags) {
  return {.filters = flags.filters,
          .limit = flags.limit,
          .again = flags.again,
          .batch = flags.batch,
          .rate = flags.rate,
          .timeout = flags.timeout,
          .rehearse = flags.dry_run};
}

void DemandConsent(const Session& session) {
  const Flags& flags = session.flags();
  if (flags.yes || flags.dry_run || session.with().in_is_terminal) return;
  throw UsageError(
      "there is no terminal to ask on whether this shall be done: give --yes, or --dry-run to see "
      "what would be done");
}

std::string CountOf(std::uint64_t records, const Queue& queue) {
  return std::to_string(records) + (records == 1 ? " record of " : " records of ") + queue.topic;
}

int CarryOut(Session& session, const Queue& queue, const Order& order) {
  if (order.options.rehearse) {
    return SumUp(session, queue, order, Rehearse(session, queue, order));
  }
  if (!order.keeps_progress) {
    return SumUp(session, queue, order,
                 HandleWith(session, queue, order, nullptr, session.Progress(queue)));
  }
  DemandConsent(session);
  if (!session.flags().yes) {
    const HandlingResult rehearsal = Rehearse(session, queue, order);
    const bool failed =
        rehearsal.end == HandlingEnd::kFailed || rehearsal.end == HandlingEnd::kInterrupted;
    if (failed) {
      Order rehearsed = order;
      rehearsed.options.rehearse = true;
      return SumUp(session, queue, rehearsed, rehearsal);
    }
    if (rehearsal.handled == 0 && !order.then) return SumUp(session, queue, order, rehearsal);
    if (!Confirm(session, order.question(rehearsal))) {
      if (session.with().stop.Requested()) return kExitInterrupted;
      throw Failure("nothing was done");
    }
  }
  Writers writers(session, queue);
  const HandlingResult result = HandleWith(session, queue, order, &writers,
                                           FetchProgress(writers.now(), queue, session.Soon()));
  const int status = SumUp(session, queue, order, result);
  if (status == kExitDone && order.then) order.then(writers.now(), result);
  return status;
}

}  // namespace backlogd::dlq
