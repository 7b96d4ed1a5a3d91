#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <fstream>

#include "child_process.h"
#include "notify_socket.h"

// The program as it is shipped, without a Kafka that answers.
namespace backlogd::app {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

constexpr std::chrono::milliseconds kSoon = 1s;  // it has promised to stop within that
constexpr std::chrono::milliseconds kPatience = 20s;

std::vector<std::string> Command(std::vector<std::string> args) {
  args.insert(args.begin(), BACKLOGD_BINARY);
  return args;
}

struct Outcome {
  std::optional<int> status;
  std::string out;
  std::string err;
};

Outcome RunToItsEnd(const std::vector<std::string>& args) {
  ChildProcess process(Command(args));
  const std::optional<int> status = process.Wait(kPatience);
  return {status, process.out(), process.err()};
}

// The value of `key` in a line of logfmt.
std::string Field(const std::string& line, const std::string& key) {
  const std::size_t begin = line.find(" " + key + "=");
  if (begin == std::string::npos) return "";
  const std::size_t value = begin + key.size() + 2;
  return line.substr(value, line.find(' ', value) - value);
}

class Daemon {
 public:
  explicit Daemon(const std::string& kafka, std::vector<std::string> args = {})
      : process_(Command(All(kafka, std::move(args)))),
        address_(Field(process_.WaitForLine("\"listening\""), "address")) {}

  ChildProcess& process() { return process_; }
  const std::string& address() const { return address_; }

 private:
  static std::vector<std::string> All(const std::string& kafka, std::vector<std::string> args) {
    args.push_back("--kafka.bootstrap-servers=" + kafka);
    args.emplace_back("--web.listen-address=127.0.0.1:0");
    return args;
  }

  ChildProcess process_;
  std::string address_;
};

class ConfigFile {
 public:
  explicit ConfigFile(const std::string& content)
      : path_(testing::TempDir() + "backlogd_binary_test_" + std::to_string(getpid()) + "_" +
              std::to_string(++count_) + ".yaml") {
    std::ofstream(path_) << content;
  }
  ~ConfigFile() { unlink(path_.c_str()); }
  const std::string& path() const { return path_; }

