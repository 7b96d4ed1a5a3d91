#include "dlq/record_json.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "dlq/base64.h"

namespace backlogd::dlq {
namespace {

using std::string_literals::operator""s;

TEST(RecordJson, SaysAllOfALetter) {
  const kafka::RecordHeader headers[] = {{"a", "x"}, {"a", std::nullopt}, {"b", "\xff"}};
  const kafka::Record record{.topic = "q",
                             .partition = 1,
                             .offset = 2,
                             .key = {},
                             .value = "\xfe",
                             .headers = headers,
                             .timestamp = WallTime(std::chrono::milliseconds(1'700'000'000'123))};
  Letter letter;
  letter.record = &record;
  letter.reason = deadletters::Reason::kTimeout;
  letter.source_topic = "orders";
  letter.death.framework = deadletters::Framework::kConnect;
  letter.death.origin.partition = 3;
  letter.death.faults.AddOuter({"E", "m"});
  EXPECT_EQ(ToJson(letter, {{"why", "so"}}),
            R"({"topic":"q","partition":1,"offset":2,"timestamp":"2023-11-14T22:13:20.123Z",)"
            R"("timestamp_type":"CreateTime","key":null,"value_base64":"/g==",)"
            R"("headers":[{"name":"a","value":"x"},{"name":"a","value":null},)"
            R"({"name":"b","value_base64":"/w=="}],"reason":"timeout","framework":"kafka-connect",)"
            R"("source":{"topic":"orders","partition":3,"offset":null,"timestamp":null,)"
            R"("group":null},"exceptions":[{"class":"E","message":"m"}],"attempts":null,)"
            R"("redeliveries":0,"why":"so"})");
  EXPECT_EQ(ReadLine(ToJson(letter))->name, (RecordName{"q", 1, 2}));
  const auto read = ReadContent(ToJson(letter), {});
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, ContentOf(record));
}

TEST(RecordJson, TakesOverWhatIsSaid) {
  const Content original{"k", "v", {{"h", "1"}}, WallTime(std::chrono::milliseconds(5))};
  const auto read = [&](const char* json) { return *ReadContent(json, original); };
  EXPECT_EQ(read("{}"), original);
  EXPECT_EQ(read(R"({"value":"new"})").value, "new");
  EXPECT_EQ(read(R"({"value":"new"})").key, "k");
  EXPECT_EQ(read(R"({"value":null})").value, std::nullopt);
  EXPECT_EQ(read(R"({"key_base64":"AAE="})").key, "\0\1"s);
  EXPECT_TRUE(read(R"({"headers":[]})").headers.empty());
  EXPECT_EQ(read(R"({"timestamp":null})").timestamp, std::nullopt);
  EXPECT_EQ(read(R"({"timestamp":"1970-01-01T00:00:01Z"})").timestamp,
            WallTime(std::chrono::seconds(1)));
}

TEST(RecordJson, OfTextAndBase64TheOneThatChangedCounts) {
  const Content original{"\xff", "text", {{"h", "\xfe"}, {"h", "\xfd"}}, {}};
  const auto read = [&](const char* json) { return ReadContent(json, original); };
  EXPECT_EQ(read(R"({"key": "new", "key_base64": "/w=="})")->key, "new");
  EXPECT_EQ(read(R"({"key": null, "key_base64": "/w=="})")->key, std::nullopt);
  EXPECT_EQ(read(R"({"value": "text", "value_base64": "/w=="})")->value, "\xff");
  EXPECT_EQ(read(R"({"key": "new", "key_base64": "AA=="})").error().message,
            "key and key_base64: must not both be changed");
  const char* headers = R"({"headers": [{"name": "h", "value": "new", "value_base64": "/Q=="}]})";
  EXPECT_EQ(read(headers)->headers, (decltype(Content::headers){{"h", "new"}}));
}

TEST(RecordJson, NamesTheFieldThatIsWrong) {
  const struct {
    const char* json;
    const char* message;
  } cases[] = {
      {"", "is not one JSON object"},
      {"[]", "is not one JSON object"},
      {"{} {}", "is not one JSON object"},
      {R"({"value":{"a":1}})", "value: must be a string or null"},
      {R"({"key_base64":"!"})", "key_base64: must be base64"},
      {R"({"key_base64":7})", "key_base64: must be base64"},
      {R"({"headers":{}})", "headers: must be an array"},
      {R"({"headers":[{"value":"x"}]})", "headers: each must be"},
      {R"({"timestamp":"soon"})", "timestamp: must be like"},
  };
  for (const auto& each : cases) {
    const auto read = ReadContent(each.json, {});
    ASSERT_FALSE(read) << each.json;
    EXPECT_EQ(read.error().message.find(each.message), 0U) << read.error().message;
  }
}

TEST(RecordJson, LeavesNothingThatATerminalObeys) {
  const std::string value =
      "\x1b \x7f \u009b \u202e \u2066 \u200f \U000e0041 \u00e4 \u20ac \U0001f600";
  kafka::Record record{.topic = "q",
                       .partition = 0,
                       .offset = 0,
                       .key = {},
                       .value = value,
                       .headers = {},
                       .timestamp = {}};
  Letter letter;
  letter.record = &record;
  const std::string json = ToJson(letter);
  EXPECT_NE(
      json.find("\\u001b \\u007f \\u009b \\u202e \\u2066 \\u200f \\udb40\\udc41 \u00e4 \u20ac "
                "\U0001f600"),
      std::string::npos)
      << json;
  EXPECT_EQ(*ReadContent(json, {})->value, value);
}

TEST(RecordJson, TakesOnlyItsOwnLines) {
  for (const char* line : {"", "x", "{}", R"({"topic":1,"partition":0,"offset":0})",
                           R"({"topic":"t","partition":"0","offset":0})", "[1]"}) {
    EXPECT_FALSE(ReadLine(line)) << line;
  }
}

TEST(Base64, ReadsBackWhatItWrites) {
  for (const std::string& bytes : {""s, "f"s, "fo"s, "foo"s, "foob"s, "\0\xff\x80"s}) {
    EXPECT_EQ(FromBase64(ToBase64(bytes)), bytes);
  }
  EXPECT_EQ(ToBase64("fooba"), "Zm9vYmE=");
  for (const char* bad : {"Z", "Zm9", "Zm9v!A==", "Zh==", "====", "Zg=a"}) {
    EXPECT_EQ(FromBase64(bad), std::nullopt) << bad;
  }
}

}  // namespace
}  // namespace backlogd::dlq
