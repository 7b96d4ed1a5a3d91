#include "sim/run.h"

#include <exception>
#include <ostream>
#include <thread>

#include "cli/stderr_log.h"
#include "config/load.h"
#include "sim/commands.h"
#include "sim/failure.h"
#include "sim/flags.h"

namespace backlogd::sim {
namespace {

int RunCommand(Flags::Command command, const Session& session) {
  switch (command) {
    case Flags::Command::kPrint: break;
    case Flags::Command::kProduce: return RunProduce(session);
    case Flags::Command::kConsume: return RunConsume(session);
    case Flags::Command::kVerify: return RunVerify(session);
    case Flags::Command::kCapacity: return RunCapacity(session);
  }
  return kExitDone;
}

// Requests a stop after some time, unless there was one before.
class Timer {
 public:
  Timer(std::chrono::milliseconds length, cli::Stop& stop) : stop_(stop) {
    if (length.count() == 0) return;
    thread_ = std::thread([this, length] {
      if (stop_.Sleep(length)) stop_.Request();
    });
  }
  // The command is over, so that a request ends nothing but the waiting.
  ~Timer() {
    if (!thread_.joinable()) return;
    stop_.Forget();
    stop_.Request();
    thread_.join();
  }
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

 private:
  cli::Stop& stop_;
  std::thread thread_;
};

int Dispatch(const Flags& flags, const Surroundings& with) {
  if (flags.command == Flags::Command::kPrint) {
    with.out << flags.text << std::flush;
    return with.out ? kExitDone : kExitFailed;
  }
  const config::Sim settings = LoadSettings(flags);
  cli::StderrLog log(with.err, "backlogd-sim");
  const Session session(settings, flags.json, with, log);
  const Timer timer(settings.length, with.stop);
  const int status = RunCommand(flags.command, session);
  if (!with.out.flush()) throw Failure("standard output cannot be written: the report is lost");
  return status;
}

}  // namespace

int Run(std::span<const char* const> args, const Surroundings& with) {
  try {
    return Dispatch(ParseFlags(args), with);
  } catch (const UsageError& e) {
    with.err << "backlogd-sim: " << e.what() << '\n';
    return kExitUsage;
  } catch (const std::exception& e) {
    with.err << "backlogd-sim: " << e.what() << '\n';
    return kExitFailed;
  }
}

}  // namespace backlogd::sim
