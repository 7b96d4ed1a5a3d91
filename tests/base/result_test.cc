#include "base/result.h"

#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <string>

namespace backlogd {
namespace {

TEST(Result, HoldsAValueOrAnError) {
  Result<std::string> value = std::string("cluster");
  ASSERT_TRUE(value);
  EXPECT_EQ(*value, "cluster");
  EXPECT_EQ(value->size(), 7u);

  const Result<std::string> error = Error{ErrorKind::kTimeout, "no answer after 10s"};
  ASSERT_FALSE(error.has_value());
  EXPECT_EQ(error.error().kind, ErrorKind::kTimeout);
  EXPECT_EQ(error.error().message, "no answer after 10s");
}

TEST(Result, GivesAwayWhatCanOnlyBeMoved) {
  Result<std::unique_ptr<int>> result = std::make_unique<int>(7);
  const std::unique_ptr<int> taken = std::move(*result);
  EXPECT_EQ(*taken, 7);
}

TEST(ErrorKind, HasAWordOfItsOwnEach) {
  std::set<std::string_view> words;
  for (int i = 0; i < kErrorKindCount; ++i) words.insert(ToText(static_cast<ErrorKind>(i)));
  EXPECT_EQ(words.size(), static_cast<std::size_t>(kErrorKindCount));
  for (const std::string_view word : words) {
    EXPECT_FALSE(word.empty());
    EXPECT_EQ(word.find_first_not_of("abcdefghijklmnopqrstuvwxyz_"), std::string_view::npos);
  }
}

}  // namespace
}  // namespace backlogd
