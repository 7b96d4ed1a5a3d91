#include "deadletters/settings.h"

#include <gtest/gtest.h>
#include <re2/re2.h>

#include <string>
#include <utility>

#include "deadletters/reason_case.h"

namespace backlogd::deadletters {
namespace {

TEST(Settings, AreThoseOfTheRoomByDefault) {
  const DiscoverySettings settings = DiscoverySettingsOf(config::DeadLetters());
  EXPECT_TRUE(settings.by_name);
  EXPECT_FALSE(settings.masstransit);
  EXPECT_TRUE(settings.queues.empty());
  EXPECT_TRUE(settings.exclude.empty());
  EXPECT_TRUE(ReasonRulesOf(config::DeadLetters()).empty());
}

TEST(Settings, SayWhatTheOperatorSays) {
  config::DeadLetters dead_letters;
  dead_letters.by_name = false;
  dead_letters.masstransit = true;
  dead_letters.exclude = {"e.*"};
  dead_letters.queues = {{"lost-(.*)-(.*)", "\\1", "\\2", "finders"}, {"found", "", "", ""}};
  const DiscoverySettings settings = DiscoverySettingsOf(dead_letters);
  EXPECT_FALSE(settings.by_name);
  EXPECT_TRUE(settings.masstransit);
  EXPECT_EQ(settings.exclude, dead_letters.exclude);

  const std::vector<DeadLetterQueue> found = Discovery(settings).Discover(
      {.topics = {"lost-orders-billing", "orders", "orders-dlq", "found", "e-found"}});
  const std::vector<DeadLetterQueue> expected = {
      {"found", "", "", Convention::kConfigured, ""},
      {"lost-orders-billing", "orders", "billing", Convention::kConfigured, "finders"}};
  EXPECT_EQ(found, expected);
}

TEST(Settings, HaveTheReasonThatTheOperatorNames) {
  const std::pair<config::DeathReason, Reason> reasons[] = {
      {config::DeathReason::kRetriesExhausted, kRetries},
      {config::DeathReason::kFormat, kFormat},
      {config::DeathReason::kBusiness, kBusiness},
      {config::DeathReason::kTimeout, kTimeout},
      {config::DeathReason::kPermission, kPermission},
      {config::DeathReason::kUnknown, kUnknown}};
  for (const auto& [configured, expected] : reasons) {
    config::DeadLetters dead_letters;
    dead_letters.reasons = {{"Odd$", "", configured}};
    const std::vector<ReasonRule> rules = ReasonRulesOf(dead_letters);
    EXPECT_EQ(ReasonOf(Spring("shop.Odd", "timed out"), rules), expected);
    EXPECT_EQ(ReasonOf(Spring("shop.Even", "timed out"), rules), kTimeout);
  }
}

TEST(Settings, AskForAClassAndAMessageWhereBothAreGiven) {
  config::DeadLetters dead_letters;
  dead_letters.reasons = {{"^shop\\.", "over.*limit", config::DeathReason::kBusiness},
                          {"", "quota", config::DeathReason::kPermission}};
  const std::vector<ReasonRule> rules = ReasonRulesOf(dead_letters);
  EXPECT_EQ(ReasonOf(Spring("shop.Odd", "over the\nlimit"), rules), kBusiness);
  EXPECT_EQ(ReasonOf(Spring("shop.Odd", "no quota"), rules), kPermission);
  EXPECT_EQ(ReasonOf(Spring("bank.Odd", "over the limit"), rules), kUnknown);
  EXPECT_EQ(ReasonOf(Spring("shop.Odd", "odd"), rules), kUnknown);
}

}  // namespace
}  // namespace backlogd::deadletters
