#include "app/samples_pool.h"

#include <gtest/gtest.h>

#include <optional>

namespace backlogd::app {
namespace {

TEST(SamplesPool, GivesABufferAgainWithItsCapacity) {
  SamplesPool pool;
  auto first = pool.Take();
  first->text.assign(1000, 'x');
  const exposition::Samples* address = first.get();
  first.reset();
  const auto second = pool.Take();
  EXPECT_EQ(second.get(), address);
  EXPECT_GE(second->text.capacity(), 1000U);
}

TEST(SamplesPool, DoesNotGiveABufferThatSomebodyHolds) {
  SamplesPool pool;
  auto first = pool.Take();
  const std::shared_ptr<const exposition::Samples> reader = first;
  first.reset();
  EXPECT_NE(pool.Take(), reader);
}

TEST(SamplesPool, TakesTurnsBetweenTwoBuffers) {
  SamplesPool pool;
  auto served = pool.Take();
  const exposition::Samples* a = served.get();
  auto next = pool.Take();
  const exposition::Samples* b = next.get();
  for (int poll = 0; poll < 4; ++poll) {
    served = std::move(next);
    next = pool.Take();
    EXPECT_EQ(next.get(), poll % 2 == 0 ? a : b);
  }
}

TEST(SamplesPool, MayDieBeforeItsBuffers) {
  std::optional<SamplesPool> pool(std::in_place);
  const auto samples = pool->Take();
  pool.reset();
  samples->text = "still there";
  EXPECT_EQ(samples->text, "still there");
}

}  // namespace
}  // namespace backlogd::app
