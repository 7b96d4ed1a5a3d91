#include <algorithm>
#include <chrono>
#include <cmath>
#include <exception>
#include <memory>
#include <ostream>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "cli/progress_bar.h"
#include "sim/commands.h"
#include "sim/consume_course.h"
#include "sim/consume_report.h"
#include "sim/dead_letter_sender.h"
#include "sim/failure.h"
#include "sim/member_run.h"

namespace backlogd::sim {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kShowInterval{200};

using Members = std::vector<std::unique_ptr<MemberRun>>;

std::uint64_t SeedOf(const config::SimConsume& settings) {
  if (settings.seed != 0) return static_cast<std::uint64_t>(settings.seed);
  std::random_device device;
  return (std::uint64_t{device()} << 32) | device();
}

void RunMember(MemberRun& member, ConsumeCourse& course) {
  try {
    member.Run();
  } catch (const std::exception& e) {
    course.Fail(e.what());
  }
}

// One line that is written over and over.
class Progress {
 public:
  explicit Progress(const Session& session)
      : with_(session.with()),
        limit_(static_cast<std::uint64_t>(session.settings().consume.records)),
        bar_(with_.err, with_.err_is_terminal, with_.columns) {
    bar_.Begin(limit_, steady_clock::now());
  }

  void Show(const Members& members) {
    std::uint64_t handled = 0;
    std::uint64_t dead = 0;
    for (const auto& member : members) {
      const MemberTally tally = member->tally();
      handled += tally.handled;
      dead += DeadLetters(tally);
    }
    if (limit_ > 0) {
      bar_.Advance(handled, steady_clock::now());
    } else if (with_.err_is_terminal) {
      ShowCounts(handled, dead, members.size());
    }
  }

  void End() {
    bar_.End();
    if (on_screen_) with_.err << "\r\x1b[K" << std::flush;
  }

 private:
  void ShowCounts(std::uint64_t handled, std::uint64_t dead, std::size_t members) {
    const Deadline now = steady_clock::now();
    const double seconds = std::chrono::duration<double>(now - shown_at_).count();
    const double rate = static_cast<double>(handled - handled_) / std::max(seconds, 1e-3);
    shown_at_ = now;
    handled_ = handled;
    on_screen_ = true;
    std::string line = std::to_string(handled) + " records handled  " +
                       std::to_string(std::llround(rate)) + "/s  " + std::to_string(dead) +
                       " dead letters  " + std::to_string(members) + " members";
    if (line.size() >= with_.columns) line.resize(with_.columns > 0 ? with_.columns - 1 : 0);
    with_.err << '\r' << line << "\x1b[K" << std::flush;
  }

  const Surroundings& with_;
  const std::uint64_t limit_;
  cli::ProgressBar bar_;
  Deadline shown_at_ = steady_clock::now();
  std::uint64_t handled_ = 0;
  bool on_screen_ = false;
};

void RunAll(ConsumeCourse& course, const Members& members) {
  std::vector<std::jthread> threads;
  threads.reserve(members.size());
  for (const auto& member : members) {
    threads.emplace_back([&course, &member] { RunMember(*member, course); });
  }
  Progress progress(course.session());
  while (course.Wait(kShowInterval)) progress.Show(members);
  progress.End();
}

ConsumeReport ReportOf(const ConsumeCourse& course, const Members& members, Deadline ended) {
  const config::Sim& settings = course.session().settings();
  ConsumeReport report;
  report.topic = settings.topic;
  report.group = settings.consume.group;
  if (const auto begun = course.begun()) report.time = ended - *begun;
  report.handling = course.handling();
  for (const auto& member : members) report.members.push_back(member->tally());
  return report;
}

}  // namespace

int RunConsume(const Session& session) {
  const int partitions = session.DemandTopic(session.settings().topic);
  const config::SimConsume& settings = session.settings().consume;
  ConsumeCourse course(session);
  std::unique_ptr<DeadLetterSender> dead_letters;
  if (settings.failures.rate > 0) {
    dead_letters = std::make_unique<DeadLetterSender>(course, partitions);
  }
  const std::uint64_t seed = SeedOf(settings);
  Members members;
  for (std::int64_t i = 0; i < settings.members; ++i) {
    members.push_back(std::make_unique<MemberRun>(course, dead_letters.get(), i, seed));
  }
  RunAll(course, members);

  ConsumeReport report = ReportOf(course, members, course.ended_at());
  if (dead_letters) report.dead_letter_topic = dead_letters->topic();
  session.with().out << (session.json() ? ToJson(report) : ToText(report)) << std::flush;
  if (const auto failure = course.failure()) throw Failure(*failure);
  return kExitDone;
}

}  // namespace backlogd::sim
