#include <array>
#include <cstdio>
#include <fstream>
#include <ostream>
#include <random>
#include <string>

#include "cli/progress_bar.h"
#include "sim/commands.h"
#include "sim/failure.h"
#include "sim/verification.h"
#include "sim/verify_report.h"

namespace backlogd::sim {
namespace {

// No two runs have the same, wherever they are.
std::string NewRun() {
  std::random_device device;
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%08x%08x%08x", device(), device(), device());
  return text.data();
}

void WriteJUnit(const VerifyReport& report, const std::string& path) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << ToJUnit(report);
  if (!file.flush()) {
    throw Failure(path + ": the results cannot be written; is the folder there, and writable?");
  }
}

}  // namespace

int RunVerify(const Session& session) {
  const Surroundings& with = session.with();
  cli::ProgressBar bar(with.err, with.err_is_terminal, with.columns);
  bar.Begin(Verification::CountOfChecks(), with.steady_now());
  const auto show = [&](std::size_t done) { bar.Advance(done, with.steady_now()); };
  const VerifyReport report = Verification(session, NewRun()).Run(show);
  bar.End();
  with.out << (session.json() ? ToJson(report) : ToTable(report)) << std::flush;
  const std::string& junit = session.settings().verify.junit;
  if (!junit.empty()) WriteJUnit(report, junit);
  // Without the topic there was nothing to check: that is no result, but a failure.
  const CheckResult& first = report.checks.front();
  if (first.verdict == Verdict::kFailed) throw Failure(first.reason);
  if (with.stop.Requested()) throw Failure("interrupted: not every check was made");
  return HasFailed(report) ? kExitFailed : kExitDone;
}

}  // namespace backlogd::sim
