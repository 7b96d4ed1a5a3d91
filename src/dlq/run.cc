#include "dlq/run.h"

#include <exception>
#include <ostream>

#include "cli/stderr_log.h"
#include "config/load.h"
#include "dlq/commands.h"
#include "dlq/failure.h"
#include "dlq/flags.h"

namespace backlogd::dlq {
namespace {

int RunCommand(Session& session) {
  switch (session.flags().command) {
    case Flags::Command::kPrint: break;
    case Flags::Command::kList: return RunList(session);
    case Flags::Command::kShow: return RunShow(session);
    case Flags::Command::kRedeliver: return RunRedeliver(session);
    case Flags::Command::kLog: return RunLog(session);
    case Flags::Command::kDiscard: return RunDiscard(session);
  }
  return kExitDone;
}

int Dispatch(const Flags& flags, const Surroundings& with) {
  if (flags.command == Flags::Command::kPrint) {
    with.out << flags.text << std::flush;
    return with.out ? kExitDone : kExitFailed;
  }
  cli::StderrLog log(with.err, "backlogd-dlq");
  Session session(flags, with, log);
  const int status = RunCommand(session);
  // The work is done, but whoever waits for the summary must not take silence for success.
  if (!with.out.flush()) throw Failure("standard output cannot be written: the summary is lost");
  return status;
}

}  // namespace

int Run(std::span<const char* const> args, const Surroundings& with) {
  try {
    return Dispatch(ParseFlags(args, with.wall_now()), with);
  } catch (const UsageError& e) {
    with.err << "backlogd-dlq: " << e.what() << '\n';
    return kExitUsage;
  } catch (const std::exception& e) {
    if (with.stop.Requested()) {
      with.err << "backlogd-dlq: interrupted\n";
      return kExitInterrupted;
    }
    with.err << "backlogd-dlq: " << e.what() << '\n';
    return kExitFailed;
  }
}

}  // namespace backlogd::dlq
