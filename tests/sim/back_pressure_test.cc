#include "sim/back_pressure.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <string>
#include <thread>

#include "http/http_server.h"

namespace backlogd::sim {
namespace {

using namespace std::chrono_literals;

TEST(OverLimit, HoldsBothLimitsAgainstTheTopic) {
  struct Case {
    std::int64_t max_records;
    std::chrono::milliseconds max_time;
    TopicBacklog backlog;
    const char* why;
  };
  const Case cases[] = {
      {100, 0ms, {101, {}}, "a group has yet to read 101 records of t, more than 100"},
      {100, 0ms, {100, 1e9}, ""},
      {0, 60s, {1e9, 60.5}, "a group is 61 s behind on t, more than 1m"},
      {0, 60s, {1e9, 60}, ""},
      {0, 60s, {1e9, {}}, ""},
      {100, 60s, {101, 61}, "a group has yet to read 101 records of t, more than 100"},
      {0, 0ms, {1e9, 1e9}, ""},
  };
  for (const Case& c : cases) {
    config::BackPressure limits;
    limits.max_lag_records = c.max_records;
    limits.max_lag_time = c.max_time;
    const Backlogs backlogs = {{"t", c.backlog}};
    EXPECT_EQ(OverLimit(limits, backlogs, "t").value_or(""), c.why);
    EXPECT_FALSE(OverLimit(limits, backlogs, "other"));
  }
}

class CountingLog : public Log {
 public:
  void Write(LogLevel, std::string_view, std::initializer_list<LogField>) override { ++lines; }
  std::atomic<int> lines = 0;
};

template <typename Condition>
bool Eventually(Condition condition) {
  const Deadline give_up = std::chrono::steady_clock::now() + 10s;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > give_up) return false;
    std::this_thread::sleep_for(1ms);
  }
  return true;
}

// A backlogd that answers with its backlog, or not.
struct Site {
  CountingLog log;
  std::atomic<int> lag = 500;
  std::atomic<bool> up = true;
  http::HttpServer server{Options(), log};

  http::ServerOptions Options() {
    http::ServerOptions options;
    options.listen_addresses = {"127.0.0.1:0"};
    options.routes["/metrics"] = [this](const http::Request&) {
      http::Response response;
      if (!up) response.status = 503;
      response.body =
          R"(backlogd_group_topic_lag_records{group="g",topic="t"} )" + std::to_string(lag) + "\n";
      return response;
    };
    return options;
  }

  config::BackPressure Settings() const {
    config::BackPressure settings;
    settings.url = "http://127.0.0.1:" + std::to_string(server.ports().at(0)) + "/metrics";
    settings.max_lag_records = 100;
    settings.interval = 20ms;
    return settings;
  }
};

Deadline Now() { return std::chrono::steady_clock::now(); }

TEST(BackPressure, FollowsTheBacklog) {
  Site site;
  const BackPressure pressure(site.Settings(), site.log);
  EXPECT_TRUE(Eventually([&] { return pressure.HoldsBack("t", Now()).has_value(); }));
  EXPECT_FALSE(pressure.HoldsBack("u", Now()));
  site.lag = 7;
  EXPECT_TRUE(Eventually([&] { return !pressure.HoldsBack("t", Now()); }));
}

TEST(BackPressure, HoldsNothingBackWhenTheAnswerIsOld) {
  Site site;
  config::BackPressure settings = site.Settings();
  settings.interval = 500ms;
  const BackPressure pressure(settings, site.log);
  EXPECT_TRUE(Eventually([&] { return pressure.HoldsBack("t", Now()).has_value(); }));
  EXPECT_FALSE(pressure.HoldsBack("t", Now() + 3s));
}

TEST(BackPressure, SaysThatTheBacklogIsUnknown) {
  Site site;
  site.up = false;
  const BackPressure pressure(site.Settings(), site.log);
  EXPECT_TRUE(Eventually([&] { return site.log.lines > 0; }));
  EXPECT_FALSE(pressure.HoldsBack("t", Now()));
}

TEST(BackPressure, AsksNobodyWithoutAUrl) {
  CountingLog log;
  const BackPressure pressure({}, log);
  EXPECT_FALSE(pressure.HoldsBack("t", Now()));
}

}  // namespace
}  // namespace backlogd::sim
