#include "dlq/flags.h"

#include <gtest/gtest.h>

namespace backlogd::dlq {
namespace {

constexpr WallTime kNow{std::chrono::milliseconds(1'800'000'000'000)};

Flags Parse(std::vector<const char*> args) {
  args.insert(args.begin(), "backlogd-dlq");
  return ParseFlags(args, kNow);
}

std::string ErrorOf(std::vector<const char*> args) {
  try {
    Parse(std::move(args));
  } catch (const UsageError& e) {
    return e.what();
  }
  return "";
}

TEST(Flags, StandBeforeAndAfterTheCommand) {
  for (const Flags& flags :
       {Parse({"--timeout", "5s", "--output=json", "--yes", "show", "orders-dlt"}),
        Parse({"show", "orders-dlt", "--timeout=5s", "--output", "json", "--yes"})}) {
    EXPECT_EQ(flags.command, Flags::Command::kShow);
    EXPECT_EQ(flags.topic, "orders-dlt");
    EXPECT_EQ(flags.timeout, 5s);
    EXPECT_TRUE(flags.json);
    EXPECT_TRUE(flags.yes);
  }
}

TEST(Flags, FilterRecords) {
  const Flags flags =
      Parse({"redeliver",   "q",           "--reason",    "format",  "--reason",
             "timeout",     "--since",     "2h",          "--until", "2027-01-15T08:00:00Z",
             "--partition", "0",           "--partition", "3",       "--from-offset",
             "5",           "--to-offset", "9",           "--text",  "x",
             "--exception", "IO",          "--limit",     "7",       "--rate",
             "0.5"});
  EXPECT_EQ(flags.filters.reasons.size(), 2U);
  EXPECT_EQ(flags.filters.since, kNow - std::chrono::hours(2));
  EXPECT_EQ(flags.filters.until, kNow);
  EXPECT_EQ(flags.filters.partitions, (std::vector<kafka::PartitionId>{0, 3}));
  EXPECT_EQ(flags.filters.from_offset, 5);
  EXPECT_EQ(flags.filters.to_offset, 9);
  EXPECT_EQ(flags.limit, 7U);
  EXPECT_EQ(flags.rate, 0.5);
}

TEST(Flags, HaveHelpForEachCommand) {
  EXPECT_NE(Parse({"--help"}).text.find("redeliver"), std::string::npos);
  EXPECT_NE(Parse({"redeliver", "--help"}).text.find("--max-redeliveries"), std::string::npos);
  EXPECT_EQ(Parse({"--version"}).text.find("backlogd-dlq "), 0U);
}

TEST(Flags, SayWhatIsWrong) {
  const struct {
    std::vector<const char*> args;
    const char* message;
  } cases[] = {
      {{}, "A subcommand is required"},
      {{"show"}, "TOPIC is required"},
      {{"purge", "q"}, "there is no command 'purge'"},
      {{"show", "q", "--reason", "bad"}, "--reason: must be one of retries_exhausted format"},
      {{"show", "q", "--since", "yesterday"}, "--since: must be an instant like"},
      {{"show", "q", "--limit", "-1"}, "--limit"},
      {{"show", "q", "--timeout", "0s"}, "--timeout: must be a duration"},
      {{"show", "q", "--text="}, "--text: must not be empty"},
      {{"show", "q", "--limit", "1", "--limit", "2"}, "--limit: given twice"},
      {{"show", "q", "--from-offset", "9", "--to-offset", "8"}, "--from-offset: must not be above"},
      {{"show", "q", "--limit", "0"}, "--limit: must be a whole number, at least 1, got '0'"},
      {{"show", "q", "--since", "1h", "--until", "2h"}, "--since: must not be later than --until"},
      {{"show", "q", "--to-offset=9223372036854775807"}, "--to-offset: must be a whole number"},
      {{"show", "q", "--from-offset=4611686018427387904"}, "--from-offset: must be a whole"},
      {{"show", "q", "--timeout=106751991d"},
       "--timeout: must be a duration like 30s or 5m, from "},
      {{"show", "q", "--timeout=99ms"}, "from 100ms to 1d, got '99ms'"},
      {{"redeliver", "q", "--transform-timeout=106751991d"}, "--transform-timeout: must be a dura"},
      {{"redeliver", "q", "--rate=1e-300"}, "--rate: must be a number from 0.001"},
      {{"redeliver", "q", "--rate=nan"}, "--rate: must be a number from 0.001"},
      {{"redeliver", "q", "--rate=1e300"}, "--rate: must be a number from 0.001"},
      {{"redeliver", "q", "--rate", "0"}, "--rate: must be a number from 0.001"},
      {{"redeliver", "q", "--batch", "0"}, "--batch"},
      {{"discard", "q", "--no-copy"}, "--reason-for-discarding is required"},
      {{"discard", "q", "--reason-for-discarding", "x"}, "--keep-copy FILE is needed"},
      {{"discard", "q", "--reason-for-discarding", "x", "--no-copy", "--keep-copy", "f"},
       "excludes"},
      {{"discard", "q", "--reason-for-discarding", "x", "--no-copy", "--by", "delete-records",
        "--reason", "format"},
       "--by delete-records: deletes all up to an offset"},
      {{"discard", "q", "--reason-for-discarding", "x", "--no-copy", "--by", "delete-records",
        "--again"},
       "--by delete-records"},
  };
  for (const auto& each : cases) {
    EXPECT_NE(ErrorOf(each.args).find(each.message), std::string::npos)
        << each.message << " <> " << ErrorOf(each.args);
  }
}

}  // namespace
}  // namespace backlogd::dlq
