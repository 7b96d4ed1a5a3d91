#include "dlq/read_queue.h"

#include <algorithm>

namespace backlogd::dlq {
namespace {

// What one call fetches ahead is bounded by this.
constexpr kafka::ReadLimits kLimits = {.records = 20'000, .bytes = 32U << 20};

class Loop {
 public:
  Loop(const QueueReader& by, const std::vector<Stretch>& stretches, const StretchSink& sink)
      : by_(by), stretches_(stretches), sink_(sink) {
    for (const Stretch& stretch : stretches) reading_.nexts.push_back(stretch.from);
  }

  Reading Run() {
    while (Choose()) {
      if (!Step()) break;
    }
    return reading_;
  }

 private:
  // The stretches that are not read to their ends.
  bool Choose() {
    chosen_.clear();
    ranges_.clear();
    for (std::size_t i = 0; i < stretches_.size(); ++i) {
      if (reading_.nexts[i] >= stretches_[i].until) continue;
      chosen_.push_back(i);
      ranges_.push_back({by_.queue.topic, by_.queue.partitions[stretches_[i].index].at.partition,
                         reading_.nexts[i], stretches_[i].until});
    }
    return !chosen_.empty();
  }

  // False: it has ended.
  bool Step() {
    if (by_.with.stop.Requested()) return End(ReadingEnd::kInterrupted);
    const Deadline begun = by_.with.steady_now();
    bool enough = false, any = false;
    const auto outcomes = by_.reader.Read(ranges_, kLimits, begun + by_.timeout,
                                          [&](std::size_t range, const auto& record) {
                                            any = true;
                                            enough = !sink_(chosen_[range], record);
                                            // A sink that takes its time must not look like a
                                            // broker that does not answer.
                                            return !enough && !by_.with.stop.Requested() &&
                                                   by_.with.steady_now() - begun < by_.timeout / 2;
                                          });
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
      any |= outcomes[i].next > ranges_[i].from;
      reading_.nexts[chosen_[i]] = std::max(ranges_[i].from, outcomes[i].next);
    }
    if (enough) return End(ReadingEnd::kEnough);
    if (by_.with.stop.Requested()) return End(ReadingEnd::kInterrupted);
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
      if (outcomes[i].error) return Fail(ranges_[i], outcomes[i].error->message);
    }
    if (!any) return Fail(ranges_[0], "no records came within the time of --timeout");
    return true;
  }

  bool End(ReadingEnd end) {
    reading_.end = end;
    return false;
  }
  bool Fail(const kafka::ReadRange& range, const std::string& why) {
    const std::string where = std::string(range.topic) + "/" + std::to_string(range.partition);
    reading_.problem = why.starts_with(where) ? why : where + ": cannot be read: " + why;
    return End(ReadingEnd::kFailed);
  }

  const QueueReader& by_;
  const std::vector<Stretch>& stretches_;
  const StretchSink& sink_;
  Reading reading_;
  std::vector<std::size_t> chosen_;
  std::vector<kafka::ReadRange> ranges_;
};

}  // namespace

Reading ReadQueue(const QueueReader& by, const std::vector<Stretch>& stretches,
                  const StretchSink& sink) {
  return Loop(by, stretches, sink).Run();
}

}  // namespace backlogd::dlq
