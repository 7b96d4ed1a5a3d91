#include "kafka/read_shares.h"

#include <gtest/gtest.h>

namespace backlogd::kafka {
namespace {

TEST(ReadShares, EachRangeMayHandOutItsPart) {
  const struct {
    ReadLimits limits;
    std::size_t open;
    std::size_t bytes;    // of a record
    std::size_t records;  // of a share
  } cases[] = {
      {{100, 1'000'000}, 1, 1, 100}, {{100, 1'000'000}, 4, 1, 25},
      {{10, 1'000'000}, 4, 1, 3},  // rounded up
      {{3, 1'000'000}, 20, 1, 1},    {{0, 0}, 20, 1, 1},
      {{100, 1000}, 4, 50, 5},       {{100, 1000}, 4, 100, 3},
      {{100, 1000}, 4, 5000, 1},
  };
  for (const auto& c : cases) {
    ReadShares shares(c.limits, c.open);
    shares.BeginRound(c.open);
    std::size_t records = 0;
    do {
      shares.Spend(0, c.bytes);
      ++records;
    } while (!shares.HadShare(0));
    EXPECT_EQ(records, c.records) << c.limits.records << " " << c.limits.bytes << " " << c.open;
  }
}

TEST(ReadShares, WhatIsLeftOverIsSharedOutAnew) {
  ReadShares shares({100, 1000}, 4);
  shares.BeginRound(4);
  for (int i = 0; i < 25; ++i) shares.Spend(0, 1);
  EXPECT_TRUE(shares.HadShare(0));
  shares.Spend(1, 1);
  EXPECT_FALSE(shares.HadShare(1));
  shares.BeginRound(2);
  for (int i = 0; i < 37; ++i) {
    EXPECT_FALSE(shares.HadShare(0)) << i;
    shares.Spend(0, 1);
  }
  EXPECT_TRUE(shares.HadShare(0));
  EXPECT_FALSE(shares.AllSpent());
}

TEST(ReadShares, AreSpentWhenEitherLimitIsReached) {
  ReadShares records({2, 1000}, 1);
  records.Spend(0, 1);
  EXPECT_FALSE(records.AllSpent());
  records.Spend(0, 1);
  EXPECT_TRUE(records.AllSpent());
  ReadShares bytes({1000, 10}, 1);
  bytes.Spend(0, 9);
  EXPECT_FALSE(bytes.AllSpent());
  bytes.Spend(0, 90);
  EXPECT_TRUE(bytes.AllSpent());
}

}  // namespace
}  // namespace backlogd::kafka
