#include "sim/values.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace backlogd::sim {
namespace {

TEST(Values, HaveTheLengthThatWasAskedFor) {
  std::mt19937_64 random(1);
  EXPECT_EQ(Values(100, 0, random).Next(random).size(), 100U);
  EXPECT_EQ(Values(0, 0, random).Next(random).size(), 0U);
  const Values values(5, 8, random);
  std::set<std::size_t> sizes;
  for (int i = 0; i < 1000; ++i) sizes.insert(values.Next(random).size());
  EXPECT_EQ(sizes, (std::set<std::size_t>{5, 6, 7, 8}));
}

// A compressor that finds a value again in what came shortly before stores next to nothing of it.
TEST(Values, DoNotRepeatWhatCameShortlyBefore) {
  std::mt19937_64 random(1);
  const Values values(100, 0, random);
  std::string before;
  std::size_t found = 0;
  for (int i = 0; i < 600; ++i) {
    const std::string_view value = values.Next(random);
    found += before.find(value.substr(0, 16)) != std::string::npos ? 1U : 0U;
    before += value;
  }
  EXPECT_LT(found, 60U);
}

}  // namespace
}  // namespace backlogd::sim
