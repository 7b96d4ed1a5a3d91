#include "analysis/broker_health.h"

#include <gtest/gtest.h>

namespace backlogd::analysis {
namespace {

// Statistics of broker 1, told poll by poll.
struct Broker {
  BrokerHealth health;
  kafka::BrokerStatistics seen;

  Broker() { seen.broker = 1; }
  void Poll(int polls, double average_seconds, std::uint64_t requests = 10) {
    for (int i = 0; i < polls; ++i) {
      seen.rtt_count += requests;
      seen.rtt_sum_seconds += average_seconds * static_cast<double>(requests);
      health.Update(std::span(&seen, 1));
    }
  }
  bool IsSlow() const { return health.IsSlow(1); }
};

TEST(BrokerHealth, SlowIsFarSlowerThanUsual) {
  Broker broker;
  broker.Poll(20, 0.02);
  EXPECT_FALSE(broker.IsSlow());
  broker.Poll(1, 0.4);  // twenty times as long, but nobody would notice
  EXPECT_FALSE(broker.IsSlow());
  broker.Poll(1, 0.6);
  EXPECT_TRUE(broker.IsSlow());
  broker.Poll(1, 0.02);
  EXPECT_FALSE(broker.IsSlow());
}

TEST(BrokerHealth, ADistantBrokerIsNotSlow) {
  Broker broker;
  broker.Poll(50, 0.9);
  EXPECT_FALSE(broker.IsSlow());
  broker.Poll(1, 5);
  EXPECT_TRUE(broker.IsSlow());
}

TEST(BrokerHealth, SlownessDoesNotBecomeUsual) {
  Broker broker;
  broker.Poll(20, 0.02);
  broker.Poll(1000, 0.8);
  EXPECT_TRUE(broker.IsSlow());
}

TEST(BrokerHealth, BeforeItKnowsWhatIsUsualOnlyTheWorstIsSlow) {
  Broker broker;
  broker.Poll(1, 1.5);
  EXPECT_FALSE(broker.IsSlow());
  broker.Poll(1, 2.5);
  EXPECT_TRUE(broker.IsSlow());
}

TEST(BrokerHealth, APollWithoutRequestsChangesNothing) {
  Broker broker;
  broker.Poll(20, 0.02);
  broker.Poll(1, 3);
  broker.Poll(5, 0, 0);
  EXPECT_TRUE(broker.IsSlow());
}

TEST(BrokerHealth, CountsAnewForAFreshClient) {
  Broker broker;
  broker.Poll(20, 0.02);
  broker.seen.rtt_count = 0;
  broker.seen.rtt_sum_seconds = 0;
  broker.Poll(1, 0.03);
  EXPECT_FALSE(broker.IsSlow());
  broker.Poll(1, 0.7);
  EXPECT_TRUE(broker.IsSlow());
}

TEST(BrokerHealth, ThrottledWhileABrokerSaysSo) {
  Broker broker;
  EXPECT_FALSE(broker.health.IsThrottled(1));
  broker.seen.throttle_seconds = 0.2;
  broker.Poll(1, 0.02);
  EXPECT_TRUE(broker.health.IsThrottled(1));
  EXPECT_FALSE(broker.health.IsThrottled(2));
  broker.seen.throttle_seconds = 0;
  broker.Poll(1, 0.02);
  EXPECT_FALSE(broker.health.IsThrottled(1));
}

TEST(BrokerHealth, ForgetsABrokerThatIsGone) {
  Broker broker;
  broker.Poll(20, 3);
  ASSERT_FALSE(broker.health.IsThrottled(1));
  broker.health.Update({});
  EXPECT_FALSE(broker.IsSlow());
}

}  // namespace
}  // namespace backlogd::analysis
