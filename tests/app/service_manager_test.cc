#include "app/service_manager.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>

#include "notify_socket.h"

namespace backlogd::app {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

constexpr std::chrono::microseconds kShort{20'000};

TEST(ServiceManager, TellsWhatTheProgramIsAt) {
  const NotifySocket systemd("tells");
  const ServiceManager manager(systemd.name(), std::nullopt);
  manager.Ready();
  EXPECT_EQ(systemd.Next(), "READY=1");
  manager.Reloading();
  const std::string reloading = systemd.Next();
  EXPECT_TRUE(reloading.starts_with("RELOADING=1\nMONOTONIC_USEC=")) << reloading;
  EXPECT_GT(std::stoll(reloading.substr(reloading.rfind('=') + 1)), 0);
  manager.Watchdog();
  EXPECT_EQ(systemd.Next(), "WATCHDOG=1");
  manager.Stopping();
  EXPECT_EQ(systemd.Next(), "STOPPING=1");
}

TEST(ServiceManager, SaysNothingWhereNobodyListens) {
  for (const std::string& socket : {std::string(), std::string("@"), std::string("@nobody-here"),
                                    std::string("/no/such/socket"), std::string(200, 'x')}) {
    ServiceManager(socket, std::nullopt).Ready();
  }
}

TEST(ServiceManager, ReadsAndRemovesWhatSystemdSet) {
  const std::string us = std::to_string(getpid());
  const struct {
    const char* socket;
    const char* time;
    const char* pid;
    std::optional<std::chrono::microseconds> watchdog;
  } cases[] = {
      {"@x", "3000000", us.c_str(), 3s},
      {"@x", "3000000", "", 3s},
      {"@x", "3000000", "1", {}},
      {"@x", "", "", {}},
      {"@x", "0", "", {}},
      {"@x", "soon", "", {}},
      {"@x", "10s", "", {}},
      {"", "3000000", "", {}},
  };
  for (const auto& c : cases) {
    setenv("NOTIFY_SOCKET", c.socket, 1);
    setenv("WATCHDOG_USEC", c.time, 1);
    setenv("WATCHDOG_PID", c.pid, 1);
    EXPECT_EQ(ServiceManager::FromEnvironment().watchdog(), c.watchdog) << c.time << ' ' << c.pid;
    for (const char* name : {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"}) {
      EXPECT_EQ(std::getenv(name), nullptr) << name;
    }
  }
}

TEST(SignsOfLife, AreGivenWhileAllIsWell) {
  const NotifySocket systemd("well");
  const ServiceManager manager(systemd.name(), kShort);
  const SignsOfLife signs(manager, [] { return true; });
  for (int i = 0; i < 3; ++i) EXPECT_EQ(systemd.Next(), "WATCHDOG=1");
}

TEST(SignsOfLife, AreNotGivenWhileSomethingHangsAndAreAgainOnceItGoesOn) {
  const NotifySocket systemd("hangs");
  const ServiceManager manager(systemd.name(), kShort);
  std::atomic<int> asked = 0;
  std::atomic<bool> lives = false;
  const SignsOfLife signs(manager, [&] {
    if (++asked == 10) lives = true;
    return lives.load();
  });
  EXPECT_EQ(systemd.Next(), "WATCHDOG=1");
  EXPECT_GE(asked, 10);
}

TEST(SignsOfLife, AskNobodyWhereNobodyWatches) {
  const NotifySocket systemd("unwatched");
  const ServiceManager manager(systemd.name(), std::nullopt);
  std::atomic<bool> asked = false;
  {
    const SignsOfLife signs(manager, [&] { return asked = true; });
  }
  EXPECT_FALSE(asked);
  EXPECT_EQ(systemd.Next(0ms), "");
}

TEST(SignsOfLife, EndAtOnce) {
  const NotifySocket systemd("end");
  const ServiceManager manager(systemd.name(), std::chrono::hours(2));
  {
    const SignsOfLife signs(manager, [] { return true; });
  }  // an hour would be seen
}

}  // namespace
}  // namespace backlogd::app
