#include "base/latest.h"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

namespace backlogd {
namespace {

TEST(Latest, IsNullUntilTheFirstPublish) {
  Latest<int> latest;
  EXPECT_EQ(latest.Get(), nullptr);
  latest.Publish(std::make_shared<int>(7));
  ASSERT_NE(latest.Get(), nullptr);
  EXPECT_EQ(*latest.Get(), 7);
}

TEST(Latest, KeepsAliveWhatAReaderHoldsAndNothingElse) {
  Latest<int> latest;
  const auto first = std::make_shared<const int>(1);
  const std::weak_ptr<const int> watched = first;
  latest.Publish(first);
  std::shared_ptr<const int> held = latest.Get();
  latest.Publish(std::make_shared<int>(2));
  EXPECT_EQ(*held, 1);
  EXPECT_EQ(*latest.Get(), 2);
  EXPECT_EQ(watched.use_count(), 2);  // `first` and `held`
  held.reset();
  EXPECT_EQ(watched.use_count(), 1);
}

// A value whose destructor reads `latest` again: it would hang if it died under the lock.
struct ReadsOnDeath {
  explicit ReadsOnDeath(Latest<ReadsOnDeath>& read) : latest(read) {}
  ~ReadsOnDeath() { latest.Get(); }
  Latest<ReadsOnDeath>& latest;
};

TEST(Latest, DestroysTheOldValueOutsideTheLock) {
  Latest<ReadsOnDeath> latest;
  latest.Publish(std::make_shared<ReadsOnDeath>(latest));
  latest.Publish(nullptr);
  EXPECT_EQ(latest.Get(), nullptr);
}

TEST(Latest, ReadersSeeValuesInTheOrderTheyWerePublished) {
  constexpr int kLast = 20'000;
  Latest<std::vector<int>> latest;
  latest.Publish(std::make_shared<std::vector<int>>(4, 0));
  std::atomic<int> faults = 0;
  const auto read = [&] {
    int seen = 0;
    while (seen < kLast) {
      const std::shared_ptr<const std::vector<int>> value = latest.Get();
      const int now = value->front();
      if (now < seen || *value != std::vector<int>(4, now)) ++faults;
      seen = now;
    }
  };
  std::jthread one(read);
  std::jthread two(read);
  for (int i = 1; i <= kLast; ++i) latest.Publish(std::make_shared<std::vector<int>>(4, i));
  one.join();
  two.join();
  EXPECT_EQ(faults, 0);
}

}  // namespace
}  // namespace backlogd
