#include <ostream>
#include <set>

#include "dlq/carry_out.h"
#include "dlq/commands.h"
#include "dlq/failure.h"
#include "dlq/letter_text.h"
#include "dlq/record_json.h"

namespace backlogd::dlq {
namespace {

constexpr std::uint64_t kUsualLimit = 20;

// Notes that the letters named are handled.
class Review : public Treatment {
 public:
  std::set<RecordName> shown;

  deadletters::Action ToAction() const override { return deadletters::Action::kReviewed; }
  Decision Decide(const Letter& letter) override {
    const kafka::Record& record = *letter.record;
    const bool was = shown.contains({std::string(record.topic), record.partition, record.offset});
    return {was ? "" : "not shown", ""};
  }
  Treated Treat(const Letter&, const Decision&, kafka::RecordWriter*) override { return {}; }
};

class Showing {
 public:
  Showing(Session& session, const Queue& queue, QueueProgress progress)
      : session_(session), queue_(queue), progress_(std::move(progress)) {}

  // Shows what fits, partition by partition. Throws Failure.
  void Run(std::set<RecordName>& shown) {
    const Flags& flags = session_.flags();
    const auto stretches = StretchesOf(queue_, progress_, flags.filters, flags.all);
    LetterOpener opener = session_.MakeOpener(queue_, stretches);
    for (const Stretch& stretch : stretches) {
      const std::vector<Stretch> one = {stretch};
      const Reading reading =
          ReadQueue(session_.ReaderOf(queue_), one, [&](std::size_t, const kafka::Record& record) {
            return See(record, progress_[stretch.index], opener, shown);
          });
      if (reading.end == ReadingEnd::kFailed) throw Failure(reading.problem);
      if (reading.end != ReadingEnd::kAll) break;
    }
    if (more_)
      session_.Warn("more records match; --limit shows more than " + std::to_string(limit()));
  }

 private:
  std::uint64_t limit() const { return session_.flags().limit.value_or(kUsualLimit); }

  // False: enough.
  bool See(const kafka::Record& record, const deadletters::Progress& progress, LetterOpener& opener,
           std::set<RecordName>& shown) {
    const Flags& flags = session_.flags();
    if (!flags.all && deadletters::IsHandled(progress, record.offset)) return true;
    const Letter letter = opener.Open(record);
    if (!Fits(flags.filters, letter)) return true;
    if (shown.size() >= limit()) {
      more_ = true;
      return false;
    }
    std::ostream& out = session_.with().out;
    if (flags.json) {
      out << ToJson(letter) << '\n';
    } else {
      out << ToText(letter, session_.with().wall_now(), flags.full);
    }
    shown.insert({std::string(record.topic), record.partition, record.offset});
    return static_cast<bool>(out);
  }

  Session& session_;
  const Queue& queue_;
  QueueProgress progress_;
  bool more_ = false;
};

int MarkReviewed(Session& session, const Queue& queue, Review& review) {
  HandlingOptions options = OptionsOf(session.flags());
  options.limit = review.shown.size();
  return CarryOut(session, queue,
                  {.treatment = &review,
                   .options = options,
                   .question =
                       [&](const HandlingResult& rehearsal) {
                         return "Note that " + CountOf(rehearsal.handled, queue) +
                                " are reviewed, so that they wait no longer?";
                       },
                   .writes_to_out = true});
}

}  // namespace

int RunShow(Session& session) {
  const Flags& flags = session.flags();
  if (flags.mark_reviewed) DemandConsent(session);
  const auto queue = session.Open(flags.mark_reviewed);
  Review review;
  // All of them can be shown without knowing which ones are handled.
  auto progress = flags.all ? AtTheStart(*queue) : session.Progress(*queue);
  Showing(session, *queue, std::move(progress)).Run(review.shown);
  if (!session.with().out.flush()) throw Failure("standard output cannot be written");
  if (session.with().stop.Requested()) return kExitInterrupted;
  if (review.shown.empty() && !flags.json) session.Warn("no records match");
  if (!flags.mark_reviewed || review.shown.empty()) return kExitDone;
  return MarkReviewed(session, *queue, review);
}

}  // namespace backlogd::dlq
