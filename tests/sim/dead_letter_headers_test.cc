#include "sim/dead_letter_headers.h"

#include <gtest/gtest.h>

#include <map>
#include <tuple>

#include "deadletters/classify.h"
#include "deadletters/decode.h"

namespace backlogd::sim {
namespace {

using config::DeadLetterStyle;
using deadletters::Framework;
using deadletters::Reason;

kafka::Record SourceRecord() {
  kafka::Record record;
  record.topic = "usa.offer";
  record.partition = 3;
  record.offset = 70'000'000'000;
  record.timestamp = WallTime(std::chrono::milliseconds(1'800'000'000'123));
  return record;
}

std::vector<deadletters::Header> ViewsOf(const std::vector<OwnedHeader>& owned) {
  std::vector<deadletters::Header> views;
  for (const auto& [name, value] : owned) views.push_back({name, value});
  return views;
}

deadletters::DeadLetter Decoded(const std::vector<deadletters::Header>& headers) {
  deadletters::RecordView record;
  record.topic = "any";
  record.headers = headers;
  return deadletters::Decode(record);
}

class EveryStyleAndReason : public testing::TestWithParam<std::tuple<DeadLetterStyle, Reason>> {};

TEST_P(EveryStyleAndReason, IsUnderstoodAsItWasMeant) {
  const auto& [style, reason] = GetParam();
  const auto headers = DeadLetterHeaders(style, reason, SourceRecord(), "connect-shop");
  const auto views = ViewsOf(headers);
  const auto letter = Decoded(views);
  EXPECT_EQ(ToText(deadletters::Classify(letter)), ToText(reason));
  EXPECT_EQ(letter.source.topic, "usa.offer");
  EXPECT_EQ(letter.source.partition, 3);
  EXPECT_EQ(letter.source.offset, 70'000'000'000);
  const std::map<DeadLetterStyle, Framework> frameworks = {
      {DeadLetterStyle::kSpring, Framework::kSpring},
      {DeadLetterStyle::kConnect, Framework::kConnect},
      {DeadLetterStyle::kStreams, Framework::kStreams}};
  EXPECT_EQ(letter.framework, frameworks.at(style));
}

INSTANTIATE_TEST_SUITE_P(
    DeadLetterHeaders, EveryStyleAndReason,
    testing::Combine(testing::Values(DeadLetterStyle::kSpring, DeadLetterStyle::kConnect,
                                     DeadLetterStyle::kStreams),
                     testing::Values(Reason::kRetriesExhausted, Reason::kFormat, Reason::kBusiness,
                                     Reason::kTimeout, Reason::kPermission)));

TEST(DeadLetterHeaders, OfSpringAreBinary) {
  const auto headers =
      DeadLetterHeaders(DeadLetterStyle::kSpring, Reason::kTimeout, SourceRecord(), "billing");
  const std::map<std::string, std::optional<std::string>> by_name(headers.begin(), headers.end());
  EXPECT_EQ(by_name.at("kafka_dlt-original-partition"), std::string("\0\0\0\3", 4));
  EXPECT_EQ(by_name.at("kafka_dlt-original-offset"), std::string("\0\0\0\x10\x4c\x53\x3c\0", 8));
  EXPECT_EQ(by_name.at("kafka_dlt-original-consumer-group"), "billing");
  EXPECT_EQ(by_name.at("kafka_dlt-exception-cause-fqcn"), "java.net.SocketTimeoutException");
  const auto views = ViewsOf(headers);
  const auto letter = Decoded(views);
  EXPECT_EQ(letter.group, "billing");
  EXPECT_EQ(letter.source.timestamp, SourceRecord().timestamp);
}

TEST(DeadLetterHeaders, OfConnectNameTheConnector) {
  const auto headers =
      DeadLetterHeaders(DeadLetterStyle::kConnect, Reason::kFormat, SourceRecord(), "connect-crm");
  const auto views = ViewsOf(headers);
  const auto letter = Decoded(views);
  EXPECT_EQ(letter.connector, "crm");
  EXPECT_EQ(letter.stage, "VALUE_CONVERTER");
}

TEST(DeadLetterTopic, IsTheStylesUnlessOneIsNamed) {
  struct Case {
    DeadLetterStyle style;
    std::string named;
    std::string expected;
  };
  for (const Case& each : {Case{DeadLetterStyle::kSpring, "", "usa.offer-dlt"},
                           Case{DeadLetterStyle::kConnect, "", "dlq-g"},
                           Case{DeadLetterStyle::kStreams, "", "g-usa.offer-dlq"},
                           Case{DeadLetterStyle::kStreams, "mine", "mine"}}) {
    config::SimFailures settings;
    settings.style = each.style;
    settings.dead_letter_topic = each.named;
    EXPECT_EQ(DeadLetterTopic(settings, "usa.offer", "g"), each.expected);
  }
}

}  // namespace
}  // namespace backlogd::sim
