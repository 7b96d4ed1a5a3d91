#include "sim/push_request.h"

#include <gtest/gtest.h>

#include <string>

namespace backlogd::sim {
namespace {

PushRequest Read(std::string_view body) {
  const auto parsed = ParsePushRequest(body, 1000);
  if (const auto* error = std::get_if<ParamsError>(&parsed)) {
    ADD_FAILURE() << error->param << " " << error->error;
    return {};
  }
  return std::get<PushRequest>(parsed);
}

TEST(ParsePushRequest, ReadsEachParameter) {
  const PushRequest request = Read(
      R"({"num": 1000, "topic": "usa.offer", "data": "é\n", "key": "k",
          "headers": {"b": "2", "a": ""}})");
  EXPECT_EQ(request.num, 1000);
  EXPECT_EQ(request.topic, "usa.offer");
  EXPECT_EQ(request.data, "é\n");
  EXPECT_EQ(request.key, "k");
  const std::vector<std::pair<std::string, std::string>> headers = {{"b", "2"}, {"a", ""}};
  EXPECT_EQ(request.headers, headers);
}

TEST(ParsePushRequest, TakesADefaultForWhatMayBeLeftOut) {
  const PushRequest request = Read(R"({"num":1,"topic":"t","data":"","key":null})");
  EXPECT_EQ(request.num, 1);
  EXPECT_EQ(request.data, "");
  EXPECT_EQ(request.key, std::nullopt);
  EXPECT_TRUE(request.headers.empty());
}

TEST(ParsePushRequest, SaysWhichParameterIsWrong) {
  struct Case {
    const char* body;
    const char* param;
    const char* error;
  };
  const std::string long_topic(250, 'a');
  const std::string with_long_topic = R"({"num":1,"data":"","topic":")" + long_topic + R"("})";
  const Case cases[] = {
      {"", "body", "must be JSON in UTF-8"},
      {"num=1000&topic=usa.offer", "body", "must be JSON in UTF-8"},
      {R"({"num":1,)", "body", "must be JSON in UTF-8"},
      {"{\"num\":1,\"topic\":\"t\",\"data\":\"\xff\"}", "body", "must be JSON in UTF-8"},
      {"[]", "body", "must be a JSON object"},
      {"1000", "body", "must be a JSON object"},
      {"{}", "num", "is missing"},
      {R"({"topic":"t","data":""})", "num", "is missing"},
      {R"({"num":1,"data":""})", "topic", "is missing"},
      {R"({"num":1,"topic":"t"})", "data", "is missing"},
      {R"({"num":"5","topic":"t","data":""})", "num",
       "must be an integer from 1 to 1000, got \"5\""},
      {R"({"num":null,"topic":"t","data":""})", "num",
       "must be an integer from 1 to 1000, got null"},
      {R"({"num":true,"topic":"t","data":""})", "num",
       "must be an integer from 1 to 1000, got true"},
      {R"({"num":[5],"topic":"t","data":""})", "num",
       "must be an integer from 1 to 1000, got a list"},
      {R"({"num":{},"topic":"t","data":""})", "num",
       "must be an integer from 1 to 1000, got an object"},
      {R"({"num":1.5,"topic":"t","data":""})", "num", "must be an integer from 1 to 1000, got 1.5"},
      {R"({"num":0,"topic":"t","data":""})", "num", "must be an integer from 1 to 1000, got 0"},
      {R"({"num":-5,"topic":"t","data":""})", "num", "must be an integer from 1 to 1000, got -5"},
      {R"({"num":1001,"topic":"t","data":""})", "num",
       "must be an integer from 1 to 1000, got 1001"},
      {R"({"num":18446744073709551615,"topic":"t","data":""})", "num",
       "must be an integer from 1 to 1000, got 18446744073709551615"},
      {R"({"num":1e99,"topic":"t","data":""})", "num",
       "must be an integer from 1 to 1000, got 1e+99"},
      {R"({"num":1,"topic":7,"data":""})", "topic", "must be a text, got 7"},
      {R"({"num":1,"topic":"","data":""})", "topic", "must have 1 to 249 characters, got \"\""},
      {R"({"num":1,"topic":"a b","data":""})", "topic",
       "must consist of letters, digits, dot, underscore and hyphen, got \"a b\""},
      {R"({"num":1,"topic":"a/b","data":""})", "topic",
       "must consist of letters, digits, dot, underscore and hyphen, got \"a/b\""},
      {R"({"num":1,"topic":"é","data":""})", "topic",
       "must consist of letters, digits, dot, underscore and hyphen, got \"é\""},
      {R"({"num":1,"topic":"..","data":""})", "topic", "must not be . or .., got \"..\""},
      {R"({"num":1,"topic":"__consumer_offsets","data":""})", "topic",
       "must not be a topic of Kafka itself, got \"__consumer_offsets\""},
      {R"({"num":1,"topic":"t","data":7})", "data", "must be a text, got 7"},
      {R"({"num":1,"topic":"t","data":null})", "data", "must be a text, got null"},
      {R"({"num":1,"topic":"t","data":"","key":7})", "key", "must be a text, got 7"},
      {R"({"num":1,"topic":"t","data":"","headers":[]})", "headers",
       "must be an object of texts, got a list"},
      {R"({"num":1,"topic":"t","data":"","headers":{"a":1}})", "headers.a",
       "must be a text, got 1"},
      {R"({"nun":1,"num":1,"topic":"t","data":""})", "nun",
       "is not known; num, topic, data, key and headers are"},
  };
  for (const Case& c : cases) {
    const auto parsed = ParsePushRequest(c.body, 1000);
    const auto* error = std::get_if<ParamsError>(&parsed);
    ASSERT_NE(error, nullptr) << c.body;
    EXPECT_EQ(error->param, c.param) << c.body;
    EXPECT_EQ(error->error, c.error) << c.body;
  }
  const auto parsed = ParsePushRequest(with_long_topic, 1000);
  const auto* error = std::get_if<ParamsError>(&parsed);
  ASSERT_NE(error, nullptr);
  EXPECT_LT(error->error.size(), 150U) << "not the whole name";
}

TEST(ParsePushRequest, SurvivesDeepNesting) {
  const std::string deep(500'000, '[');
  EXPECT_TRUE(std::holds_alternative<ParamsError>(ParsePushRequest(deep, 1000)));
  const std::string closed = deep + std::string(500'000, ']');
  EXPECT_TRUE(std::holds_alternative<ParamsError>(ParsePushRequest(closed, 1000)));
}

}  // namespace
}  // namespace backlogd::sim
