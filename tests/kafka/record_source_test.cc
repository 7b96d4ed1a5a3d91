#include "kafka/record_source.h"

#include <gtest/gtest.h>

namespace backlogd::kafka {
namespace {

TEST(PrefetchFor, FetchesASmallPartOfWhatIsWanted) {
  constexpr std::size_t kKilo = 1024;
  const struct {
    ReadLimits limits;
    Prefetch prefetch;
  } cases[] = {
      {{10'000, 16 * kKilo * kKilo}, {2 * kKilo, 10'000, 64 * kKilo}},
      {{0, 0}, {256, 1, 64 * kKilo}},
      {{20'000, 64 * kKilo * kKilo}, {8 * kKilo, 20'000, 256 * kKilo}},
      {{1'000'000, kKilo * kKilo * kKilo}, {16 * kKilo, 100'000, kKilo * kKilo}},
  };
  for (const auto& c : cases) EXPECT_EQ(PrefetchFor(c.limits), c.prefetch) << c.limits.bytes;
}

TEST(FetchSize, IsHalvedWhereNothingCameUntilAllIsRead) {
  constexpr std::size_t kWanted = 65'536;
  FetchSize size;
  EXPECT_EQ(size.Of(kWanted), 65'536U);
  for (const std::size_t expected : {32'768U, 16'384U, 16'384U}) {
    size.Learn(false, true);
    EXPECT_EQ(size.Of(kWanted), expected);
  }
  size.Learn(false, false);
  EXPECT_EQ(size.Of(kWanted), 16'384U) << "more of them may come";
  EXPECT_EQ(size.Of(1000), 1000U);
  size.Learn(true, false);
  EXPECT_EQ(size.Of(kWanted), 65'536U);
}

}  // namespace
}  // namespace backlogd::kafka