 private:
  static inline int count_ = 0;
  std::string path_;
};

TEST(Binary, TellsItsVersion) {
  const Outcome outcome = RunToItsEnd({"--version"});
  EXPECT_EQ(outcome.status, 0);
  EXPECT_TRUE(outcome.out.starts_with("backlogd " BACKLOGD_VERSION " (revision ")) << outcome.out;
  EXPECT_EQ(outcome.err, "");
}

TEST(Binary, ExplainsItself) {
  const Outcome outcome = RunToItsEnd({"--help"});
  EXPECT_EQ(outcome.status, 0);
  EXPECT_NE(outcome.out.find("--kafka.bootstrap-servers"), std::string::npos) << outcome.out;
  EXPECT_EQ(outcome.err, "");
}

TEST(Binary, RefusesWrongUsage) {
  const Outcome outcome = RunToItsEnd({"--no-such-flag"});
  EXPECT_EQ(outcome.status, 2);
  EXPECT_NE(outcome.err.find("--no-such-flag"), std::string::npos) << outcome.err;
  EXPECT_EQ(outcome.out, "");
}

TEST(Binary, ApprovesAGoodConfiguration) {
  const ConfigFile file("clusters:\n  - name: prod\n    bootstrap_servers: 'localhost:1'\n");
  const Outcome outcome = RunToItsEnd({"--check-config", "--config.file=" + file.path()});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_EQ(outcome.out, file.path() + " is fine; clusters: prod\n");
  const ConfigFile web("http_server_config: {http2: false}\n");
  EXPECT_EQ(RunToItsEnd({"--check-config", "--config.file=" + file.path(),
                         "--web.config.file=" + web.path()})
                .out,
            web.path() + " is fine\n" + outcome.out);
}

TEST(Binary, SaysWhatIsWrongWithAConfiguration) {
  const ConfigFile file("clusters:\n  - nam: prod\n");
  for (const std::string action : {"--check-config", "--once", "--log.level=info"}) {
    const Outcome outcome = RunToItsEnd({action, "--config.file", file.path()});
    EXPECT_EQ(outcome.status, 1) << action;
    EXPECT_NE(outcome.err.find(".yaml:2:5: clusters[0].nam: "), std::string::npos) << outcome.err;
    EXPECT_EQ(outcome.out, "");
  }
}

TEST(Binary, ChecksThePropertiesOfTheKafkaClientWithoutShowingThem) {
  const ConfigFile file("clusters:\n  - properties: {sasl.pasword: plantedSecret-of-a-test}\n");
  const Outcome outcome = RunToItsEnd({"--check-config", "--config.file", file.path()});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_EQ(outcome.err, "backlogd: " + file.path() +
                             ":2:32: clusters[0].properties.sasl.pasword: librdkafka has no such "
                             "property, or was built without it\n");
  EXPECT_EQ(outcome.err.find("plantedSecret-of-a-test"), std::string::npos) << outcome.err;
}

TEST(Binary, FindsAPropertyOfTheKafkaClientInTheFile) {
  const ConfigFile file(
      "clusters:\n  - name: a\n  - name: b\n    properties:\n      socket.timeout.ms: 5\n");
  for (const std::string action : {"--check-config", "--once", "--log.level=info"}) {
    const Outcome outcome =
        RunToItsEnd({action, "--web.listen-address=127.0.0.1:0", "--config.file", file.path()});
    EXPECT_EQ(outcome.status, 1);
    EXPECT_NE(outcome.err.find(file.path() + ":5:26: clusters[1].properties.socket.timeout.ms: "),
              std::string::npos)
        << outcome.err;
  }
}

TEST(Binary, SaysThatAPortIsBusy) {
  const SilentPort busy;  // and a Kafka about which there is nothing to log
  const Outcome outcome = RunToItsEnd(
      {"--web.listen-address", busy.address(), "--kafka.bootstrap-servers", busy.address()});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_NE(outcome.err.find(busy.address()), std::string::npos) << outcome.err;
  EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1) << outcome.err;
}

TEST(Binary, PollsOnceAndSaysWhatFailed) {
  const ConfigFile file(
      "clusters:\n  - {name: dead, bootstrap_servers: '127.0.0.1:1'}\n"
      "poll: {interval: 1s, timeout: 500ms}\n");
  const Outcome outcome = RunToItsEnd({"--once", "--config.file", file.path()});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_NE(outcome.out.find("backlogd_up{kafka_cluster=\"dead\"} 0\n"), std::string::npos)
      << outcome.out;
  EXPECT_NE(outcome.err.find("step=metadata"), std::string::npos) << outcome.err;
}

TEST(Binary, SaysWhatFailedOnceEvenIfToldToSayErrorsOnly) {
  const std::string polls =
      "clusters:\n  - {bootstrap_servers: '127.0.0.1:1'}\npoll: {interval: 1s, timeout: 500ms}\n";
  const ConfigFile file(polls + "log: {level: error}\n");
  for (const std::string level : {"--log.level=error", "--log.level=warn", ""}) {
    std::vector<std::string> args = {"--once", "--config.file", file.path()};
    if (!level.empty()) args.push_back(level);
    const Outcome outcome = RunToItsEnd(args);
    EXPECT_EQ(outcome.status, 1);
    EXPECT_NE(outcome.err.find("step=metadata"), std::string::npos) << level << outcome.err;
  }
}

TEST(Binary, FailsIfStandardOutputCannotBeWritten) {
  for (const std::string action :
       {"--help", "--version", "--check-config", "--once --kafka.bootstrap-servers=127.0.0.1:1"}) {
    ChildProcess process({"/bin/sh", "-c", BACKLOGD_BINARY " " + action + " >/dev/full"});
    EXPECT_EQ(process.Wait(kPatience), 1) << action;
    EXPECT_NE(process.err().find("standard output cannot be written"), std::string::npos)
        << action << process.err();
  }
}

