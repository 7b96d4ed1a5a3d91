#include "sim/backlog_page.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>

namespace backlogd::sim {
namespace {

constexpr std::string_view kPage =
    R"(# HELP backlogd_group_topic_lag_records Log end minus committed offset.
# TYPE backlogd_group_topic_lag_records gauge
backlogd_group_topic_lag_records{kafka_cluster="c",group="a",topic="t"} 5
backlogd_group_topic_lag_records{kafka_cluster="c",group="b",topic="t"} 70000000
backlogd_group_topic_lag_records{kafka_cluster="c",group="a",topic="u"} 0
backlogd_group_topic_lag_records_more{kafka_cluster="c",group="a",topic="u"} 9
backlogd_group_lag_records{kafka_cluster="c",group="a"} 99
backlogd_group_topic_lag_seconds{kafka_cluster="c",group="a",topic="t"} 1.5e+02 1395066363000
backlogd_group_topic_lag_seconds{kafka_cluster="c",group="b",topic="t"} 7
)";

TEST(ReadBacklogs, TakesTheWorstOfAllGroups) {
  const Backlogs backlogs = ReadBacklogs(kPage, "");
  ASSERT_EQ(backlogs.size(), 2U);
  EXPECT_EQ(backlogs.at("t").records, 70'000'000);
  EXPECT_EQ(backlogs.at("t").seconds, 150);
  EXPECT_EQ(backlogs.at("u").records, 0);
  EXPECT_EQ(backlogs.at("u").seconds, std::nullopt);
}

TEST(ReadBacklogs, TakesThoseOfOneGroup) {
  const Backlogs backlogs = ReadBacklogs(kPage, "b");
  ASSERT_EQ(backlogs.size(), 1U);
  EXPECT_EQ(backlogs.at("t").records, 70'000'000);
  EXPECT_EQ(backlogs.at("t").seconds, 7);
  EXPECT_TRUE(ReadBacklogs(kPage, "nobody").empty());
}

TEST(ReadBacklogs, ReadsWhatTheFormatAllows) {
  struct Case {
    const char* labels_and_value;
    const char* topic;
    double value;
  };
  for (const Case& c :
       {Case{R"({group="g",topic="a b"} 1)", "a b", 1}, Case{R"({topic="t",group="g",} 2)", "t", 2},
        Case{" { group = \"g\" , topic = \"t\" }\t3 ", "t", 3},
        Case{R"({group="g",topic="q\"uo\\te\nd}"} 4)", "q\"uo\\te\nd}", 4},
        Case{R"({group="g",topic="a,b=\"c\",topic="} 5)", "a,b=\"c\",topic=", 5},
        Case{R"({group="\\",topic="t"} 6)", "t", 6},
        Case{R"({group="g",topic=" blank "} +Inf)", " blank ",
             std::numeric_limits<double>::infinity()}}) {
    const Backlogs backlogs =
        ReadBacklogs("backlogd_group_topic_lag_records" + std::string(c.labels_and_value), "");
    ASSERT_TRUE(backlogs.contains(c.topic)) << c.labels_and_value;
    EXPECT_EQ(backlogs.at(c.topic).records, c.value) << c.labels_and_value;
  }
}

TEST(ReadBacklogs, PassesOverWhatIsNoSample) {
  for (const char* line :
       {"", "{", "{}", "{topic=\"t\"}", "{topic=\"t\"} NaN", "{topic=\"t\"} five", "{topic=\"t} 1",
        "{topic=t} 1", "{topic=\"t\" group=\"g\"} 1", "{topic=\"t\\", "{=\"t\"} 1", " 1",
        "{topic=\"t\"} 1x"}) {
    const Backlogs backlogs =
        ReadBacklogs("backlogd_group_topic_lag_records" + std::string(line) + "\n", "");
    EXPECT_FALSE(backlogs.contains("t")) << line;
  }
}

}  // namespace
}  // namespace backlogd::sim
