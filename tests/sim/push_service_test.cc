#include "sim/push_service.h"

#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "sim/produce_site.h"

namespace backlogd::sim {
namespace {

using namespace std::chrono_literals;
using Json = nlohmann::json;

struct Site : ProduceSite {
  explicit Site(const config::SimPush& push = {}) { settings.produce.push = push; }

  // The rest is made when settings and cluster are as a test wants them.
  struct Running {
    explicit Running(Site& site) : session(site.Open()), topics(site.MakeClient()) {
      producer = site.MakeProducer({}, [this](const auto& delivery) { tally.Count(delivery); });
      service = std::make_unique<PushService>(session, *producer, tally, topics, pressure);
    }

    Session session;
    Tally tally;
    TopicDirectory topics;
    NoLog log;
    BackPressure pressure{{}, log};
    std::unique_ptr<kafka::RecordProducer> producer;
    std::unique_ptr<PushService> service;
  };

  Running& Run() {
    std::call_once(once, [this] { running = std::make_unique<Running>(*this); });
    return *running;
  }

  http::Response Push(const std::string& body) {
    http::Request request{};
    request.body = body;
    return Run().service->Push(request);
  }
  http::Response Push(int num, const std::string& topic = "usa.offer") {
    return Push(Json{{"num", num}, {"topic", topic}, {"data", "hello"}}.dump());
  }