TEST(Binary, ServesWhileKafkaIsSilent) {
  const SilentPort kafka;
  Daemon daemon(kafka.address());
  EXPECT_TRUE(HttpGet(daemon.address(), "/-/healthy").starts_with("HTTP/1.1 200 "));
  EXPECT_TRUE(HttpGet(daemon.address(), "/-/ready").starts_with("HTTP/1.1 503 "));
  EXPECT_NE(HttpGet(daemon.address(), "/").find("href=\"./metrics\""), std::string::npos);
  const std::string metrics = HttpGet(daemon.address(), "/metrics");
  EXPECT_NE(metrics.find("backlogd_build_info{version=\"" BACKLOGD_VERSION "\""), std::string::npos)
      << metrics;
}

TEST(Binary, IsReadyAfterAFailedPollToo) {
  const ConfigFile file("poll: {interval: 1s, timeout: 100ms}\n");
  Daemon daemon("127.0.0.1:1", {"--config.file", file.path()});
  ASSERT_NE(daemon.process().WaitForLine("cluster is not up"), "");
  EXPECT_TRUE(HttpGet(daemon.address(), "/-/ready").starts_with("HTTP/1.1 200 "));
}

TEST(Binary, StopsSoonInTheMiddleOfAPoll) {
  const SilentPort silent;
  for (const std::string& kafka : {silent.address(), std::string("127.0.0.1:1")}) {
    for (const int signal : {SIGTERM, SIGINT}) {
      Daemon daemon(kafka);
      ASSERT_NE(daemon.address(), "") << daemon.process().err();
      daemon.process().Signal(signal);
      EXPECT_EQ(daemon.process().Wait(kSoon), 0) << kafka << daemon.process().err();
      EXPECT_NE(daemon.process().err().find("msg=\"stopping\""), std::string::npos);
    }
  }
}

TEST(Binary, TellsSystemdWhatItIsAt) {
  const NotifySocket systemd("binary");
  setenv("NOTIFY_SOCKET", systemd.name().c_str(), 1);
  setenv("WATCHDOG_USEC", "200000", 1);
  const SilentPort kafka;
  Daemon daemon(kafka.address());
  unsetenv("NOTIFY_SOCKET");
  unsetenv("WATCHDOG_USEC");
  EXPECT_EQ(systemd.Next(), "READY=1");
  EXPECT_NE(HttpGet(daemon.address(), "/-/healthy"), "");
  for (int i = 0; i < 3; ++i) EXPECT_EQ(systemd.Next(), "WATCHDOG=1");
  daemon.process().Signal(SIGTERM);
  std::string last = systemd.Next();
  while (last == "WATCHDOG=1") last = systemd.Next();
  EXPECT_EQ(last, "STOPPING=1");
  EXPECT_EQ(daemon.process().Wait(kPatience), 0);
}

TEST(Binary, EndsAtOnceOnASecondSignal) {
  const SilentPort kafka;
  Daemon daemon(kafka.address());
  daemon.process().Signal(SIGTERM);
  ASSERT_NE(daemon.process().WaitForLine("msg=\"stopping\""), "");
  daemon.process().Signal(SIGTERM);
  EXPECT_EQ(daemon.process().Wait(300ms), 0);
}

TEST(Binary, GoesOnAfterAHangup) {
  const SilentPort kafka;
  Daemon daemon(kafka.address());
  daemon.process().Signal(SIGHUP);
  EXPECT_NE(daemon.process().WaitForLine("configuration reloaded"), "");
  EXPECT_TRUE(HttpGet(daemon.address(), "/-/healthy").starts_with("HTTP/1.1 200 "));
}

TEST(Binary, LogsJsonWhenAsked) {
  const SilentPort kafka;
  Daemon daemon(kafka.address(), {"--log.format=json"});
  EXPECT_TRUE(daemon.process().WaitForLine("\"msg\":\"listening\"").starts_with("{\"ts\":\""));
}

}  // namespace
}  // namespace backlogd::app
