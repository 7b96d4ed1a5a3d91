#include "app/client_slot.h"

#include <gtest/gtest.h>

#include "fakes/fake_kafka_client.h"

namespace backlogd::app {
namespace {

TEST(ClientSlot, InterruptsTheClientItHoldsAndEachLaterOne) {
  auto first = std::make_unique<FakeKafkaClient>();
  FakeKafkaClient* first_seen = first.get();
  ClientSlot slot(std::move(first));
  EXPECT_FALSE(slot.interrupted());
  slot.Interrupt();
  EXPECT_TRUE(slot.interrupted());
  EXPECT_TRUE(first_seen->interrupted);

  auto second = std::make_unique<FakeKafkaClient>();
  FakeKafkaClient* second_seen = second.get();
  slot.Replace(std::move(second));
  EXPECT_EQ(slot.client(), second_seen);
  EXPECT_TRUE(second_seen->interrupted);
}

TEST(ClientSlot, MayBeEmpty) {
  ClientSlot slot(std::make_unique<FakeKafkaClient>());
  slot.Replace(nullptr);
  EXPECT_EQ(slot.client(), nullptr);
  slot.Interrupt();
}

}  // namespace
}  // namespace backlogd::app
