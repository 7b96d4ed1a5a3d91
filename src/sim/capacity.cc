#include <cerrno>
#include <cmath>
#include <fstream>
#include <ostream>
#include <system_error>

#include "cli/progress_bar.h"
#include "sim/capacity_plan.h"
#include "sim/capacity_report.h"
#include "sim/commands.h"
#include "sim/failure.h"
#include "sim/kafka_experiments.h"
#include "sim/test_topic.h"

namespace backlogd::sim {
namespace {

// The bar counts the plan's seconds, so that it says when the plan will end.
class Progress {
 public:
  explicit Progress(const Session& session)
      : session_(session),
        bar_(session.with().err, session.with().err_is_terminal, session.with().columns),
        total_(
            static_cast<std::uint64_t>(std::ceil(EstimatedSeconds(session.settings().capacity)))),
        begun_(session.with().steady_now()) {
    bar_.Begin(total_, begun_);
  }
  ~Progress() { bar_.End(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void Tick() {
    const Deadline now = session_.with().steady_now();
    const auto seconds = std::chrono::floor<std::chrono::seconds>(now - begun_).count();
    bar_.Advance(std::min(static_cast<std::uint64_t>(seconds), total_ - 1), now);
  }
  void Finished(const std::string& line) {
    if (session_.with().err_is_terminal) return Tick();
    session_.with().err << line + "\n" << std::flush;
  }

 private:
  const Session& session_;
  cli::ProgressBar bar_;
  const std::uint64_t total_;
  const Deadline begun_;
};

// A page that cannot be written is to be known before minutes of measuring.
std::ofstream OpenPage(const std::string& file) {
  std::ofstream page;
  if (file.empty()) return page;
  page.open(file, std::ios::binary);
  if (!page) {
    throw Failure("capacity.html: " + file +
                  " cannot be written: " + std::generic_category().message(errno));
  }
  return page;
}

std::string PatternOf(const std::string& group) {
  std::string pattern;
  for (const char c : group) {
    if (std::string_view(".^$|()[]{}*+?\\").find(c) != std::string_view::npos) pattern += '\\';
    pattern += c;
  }
  return pattern;
}

CapacityReport Measure(const Session& session) {
  const TestTopic topic(session);
  CapacityReport report;
  report.settings = session.settings().capacity;
  report.topic = topic.name();
  report.group = PatternOf(session.settings().consume.group);
  report.partitions = topic.partitions();
  Progress progress(session);
  KafkaExperiments experiments(session, topic.name(), topic.partitions(),
                               [&progress] { progress.Tick(); });
  const auto finished = [&progress](const std::string& line) { progress.Finished(line); };
  RunPlan(experiments, finished, report);
  return report;
}

}  // namespace

int RunCapacity(const Session& session) {
  const std::string& file = session.settings().capacity.html;
  std::ofstream page = OpenPage(file);
  const CapacityReport report = Measure(session);
  if (!file.empty() && !(page << ToHtml(report) << std::flush)) {
    throw Failure("capacity.html: " + file + " cannot be written; is the disk full?");
  }
  session.with().out << (session.json() ? ToJson(report) : ToText(report)) << std::flush;
  return report.failed ? kExitFailed : kExitDone;
}

}  // namespace backlogd::sim
