#include "config/name_filter.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace backlogd::config {
namespace {

// Group names that exist in the wild or that a client could make up.
const std::string kAnyNames[] = {"",
                                 "wps.file.consumer.group",
                                 std::string(249, 'x'),
                                 "two\nlines",
                                 "\r\n",
                                 "quote\" and \\backslash",
                                 std::string("NUL\0inside", 10),
                                 "caf\u00E9 \U0001F600",
                                 "Latin-1 caf\xE9",
                                 "\xFF\xFE\x80",
                                 "cut \xF0\x9F"};

TEST(NameFilter, MatchesEveryNameByDefault) {
  const NameFilter filter{NameSelection{}};
  for (const std::string& name : kAnyNames) {
    EXPECT_TRUE(filter.Matches(name)) << testing::PrintToString(name);
  }
}

TEST(NameFilter, ExcludesEveryNameToo) {
  const NameFilter filter{NameSelection{{".*"}, {".*"}}};
  for (const std::string& name : kAnyNames) {
    EXPECT_FALSE(filter.Matches(name)) << testing::PrintToString(name);
  }
}

TEST(NameFilter, MatchesTheWholeNameByAnIncludeAndNoExcludePattern) {
  struct Case {
    std::vector<std::string> include;
    std::vector<std::string> exclude;
    std::string name;
    bool matches;
  };
  const Case cases[] = {
      {{"offer"}, {}, "offer", true},
      {{"offer"}, {}, "usa.offer", false},
      {{"offer"}, {}, "offers", false},
      {{"a|b"}, {}, "b", true},
      {{"a|b"}, {}, "ab", false},
      {{"a", "b.*"}, {}, "bc", true},
      {{}, {}, "a", false},
      {{".*"}, {"test-.*"}, "test-1", false},
      {{".*"}, {"test-.*"}, "my-test-1", true},
      {{"test-1"}, {"test-.*"}, "test-1", false},
      {{"usa.offer"}, {}, "usa-offer", true},  // the dot is a pattern's
      {{R"(usa\.offer)"}, {}, "usa-offer", false},
      {{R"(\Qa.b\E)"}, {}, "a.b", true},
      {{"(?i)usa.*"}, {}, "USA.offer", true},
      {{"^a$"}, {}, "a", true},
      {{"^a$"}, {}, "a\n", false},
      {{"a.b"}, {}, "a\nb", true},
      {{"caf[é]"}, {}, "café", true},  // classes are of characters, not bytes
      {{"caf."}, {}, "café", true},
      {{"caf.\\d"},
       {},
       "caf\xE9"
       "1",
       true},                                // one byte that is not UTF-8 is one character
      {{"caf\uFFFD"}, {}, "caf\xE9", true},  // written as a label shows it
      {{"café"}, {}, "caf\xE9", false},
      {{""}, {}, "", true},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(NameFilter({c.include, c.exclude}).Matches(c.name), c.matches)
        << testing::PrintToString(c.include) << testing::PrintToString(c.exclude) << c.name;
  }
}

TEST(NameFilter, MatchesHardNamesWithoutRunningOutOfMemory) {
  // Its DFA would need about 2^20 states.
  const NameFilter filter{NameSelection{{"(a|b)*a(a|b){20}"}, {}}};
  std::string name;
  unsigned bits = 12345;
  for (int i = 0; i < 100'000; ++i) {
    bits = bits * 1664525u + 1013904223u;
    name += bits >> 31 != 0 ? 'a' : 'b';
  }
  EXPECT_TRUE(filter.Matches(name + "a" + std::string(20, 'b')));
  EXPECT_FALSE(filter.Matches(name + "b" + std::string(20, 'b')));
}

TEST(TopicFilter, LeavesOutKafkasOwnTopicsUnlessAsked) {
  TopicSelection selection;
  EXPECT_FALSE(TopicFilter(selection).Matches("__consumer_offsets"));
  EXPECT_TRUE(TopicFilter(selection).Matches("__of_a_user"));
  EXPECT_TRUE(TopicFilter(selection).Matches("usa.offer"));
  selection.internal = true;
  EXPECT_TRUE(TopicFilter(selection).Matches("__consumer_offsets"));
  selection.exclude = {"__consumer_.*"};
  EXPECT_FALSE(TopicFilter(selection).Matches("__consumer_offsets"));
  EXPECT_TRUE(TopicFilter(selection).Matches("__transaction_state"));
}

TEST(TopicFilter, KnowsTheTopicsThatKafkaKeepsForItself) {
  for (const char* topic : {"__consumer_offsets", "__transaction_state", "__share_group_state",
                            "__cluster_metadata", "__remote_log_metadata"}) {
    EXPECT_TRUE(IsInternalTopic(topic)) << topic;
  }
  for (const char* topic : {"", "__", "__consumer_offsets2", "_schemas", "consumer_offsets"}) {
    EXPECT_FALSE(IsInternalTopic(topic)) << topic;
  }
}

TEST(DetailPolicy, GivesTheDetailOfTheFirstRuleThatMatchesBoth) {
  Metrics metrics;
  metrics.detail_rules = {{"batch-.*", ".*", Detail::kGroup},
                          {".*", "audit", Detail::kTopic},
                          {"billing", ".*", Detail::kFull},
                          {".*", "au.*", Detail::kFull}};
  const DetailPolicy policy(metrics);
  struct Case {
    const char* group;
    const char* topic;
    Detail detail;
  };
  const Case cases[] = {
      {"batch-1", "audit", Detail::kGroup},    {"billing", "audit", Detail::kTopic},
      {"billing", "orders", Detail::kFull},    {"other", "autumn", Detail::kFull},
      {"other", "orders", Detail::kPartition}, {"my-batch-1", "orders", Detail::kPartition},
  };
  for (const Case& c : cases) EXPECT_EQ(policy.For(c.group, c.topic), c.detail) << c.group;
  EXPECT_FALSE(policy.uniform());
}

TEST(DetailPolicy, DecidesAboutATopicAloneByRulesForEveryGroup) {
  Metrics metrics;
  metrics.detail = Detail::kTopic;
  metrics.detail_rules = {{"batch-.*", ".*", Detail::kGroup},
                          {".+", "audit", Detail::kGroup},
                          {".*", "audit", Detail::kFull}};
  const DetailPolicy policy(metrics);
  EXPECT_EQ(policy.ForTopic("audit"), Detail::kFull);
  EXPECT_EQ(policy.ForTopic("orders"), Detail::kTopic);
}

TEST(DetailPolicy, IsUniformIfNoRuleChangesAnything) {
  Metrics metrics;
  EXPECT_TRUE(DetailPolicy(metrics).uniform());
  EXPECT_EQ(DetailPolicy(metrics).For("g", "t"), Detail::kPartition);
  metrics.detail_rules = {{"a", ".*", Detail::kPartition}};
  EXPECT_TRUE(DetailPolicy(metrics).uniform());
  metrics.detail = Detail::kFull;
  EXPECT_FALSE(DetailPolicy(metrics).uniform());
}

TEST(IsolationPolicy, FollowsTheFirstRuleThatMatchesTheGroup) {
  Analysis analysis;
  analysis.isolation_rules = {{"billing-test", Isolation::kReadUncommitted},
                              {"billing-.*", Isolation::kReadCommitted},
                              {".*-test", Isolation::kReadCommitted}};
  const IsolationPolicy policy(analysis);
  const std::pair<const char*, bool> cases[] = {{"billing-test", false},
                                                {"billing-eu", true},
                                                {"orders-test", true},
                                                {"orders", false},
                                                {"my-billing-eu", false}};
  for (const auto& [group, committed] : cases) {
    EXPECT_EQ(policy.ReadsCommitted(group), committed) << group;
  }
}

TEST(IsolationPolicy, FollowsTheSettingForAllGroupsIfNoRuleMatches) {
  Analysis analysis;
  EXPECT_FALSE(IsolationPolicy(analysis).ReadsCommitted("a"));
  analysis.isolation = Isolation::kReadCommitted;
  EXPECT_TRUE(IsolationPolicy(analysis).ReadsCommitted("a"));
  analysis.isolation_rules = {{"a", Isolation::kReadUncommitted}};
  EXPECT_FALSE(IsolationPolicy(analysis).ReadsCommitted("a"));
  EXPECT_TRUE(IsolationPolicy(analysis).ReadsCommitted("b"));
}

TEST(CapacityHints, FollowTheFirstRuleThatMatchesTheGroup) {
  Analysis analysis;
  EXPECT_EQ(CapacityHints(analysis).For("a"), std::nullopt);
  analysis.capacity_hints = {{"billing-test", 5}, {"billing-.*", 200}};
  const CapacityHints hints(analysis);
  EXPECT_EQ(hints.For("billing-test"), 5);
  EXPECT_EQ(hints.For("billing-eu"), 200);
  EXPECT_EQ(hints.For("my-billing-eu"), std::nullopt);
}

}  // namespace
}  // namespace backlogd::config
