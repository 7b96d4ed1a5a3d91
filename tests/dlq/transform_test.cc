#include "dlq/transform.h"

#include <gtest/gtest.h>

#include <csignal>
#include <thread>

namespace backlogd::dlq {
namespace {

using std::chrono_literals::operator""s;

class TransformTest : public testing::Test {
 protected:
  TransformTest() { std::signal(SIGPIPE, SIG_IGN); }

  Result<std::optional<std::string>> Run(const std::string& command, const std::string& input,
                                         std::chrono::milliseconds timeout = 20s) {
    return Transform(command, timeout, stop_).Run(input);
  }

  cli::Stop stop_;
};

TEST_F(TransformTest, GivesWhatTheCommandWrites) {
  EXPECT_EQ(**Run("sed s/a/b/", "a\n"), "b\n");
  EXPECT_EQ(*Run("cat >/dev/null", "a"), std::nullopt);
  EXPECT_EQ(*Run("cat; echo ' '", ""), std::nullopt);
  EXPECT_EQ(**Run("echo x", std::string(1'000'000, 'y')), "x\n");  // reads none of it
}

TEST_F(TransformTest, MovesLargeTextsBothWays) {
  const std::string large(5'000'000, 'x');
  EXPECT_EQ(**Run("cat", large), large);
}

TEST_F(TransformTest, TellsHowTheCommandFailed) {
  EXPECT_EQ(Run("exit 3", "").error().message, "--transform: the command ended with status 3");
  EXPECT_EQ(Run("kill -9 $$", "").error().message,
            "--transform: the command was ended by signal 9");
  EXPECT_EQ(Run("/no/such/file 2>/dev/null", "").error().message,
            "--transform: the command ended with status 127");
}

TEST_F(TransformTest, EndsWhatTakesTooLong) {
  const auto begun = std::chrono::steady_clock::now();
  for (const char* command : {"cat; sleep 60", "exec >&-; sleep 60", "sleep 60 & sleep 60"}) {
    EXPECT_NE(Run(command, "a", std::chrono::milliseconds(200)).error().message.find("in time"),
              std::string::npos);
  }
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 30s);
}

TEST_F(TransformTest, EndsWhenTheProgramIsToStop) {
  std::jthread other([this] { stop_.Request(); });
  EXPECT_EQ(Run("cat; sleep 60", "a").error().kind, ErrorKind::kInterrupted);
}

TEST_F(TransformTest, AsksNowAndThenWhetherToGoOn) {
  const auto run =
      Transform("sleep 60", 20s, stop_).Run("", [calls = 0]() mutable { return ++calls < 3; });
  EXPECT_EQ(run.error().kind, ErrorKind::kInterrupted);
}

TEST_F(TransformTest, GivesTheCommandUsualSignals) {
  // With SIGPIPE ignored `yes` would complain and end with status 1.
  EXPECT_EQ(**Run("yes | head -n 1", ""), "y\n");
  EXPECT_EQ(**Run("grep -c SigBlk:.0*$ /proc/self/status", ""), "1\n");
}

}  // namespace
}  // namespace backlogd::dlq
