#include "app/detail_levels.h"

#include <gtest/gtest.h>

namespace backlogd::app {
namespace {

using Level = exposition::DetailLevels::Level;

TEST(ConfiguredDetail, TranslatesEachLevel) {
  const std::vector<std::pair<config::Detail, Level>> cases = {
      {config::Detail::kGroup, Level::kGroup},
      {config::Detail::kTopic, Level::kTopic},
      {config::Detail::kPartition, Level::kPartition},
      {config::Detail::kFull, Level::kFull}};
  for (const auto& [detail, level] : cases) {
    const ConfiguredDetail levels(config::Metrics{detail, {}});
    EXPECT_EQ(levels.For("group", "topic"), level);
    EXPECT_EQ(levels.ForTopic("topic"), level);
  }
}

TEST(ConfiguredDetail, FollowsTheRules) {
  const ConfiguredDetail levels(config::Metrics{
      config::Detail::kPartition,
      {{"audit-.*", ".*", config::Detail::kGroup}, {".*", "wide", config::Detail::kTopic}}});
  EXPECT_EQ(levels.For("audit-1", "wide"), Level::kGroup);
  EXPECT_EQ(levels.For("other", "wide"), Level::kTopic);
  EXPECT_EQ(levels.For("other", "orders"), Level::kPartition);
  EXPECT_EQ(levels.ForTopic("wide"), Level::kTopic);
}

TEST(ConfiguredDetail, HasTheSeriesBudget) {
  EXPECT_EQ(ConfiguredDetail(config::Metrics()).SeriesBudget(), 1'000'000U);
  EXPECT_EQ(ConfiguredDetail({config::Detail::kFull, {}, 0}).SeriesBudget(), 0U);
}

}  // namespace
}  // namespace backlogd::app
