#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>

#include "base/time.h"
#include "dlq/failure.h"
#include "dlq/filters.h"

namespace backlogd::dlq {

using std::chrono_literals::operator""s;

// The command line.
struct Flags {
  enum class Command { kPrint, kList, kShow, kRedeliver, kLog, kDiscard };
  enum class DiscardBy { kCommit, kDeleteRecords };

  Command command = Command::kPrint;
  std::string text;  // kPrint: the help or the version

  // Of all commands.
  std::optional<std::filesystem::path> config_file;
  std::optional<std::string> bootstrap_servers;
  std::string cluster;                      // "" if not given
  std::chrono::milliseconds timeout = 30s;  // for anything that Kafka is asked
  bool json = false;
  bool dry_run = false;
  bool yes = false;

  // Of all but list.
  std::string topic;
  bool any_topic = false;
  Filters filters;
  std::optional<std::uint64_t> limit;

  std::uint64_t sample = 1000;  // list

  bool all = false;  // show
  bool full = false;
  bool mark_reviewed = false;

  bool again = false;  // redeliver, log, discard
  std::uint64_t batch = 500;

  std::string to;  // redeliver
  bool keep_timestamp = false;
  bool strip_death_headers = false;
  std::uint32_t max_redeliveries = 3;
  std::optional<double> rate;  // records a second
  std::string transform;       // "" if not given
  std::chrono::milliseconds transform_timeout = 30s;

  std::filesystem::path file;  // log: empty is standard output; discard: the kept copy, empty: none
  bool leave_pending = false;  // log

  std::string reason_for_discarding;  // discard
  DiscardBy discard_by = DiscardBy::kCommit;
};

// `args` begins with the program's name. Ages count back from `now`. Throws UsageError.
Flags ParseFlags(std::span<const char* const> args, WallTime now);

}  // namespace backlogd::dlq
