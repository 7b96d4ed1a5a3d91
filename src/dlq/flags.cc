#include "dlq/flags.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>
#include <string_view>
#include <utility>
#include <vector>

#include "base/text.h"
#include "cli/arguments.h"
#include "cli/version.h"
#include "deadletters/decode_values.h"

namespace backlogd::dlq {
namespace {

// What CLI11 fills in beside what it can put into Flags itself.
struct RawFlags {
  std::string config_file;
  std::string bootstrap_servers;
  std::string timeout;
  std::string output;
  std::vector<std::string> reasons;
  std::string since;
  std::string until;
  std::vector<kafka::PartitionId> partitions;
  kafka::Offset from_offset = -1;
  kafka::Offset to_offset = -1;
  std::int64_t limit = -1;
  double rate = 0;
  std::string transform_timeout;
  std::string file;
  std::string keep_copy;
  bool no_copy = false;
  std::string by;
};

using cli::NotEmpty;
using cli::OneOf;

const CLI::Validator kTimeout(
    [](const std::string& text) {
      using std::chrono_literals::operator""ms;
      const auto duration = ParseDuration(text);
      if (duration && *duration >= 100ms && *duration <= std::chrono::hours(24))
        return std::string();
      return "must be a duration like 30s or 5m, from 100ms to 1d, got '" + text + "'";
    },
    "");

const CLI::Validator kInstantOrAge(
    [](const std::string& text) {
      if (ParseDuration(text) || deadletters::ParseInstant(text)) return std::string();
      return "must be an instant like 2026-01-31T12:00:00Z or an age like 2h, got '" + text + "'";
    },
    "");

const CLI::Validator kRate(
    [](const std::string& text) {
      double number = 0;
      if (CLI::detail::lexical_cast(text, number) && number >= 0.001 && number <= 1e9) {
        return std::string();
      }
      return "must be a number from 0.001 to 1000000000, got '" + text + "'";
    },
    "");

CLI::Validator WholeNumber(std::int64_t min) {
  return CLI::Validator(
      [min](const std::string& text) {
        constexpr std::int64_t kMax = (std::int64_t{1} << 62) - 1;
        std::int64_t number = 0;
        if (CLI::detail::lexical_cast(text, number) && number >= min && number <= kMax) {
          return std::string();
        }
        return "must be a whole number, at least " + std::to_string(min) + ", got '" + text + "'";
      },
      "");
}

CLI::Option* Text(CLI::App& app, const char* name, std::string& into, const char* help) {
  return app.add_option(name, into, help)->check(NotEmpty())->type_name("TEXT");
}

void AddGlobalFlags(CLI::App& app, RawFlags& raw, Flags& flags) {
  Text(app, "--config.file", raw.config_file, "backlogd's configuration file")->type_name("FILE");
  Text(app, "--kafka.bootstrap-servers", raw.bootstrap_servers,
       "Brokers to ask first, \"host:port,host:port\" (default localhost:9092)")
      ->type_name("LIST");
  Text(app, "--kafka.cluster", flags.cluster, "Which cluster of the file, if it has several")
      ->type_name("NAME");
  app.add_option("--timeout", raw.timeout, "How long Kafka may take for an answer (default 30s)")
      ->check(kTimeout)
      ->type_name("TIME");
  app.add_option("--output", raw.output, "text or json (default text)")
      ->check(OneOf({"text", "json"}))
      ->type_name("FORMAT");
  app.add_flag("--dry-run", flags.dry_run, "Show what would be done, and write nothing");
  app.add_flag("--yes", flags.yes, "Do not ask before anything is written");
  app.set_version_flag("--version", cli::VersionLine("backlogd-dlq"), "Print the version and end");
  app.set_help_flag("--help,-h", "Print this and end");
}

void AddFilters(CLI::App& app, RawFlags& raw, Flags& flags) {
  app.add_option("TOPIC", flags.topic, "The dead-letter queue")->required()->check(NotEmpty());
  app.add_flag("--any-topic", flags.any_topic, "Even if the topic is not known to be such a queue");
  app.add_option("--reason", raw.reasons,
                 "retries_exhausted, format, business, timeout, permission or unknown; may be "
                 "given several times")
      ->allow_extra_args(false)
      ->check(
          OneOf({"retries_exhausted", "format", "business", "timeout", "permission", "unknown"}))
      ->type_name("REASON");
  Text(app, "--source-topic", flags.filters.source_topic, "Records that came from this topic")
      ->type_name("NAME");
  for (auto [name, into, help] :
       {std::tuple("--since", &raw.since, "Records of this time or later: 2026-01-31T12:00Z or 2h"),
        std::tuple("--until", &raw.until, "Records of this time or earlier")}) {
    app.add_option(name, *into, help)->check(kInstantOrAge)->type_name("TIME");
  }
  app.add_option("--partition", raw.partitions, "Of the queue; may be given several times")
      ->allow_extra_args(false)
      ->check(CLI::NonNegativeNumber)
      ->type_name("NUMBER");
  for (auto [name, into, help] : {std::tuple("--from-offset", &raw.from_offset, "This and later"),
                                  std::tuple("--to-offset", &raw.to_offset, "This and earlier")}) {
    app.add_option(name, *into, help)->check(WholeNumber(0))->type_name("NUMBER");
  }
  Text(app, "--text", flags.filters.text, "Records that have this in key, value or a header");
  Text(app, "--exception", flags.filters.exception, "Records with this in an exception's class");
  app.add_option("--limit", raw.limit, "No more records than this")
      ->check(WholeNumber(1))
      ->type_name("NUMBER");
}

void AddHandlingFlags(CLI::App& app, Flags& flags) {
  app.add_flag("--again", flags.again, "Records too that were handled before");
  app.add_option("--batch", flags.batch, "Records of one transaction (default 500)")
      ->check(CLI::Range(1, 100'000))
      ->type_name("NUMBER");
}

void AddList(CLI::App& app, Flags& flags) {
  app.add_option("--sample", flags.sample,
                 "Records of each queue that are read for their reasons; 0: none (default 1000)")
      ->check(WholeNumber(0))
      ->type_name("NUMBER");
}

void AddShow(CLI::App& app, RawFlags& raw, Flags& flags) {
  AddFilters(app, raw, flags);
  app.add_flag("--all", flags.all, "Records too that were handled before");
  app.add_flag("--full", flags.full, "All of long keys, values, headers and messages");
  app.add_flag("--mark-reviewed", flags.mark_reviewed, "Note that what is shown is handled");
}

void AddRedeliver(CLI::App& app, RawFlags& raw, Flags& flags) {
  AddFilters(app, raw, flags);
  AddHandlingFlags(app, flags);
  Text(app, "--to", flags.to, "The topic (default: the one that each record came from)")
      ->type_name("NAME");
  app.add_flag("--keep-timestamp", flags.keep_timestamp,
               "With the timestamp of the record it was made of");
  app.add_flag("--strip-death-headers", flags.strip_death_headers,
               "Without the headers that tell where and why it died");
  app.add_option("--max-redeliveries", flags.max_redeliveries,
                 "Leave records that were redelivered so often (default 3)")
      ->check(CLI::Range(1, 1'000'000))
      ->type_name("NUMBER");
  app.add_option("--rate", raw.rate, "Records a second at most")->check(kRate)->type_name("NUMBER");
  Text(app, "--transform", flags.transform,
       "Shell command that mends a record: JSON on stdin; the mended one, or nothing to leave "
       "it, on stdout")
      ->type_name("COMMAND");
  app.add_option("--transform-timeout", raw.transform_timeout, "For one record (default 30s)")
      ->check(kTimeout)
      ->type_name("TIME");
}

void AddLog(CLI::App& app, RawFlags& raw, Flags& flags) {
  AddFilters(app, raw, flags);
  AddHandlingFlags(app, flags);
  Text(app, "--file", raw.file, "Appended to; gzip if it ends in .gz (default: standard output)")
      ->type_name("FILE");
  app.add_flag("--leave-pending", flags.leave_pending, "Do not note that they are handled");
}

void AddDiscard(CLI::App& app, RawFlags& raw, Flags& flags) {
  AddFilters(app, raw, flags);
  AddHandlingFlags(app, flags);
  Text(app, "--reason-for-discarding", flags.reason_for_discarding, "Kept with the copy")
      ->required();
  auto* no_copy = app.add_flag("--no-copy", raw.no_copy, "Keep no copy");
  Text(app, "--keep-copy", raw.keep_copy, "File for a copy, appended to; gzip if it ends in .gz")
      ->type_name("FILE")
      ->excludes(no_copy);
  app.add_option("--by", raw.by,
                 "commit: note that they are handled (default); delete-records: "
                 "delete them from Kafka too")
      ->check(OneOf({"commit", "delete-records"}))
      ->type_name("WAY");
}

[[noreturn]] void Refuse(const std::string& message) {
  throw UsageError(message +
                   "\nbacklogd-dlq --help lists the commands, backlogd-dlq COMMAND --help "
                   "its flags");
}

WallTime InstantOf(const std::string& text, WallTime now) {
  if (const auto age = ParseDuration(text)) return now - *age;
  return *deadletters::ParseInstant(text);
}

void CookFilters(const RawFlags& raw, WallTime now, Filters& filters) {
  for (const std::string& reason : raw.reasons) {
    filters.reasons.push_back(*deadletters::ParseReason(reason));
  }
  if (!raw.since.empty()) filters.since = InstantOf(raw.since, now);
  if (!raw.until.empty()) filters.until = InstantOf(raw.until, now);
  filters.partitions = raw.partitions;
  if (raw.from_offset >= 0) filters.from_offset = raw.from_offset;
  if (raw.to_offset >= 0) filters.to_offset = raw.to_offset;
  if (filters.from_offset && filters.to_offset && *filters.from_offset > *filters.to_offset) {
    Refuse("--from-offset: must not be above --to-offset");
  }
  if (filters.since && filters.until && *filters.since > *filters.until) {
    Refuse("--since: must not be later than --until");
  }
}

void CookDiscard(const RawFlags& raw, Flags& flags) {
  flags.file = raw.keep_copy;
  if (raw.by == "delete-records") flags.discard_by = Flags::DiscardBy::kDeleteRecords;
  if (raw.keep_copy.empty() && !raw.no_copy) {
    Refuse("discard: --keep-copy FILE is needed; --no-copy if there is to be none");
  }
  if (flags.discard_by != Flags::DiscardBy::kDeleteRecords) return;
  if (LeavesGaps(flags.filters) || flags.again) {
    Refuse(
        "--by delete-records: deletes all up to an offset, so that it goes only with --partition, "
        "--to-offset and --limit; use --by commit with other filters");
  }
}

void Cook(const RawFlags& raw, WallTime now, Flags& flags) {
  if (!raw.config_file.empty()) flags.config_file = raw.config_file;
  if (!raw.bootstrap_servers.empty()) flags.bootstrap_servers = raw.bootstrap_servers;
  if (!raw.timeout.empty()) flags.timeout = *ParseDuration(raw.timeout);
  flags.json = raw.output == "json";
  CookFilters(raw, now, flags.filters);
  if (raw.limit >= 0) flags.limit = static_cast<std::uint64_t>(raw.limit);
  if (raw.rate > 0) flags.rate = raw.rate;
  if (!raw.transform_timeout.empty())
    flags.transform_timeout = *ParseDuration(raw.transform_timeout);
  if (!raw.file.empty()) flags.file = raw.file;
  if (flags.command == Flags::Command::kDiscard) CookDiscard(raw, flags);
}

struct CommandWords {
  Flags::Command command;
  const char* name;
  const char* help;
  void (*add)(CLI::App&, RawFlags&, Flags&);
};
constexpr CommandWords kCommands[] = {
    {Flags::Command::kList, "list", "The dead-letter queues of a cluster",
     [](CLI::App& app, RawFlags&, Flags& flags) { AddList(app, flags); }},
    {Flags::Command::kShow, "show", "Records of a queue, for review", &AddShow},
    {Flags::Command::kRedeliver, "redeliver", "Send records to where they came from",
     &AddRedeliver},
    {Flags::Command::kLog, "log", "Write records to a file, as lines of JSON", &AddLog},
    {Flags::Command::kDiscard, "discard", "Give records up", &AddDiscard},
};

Flags Print(std::string text) {
  Flags flags;
  flags.text = std::move(text);
  if (!flags.text.ends_with('\n')) flags.text += '\n';
  return flags;
}

}  // namespace

Flags ParseFlags(std::span<const char* const> args, WallTime now) {
  CLI::App app("Handles what lies in the dead-letter queues of Apache Kafka.", "backlogd-dlq");
  RawFlags raw;
  Flags flags;
  AddGlobalFlags(app, raw, flags);
  app.require_subcommand(1);
  for (const CommandWords& words : kCommands) {
    CLI::App* command = app.add_subcommand(words.name, words.help)->fallthrough();
    words.add(*command, raw, flags);
    command->callback([&flags, which = words.command] { flags.command = which; });
  }
  if (const auto problem = cli::FindEmptyValue(args)) Refuse(*problem);
  try {
    app.parse(static_cast<int>(args.size()), args.data());
  } catch (const CLI::CallForHelp&) {
    return Print(app.help());
  } catch (const CLI::CallForVersion& e) {
    return Print(e.what());
  } catch (const CLI::ParseError& e) {
    if (const auto problem = cli::FindRepetition(app)) Refuse(*problem);
    for (const CLI::App* command : app.get_subcommands()) {
      if (const auto problem = cli::FindRepetition(*command)) Refuse(*problem);
    }
    if (app.get_subcommands().empty() && !app.remaining().empty()) {
      Refuse("there is no command '" + app.remaining().front() + "'");
    }
    Refuse(e.what());
  }
  Cook(raw, now, flags);
  return flags;
}

}  // namespace backlogd::dlq
