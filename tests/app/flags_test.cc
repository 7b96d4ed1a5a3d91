#include "app/flags.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

namespace backlogd::app {
namespace {

Flags Parse(std::vector<const char*> args) {
  args.insert(args.begin(), "backlogd");
  return ParseFlags(args);
}

std::string UsageErrorOf(const std::vector<const char*>& args) {
  try {
    Parse(args);
  } catch (const UsageError& e) {
    return e.what();
  }
  return "no error";
}

// A configuration file that is gone when the test is.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string& content)
      : path_(testing::TempDir() + "backlogd_flags_test_" + std::to_string(getpid()) + ".yaml") {
    std::ofstream(path_) << content;
  }
  ~TemporaryFile() { std::filesystem::remove(path_); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

TEST(ParseFlags, LeavesToTheConfigurationWhatIsNotGiven) {
  const Flags flags = Parse({});
  EXPECT_EQ(flags.action, Flags::Action::kServe);
  EXPECT_FALSE(flags.config_file || flags.bootstrap_servers || flags.telemetry_path);
  EXPECT_FALSE(flags.log_level || flags.log_format);
  EXPECT_TRUE(flags.listen_addresses.empty());
  EXPECT_EQ(LoadConfig(flags), config::Config{});
}

TEST(ParseFlags, TakesValuesAfterABlankAndAfterAnEqualsSign) {
  for (const auto& args :
       {std::vector{"--config.file=a.yaml", "--kafka.bootstrap-servers=b:1,c:2",
                    "--web.telemetry-path=/m", "--log.level=warn", "--log.format=json"},
        std::vector{"--config.file", "a.yaml", "--kafka.bootstrap-servers", "b:1,c:2",
                    "--web.telemetry-path", "/m", "--log.level", "warn", "--log.format", "json"}}) {
    const Flags flags = Parse(args);
    EXPECT_EQ(flags.config_file, "a.yaml");
    EXPECT_EQ(flags.bootstrap_servers, "b:1,c:2");
    EXPECT_EQ(flags.telemetry_path, "/m");
    EXPECT_EQ(flags.log_level, LogLevel::kWarning);
    EXPECT_EQ(flags.log_format, config::LogFormat::kJson);
  }
}

TEST(ParseFlags, CollectsListenAddresses) {
  const Flags flags =
      Parse({"--web.listen-address=:1", "--web.listen-address", "[::1]:2", "--once"});
  EXPECT_EQ(flags.listen_addresses, (std::vector<std::string>{":1", "[::1]:2"}));
  EXPECT_EQ(flags.action, Flags::Action::kOnce);
}

TEST(ParseFlags, ShowsEveryFlagInTheHelp) {
  const Flags flags = Parse({"--help"});
  ASSERT_EQ(flags.action, Flags::Action::kPrint);
  for (const char* flag : {"--config.file", "--kafka.bootstrap-servers", "--web.listen-address",
                           "--web.telemetry-path", "--log.level", "--log.format", "--check-config",
                           "--once", "--version", "--help"}) {
    EXPECT_NE(flags.text.find(flag), std::string::npos) << flag;
  }
}

TEST(ParseFlags, SaysWhatIsWrong) {
  struct Case {
    std::vector<const char*> args;
    std::string_view expected;  // part of the message
  };
  const std::vector<Case> cases = {
      {{"--web.listen-addres=:1"}, "--web.listen-addres=:1"},
      {{"orders"}, "orders"},
      {{"--web.listen-address=:1", ":2"}, ":2"},
      {{"--web.listen-address", ":1", ":2"}, ":2"},
      {{"--config.file"}, "--config.file"},
      {{"--config.file="}, "--config.file"},
      {{"--config.file=a", "--config.file=b"}, "--config.file: given twice"},
      {{"--log.level=info", "--log.level", "info"}, "--log.level: given twice"},
      {{"--kafka.bootstrap-servers="}, "--kafka.bootstrap-servers"},
      {{"--kafka.bootstrap-servers=", "--check-config"},
       "--kafka.bootstrap-servers: must not be empty"},
      {{"--config.file=", "--log.level=info"}, "--config.file: must not be empty"},
      {{"--log.level=", "--once"}, "--log.level: must not be empty"},
      {{"--web.listen-address=", "--once"}, "--web.listen-address: must not be empty"},
      {{"--once="}, "--once: must not be empty"},
      {{"--web.telemetry-path", ""}, "--web.telemetry-path: must not be empty"},
      {{"--log.level=loud"}, "must be one of debug error info warn, got 'loud'"},
      {{"--log.format=xml"}, "must be one of json logfmt, got 'xml'"},
      {{"--once", "--check-config"}, "--once"},
  };
  for (const Case& c : cases) {
    const std::string message = UsageErrorOf(c.args);
    EXPECT_NE(message.find(c.expected), std::string::npos) << c.args[0] << ": " << message;
    EXPECT_NE(message.find("backlogd --help"), std::string::npos) << message;
  }
}

TEST(LoadConfig, PutsFlagsOverTheFile) {
  const TemporaryFile file(
      "clusters:\n  - name: prod\n    bootstrap_servers: old:9092\n"
      "web:\n  listen_addresses: [':1']\n");
  Flags flags = Parse({"--kafka.bootstrap-servers=new:9092", "--web.listen-address=:2",
                       "--web.telemetry-path=/m", "--log.level=debug", "--log.format=json"});
  flags.config_file = file.path();
  const config::Config config = LoadConfig(flags);
  ASSERT_EQ(config.clusters.size(), 1U);
  EXPECT_EQ(config.clusters[0].name, "prod");
  EXPECT_EQ(config.clusters[0].bootstrap_servers, "new:9092");
  EXPECT_EQ(config.web.listen_addresses, std::vector<std::string>{":2"});
  EXPECT_EQ(config.web.telemetry_path, "/m");
  EXPECT_EQ(config.log.level, LogLevel::kDebug);
  EXPECT_EQ(config.log.format, config::LogFormat::kJson);
}

TEST(LoadConfig, RefusesBootstrapServersForSeveralClusters) {
  const TemporaryFile file(
      "clusters:\n  - {name: a, bootstrap_servers: 'a:1'}\n"
      "  - {name: b, bootstrap_servers: 'b:1'}\n");
  Flags flags = Parse({"--kafka.bootstrap-servers=new:9092"});
  flags.config_file = file.path();
  EXPECT_THROW(LoadConfig(flags), UsageError);
}

TEST(LoadConfig, NamesTheFlagWhoseValueIsWrong) {
  const std::pair<const char*, std::string_view> cases[] = {
      {"--kafka.bootstrap-servers=a:b", "--kafka.bootstrap-servers: must be host:port"},
      {"--web.listen-address=localhost", "--web.listen-address: must be host:port"},
      {"--web.listen-address=:70000", "--web.listen-address: must be host:port"},
      {"--web.telemetry-path=metrics", "--web.telemetry-path: must begin with /"},
      {"--web.telemetry-path=/-/ready", "--web.telemetry-path: \"/-/ready\" is another page"},
      {"--web.telemetry-path=/-/reload", "--web.telemetry-path: \"/-/reload\" is another page"},
      {"--web.telemetry-path=/", "--web.telemetry-path: \"/\" is another page"},
      {"--web.telemetry-path=/a?b", "hold only letters"},
  };
  for (const auto& [flag, expected] : cases) {
    try {
      LoadConfig(Parse({flag}));
      ADD_FAILURE() << flag << " was accepted";
    } catch (const UsageError& e) {
      const std::string message = e.what();
      EXPECT_NE(message.find(expected), std::string::npos) << message;
      EXPECT_NE(message.find("backlogd --help"), std::string::npos) << message;
    }
  }
}

TEST(LoadConfig, PassesOnWhatIsWrongWithTheFile) {
  const TemporaryFile file("cluster: []\n");
  Flags flags;
  flags.config_file = file.path();
  EXPECT_THROW(LoadConfig(flags), config::ConfigError);
}

}  // namespace
}  // namespace backlogd::app
