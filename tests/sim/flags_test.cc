#include "sim/flags.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "sim/setting_flags.h"

namespace backlogd::sim {
namespace {

Flags Parse(std::vector<const char*> args) {
  args.insert(args.begin(), "backlogd-sim");
  return ParseFlags(args);
}

std::string ErrorOf(const std::vector<const char*>& args) {
  try {
    LoadSettings(Parse(args));
  } catch (const UsageError& e) {
    return e.what();
  }
  return "";
}

TEST(SimFlags, SetWhatTheFileCanSet) {
  const config::Sim sim = LoadSettings(
      Parse({"consume", "--kafka.bootstrap-servers=b:1", "--topic", "orders", "--group=g",
             "--members=3", "--failures.kinds=format,timeout", "--fault.kind=crash", "--for=10s"}));
  EXPECT_EQ(sim.cluster.bootstrap_servers, "b:1");
  EXPECT_EQ(sim.topic, "orders");
  EXPECT_EQ(sim.consume.group, "g");
  EXPECT_EQ(sim.consume.members, 3);
  EXPECT_EQ(sim.consume.failures.kinds.size(), 2u);
  EXPECT_EQ(sim.consume.fault.kind, config::Fault::kCrash);
  EXPECT_EQ(sim.length, std::chrono::seconds(10));
}

TEST(SimFlags, StandBeforeAndAfterTheCommand) {
  for (const Flags& flags : {Parse({"--output=json", "--topic=t", "verify"}),
                             Parse({"verify", "--topic", "t", "--output", "json"})}) {
    EXPECT_EQ(flags.command, Flags::Command::kVerify);
    EXPECT_TRUE(flags.json);
    EXPECT_EQ(flags.settings, (config::Overrides{{"topic", "t"}}));
  }
}

TEST(SimFlags, NameTheTopicToMeasureOnWhereverTheyStand) {
  for (const Flags& flags : {Parse({"--topic=t", "capacity"}), Parse({"capacity", "--topic=t"})}) {
    EXPECT_EQ(LoadSettings(flags).capacity.topic, "t");
  }
  EXPECT_EQ(LoadSettings(Parse({"--topic=t", "consume"})).topic, "t");
}

TEST(SimFlags, AreNamedInErrors) {
  EXPECT_EQ(ErrorOf({"consume", "--members=0"}).substr(0, 50),
            "--members: must be between 1 and 1000, got 0\nbackl");
  EXPECT_EQ(ErrorOf({"consume", "--failures.kinds=x"}).substr(0, 24), "--failures.kinds: must b");
  EXPECT_EQ(ErrorOf({"produce", "--web.listen-address=x"}).substr(0, 26),
            "--web.listen-address: must");
  EXPECT_EQ(ErrorOf({"consume", "--members=1", "--members=2"}).substr(0, 22),
            "--members: given twice");
  EXPECT_EQ(ErrorOf({"consume", "--members="}).substr(0, 27), "--members: must not be empt");
  EXPECT_EQ(ErrorOf({"eat"}).substr(0, 27), "there is no command 'eat'\nb");
  EXPECT_NE(ErrorOf({}), "");
  EXPECT_NE(ErrorOf({"consume", "--rate=3"}), "");
}

TEST(SimFlags, ExistForEachSettingOfACommandAndHaveHelp) {
  const std::set<std::string, std::less<>> maps = {
      "produce", "produce.push",     "produce.push.back_pressure",
      "consume", "consume.failures", "consume.fault",
      "verify",  "capacity"};
  std::vector<std::string> keys;
  for (const std::string& key : config::KnownSimKeys()) {
    const bool of_a_command = key.starts_with("produce") || key.starts_with("consume") ||
                              key.starts_with("verify") || key.starts_with("capacity");
    if (of_a_command && !maps.contains(key)) keys.push_back(key);
  }
  std::vector<std::string> flags;
  for (const SettingFlag& flag : SettingFlags()) {
    flags.emplace_back(flag.key);
    EXPECT_GT(flag.help.size(), 5u) << flag.key;
  }
  EXPECT_EQ(flags, keys);
}

TEST(SimFlags, PrintHelpAndVersion) {
  EXPECT_EQ(Parse({"--help"}).command, Flags::Command::kPrint);
  EXPECT_NE(Parse({"--help"}).text.find("capacity"), std::string::npos);
  EXPECT_NE(Parse({"consume", "--help"}).text.find("--failures.rate"), std::string::npos);
  EXPECT_EQ(Parse({"--version"}).text.substr(0, 13), "backlogd-sim ");
}

}  // namespace
}  // namespace backlogd::sim