  std::once_flag once;
  std::unique_ptr<Running> running;
};

TEST(Push, ProducesAndAnswersWhenAllIsAcknowledged) {
  Site site;
  const http::Response response =
      site.Push(R"({"num":3,"topic":"usa.offer","data":"hello","key":"k","headers":{"a":"b"}})");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.content_type, "application/json; charset=utf-8");
  const Json answer = Json::parse(response.body);
  EXPECT_EQ(answer["msg"], "push success");
  EXPECT_EQ(answer["num"], 3);
  EXPECT_EQ(answer["topic"], "usa.offer");
  EXPECT_EQ(answer["acknowledged"], 3);
  EXPECT_GE(answer["seconds"].get<double>(), 0);
  const auto written = site.written.Copy();
  ASSERT_EQ(written.size(), 3U);
  for (const FakeTopicLog::Written& record : written) {
    EXPECT_EQ(record.topic, "usa.offer");
    EXPECT_EQ(record.key, "k");
    EXPECT_EQ(record.value, "hello");
    const std::vector<std::pair<std::string, std::string>> headers = {{"a", "b"}};
    EXPECT_EQ(record.headers, headers) << "those that were asked for, and no more";
  }
}

TEST(Push, RefusesWrongParameters) {
  Site site;
  http::Request request{};
  request.body_is_too_large = true;
  EXPECT_EQ(site.Run().service->Push(request).body,
            "{\"msg\":\"params error\",\"param\":\"body\",\"error\":\"must have at most 1048576 "
            "bytes, got more\"}\n");
  const http::Response none = site.Push(0);
  EXPECT_EQ(none.status, 403);
  EXPECT_EQ(none.body,
            "{\"msg\":\"params error\",\"param\":\"num\",\"error\":\"must be an integer from 1 to "
            "100000, got 0\"}\n");
  const http::Response unknown = site.Push(1, "nowhere");
  EXPECT_EQ(unknown.status, 403);
  EXPECT_EQ(Json::parse(unknown.body)["param"], "topic");
  EXPECT_TRUE(site.written.Copy().empty());
}

TEST(Push, RefusesDataThatKafkaDoesNotTake) {
  Site site;
  site.written.refuse = Error{ErrorKind::kOther, "too large"};
  const http::Response response = site.Push(5);
  EXPECT_EQ(response.status, 403);
  EXPECT_EQ(Json::parse(response.body)["error"], "too large");
}

TEST(Push, ThrottlesATopic) {
  config::SimPush push;
  push.max_records_per_second = 10;
  Site site(push);
  site.topics.insert("other");
  EXPECT_EQ(site.Push(1000).status, 200);
  const http::Response response = site.Push(1);
  EXPECT_EQ(response.status, 429);
  const Json answer = Json::parse(response.body);
  EXPECT_EQ(answer["msg"], "throttled");
  EXPECT_NEAR(answer["retry_after_seconds"].get<int>(), 100, 1);
  ASSERT_EQ(response.headers.size(), 1U);
  EXPECT_EQ(response.headers[0].first, "Retry-After");
  EXPECT_EQ(response.headers[0].second, answer["retry_after_seconds"].dump());
  EXPECT_EQ(site.Push(1, "other").status, 200);
}

TEST(Push, SaysHowManyWereAcceptedWhenTheQueueIsFull) {
  config::SimPush push;
  push.timeout = 1500ms;
  Site site(push);
  site.written.max_waiting = 7;
  site.written.answering = false;
  const http::Response response = site.Push(10);
  EXPECT_EQ(response.status, 503);
  const Json answer = Json::parse(response.body);
  EXPECT_EQ(answer["msg"], "broker busy");
  EXPECT_EQ(answer["accepted"], 7);
  EXPECT_EQ(answer["acknowledged"], 0);
  EXPECT_EQ(answer["unknown"], 7);
  EXPECT_EQ(answer["error"], "the queue of records that wait for the broker is full");
  site.written.SetAnswering(true);
  EXPECT_EQ(site.Push(10).status, 200) << "when the broker is back";
  EXPECT_EQ(site.written.Copy().size(), 17U);
}

TEST(Push, WaitsForRoomInTheQueue) {
  Site site;
  site.written.max_waiting = 7;
  site.written.answering = false;
  auto answer = std::async(std::launch::async, [&] { return site.Push(10); });
  while (site.Run().producer->Waiting() < 7) std::this_thread::yield();
  site.written.SetAnswering(true);
  EXPECT_EQ(answer.get().status, 200);
  EXPECT_EQ(site.written.Copy().size(), 10U);
}

TEST(Push, SaysWhatIsUnknownWhenTheBrokerDoesNotAnswer) {
  config::SimPush push;
  push.timeout = 50ms;
  Site site(push);
  site.written.answering = false;
  const Json answer = Json::parse(site.Push(4).body);
  EXPECT_EQ(answer["accepted"], 4);
  EXPECT_EQ(answer["unknown"], 4);
  EXPECT_EQ(answer["error"], "Kafka did not answer in time");
}

TEST(Push, SaysWhatKafkaRefused) {
  Site site;
  site.written.fail_delivery = Error{ErrorKind::kOther, "no such topic"};
  const http::Response response = site.Push(4);
  EXPECT_EQ(response.status, 503);
  const Json answer = Json::parse(response.body);
  EXPECT_EQ(answer["msg"], "push failed");
  EXPECT_EQ(answer["failed"], 4);
  EXPECT_EQ(answer["error"], "no such topic");
}

TEST(Push, BlamesTheDataThatIsTooLargeForTheTopic) {
  Site site;
  site.written.fail_delivery = Error{ErrorKind::kOther, "message size too large"};
  site.written.too_large = true;
  const http::Response response = site.Push(4);
  EXPECT_EQ(response.status, 403);
  EXPECT_EQ(Json::parse(response.body)["param"], "data");
}

TEST(Push, BlamesTheTopicWhereThereIsNoRightToWrite) {
  Site site;
  site.written.fail_delivery = Error{ErrorKind::kUnauthorized, "no ACL"};
  const http::Response response = site.Push(4);
  EXPECT_EQ(response.status, 403);
  const Json answer = Json::parse(response.body);
  EXPECT_EQ(answer["msg"], "params error");
  EXPECT_EQ(answer["param"], "topic");
  EXPECT_EQ(answer["error"], "no ACL");
}

TEST(Push, KnowsATopicWithoutItsBroker) {
  Site site;
  site.metadata_error = Error{ErrorKind::kTimeout, "timed out"};
  const http::Response response = site.Push(1);
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(Json::parse(response.body)["accepted"], 0);
}

TEST(Push, AnswersWhatWasAcceptedWhenTheProgramStops) {
  Site site;
  site.written.max_waiting = 7;
  site.written.answering = false;
  auto pushed = std::async(std::launch::async, [&] { return site.Push(10); });
  while (site.Run().producer->Waiting() < 7) std::this_thread::yield();
  site.stop.Request();
  EXPECT_EQ(pushed.wait_for(20ms), std::future_status::timeout) << "waits for acknowledgements";
  site.written.SetAnswering(true);
  const Json answer = Json::parse(pushed.get().body);
  EXPECT_EQ(answer["accepted"], 7);
  EXPECT_EQ(answer["acknowledged"], 7);
  EXPECT_EQ(answer["error"], "the program is stopping");
}

TEST(Push, CountsForEachOfManyClients) {
  Site site;
  site.Run();
  std::vector<std::future<int>> clients;
  for (int i = 0; i < 8; ++i) {
    clients.push_back(std::async(std::launch::async, [&site] {
      int acknowledged = 0;
      for (int j = 1; j <= 20; ++j) {
        acknowledged += Json::parse(site.Push(j).body)["acknowledged"].get<int>();
      }
      return acknowledged;
    }));
  }
  for (auto& client : clients) EXPECT_EQ(client.get(), 210);
  EXPECT_EQ(site.written.Copy().size(), 8 * 210U);
}

}  // namespace
}  // namespace backlogd::sim
