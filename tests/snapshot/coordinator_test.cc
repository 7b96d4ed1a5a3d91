#include "snapshot/coordinator.h"

#include <gtest/gtest.h>

#include <string>

namespace backlogd::snapshot {
namespace {

// Expected: what Java's Utils.abs(group.hashCode()) % partitions gives.
TEST(CoordinatorPartition, IsKafkas) {
  struct Case {
    std::string group;
    std::uint32_t partitions;
    std::uint32_t expected;
  };
  for (const Case& c : {
           Case{"", 50, 0}, Case{"a", 50, 47}, Case{"wps.file.consumer.group", 50, 11},
           Case{"group with spaces", 50, 46}, Case{"\xC3\xA9t\xC3\xA9", 50, 42},
           Case{"\xE4\xB8\xAD\xE6\x96\x87", 7, 0}, Case{"\xF0\x9F\x98\x80-group", 50, 43},
           Case{"polygenelubricants", 50, 0},  // its hash is Integer.MIN_VALUE
       }) {
    EXPECT_EQ(CoordinatorPartition(c.group, c.partitions), c.expected) << c.group;
  }
}

}  // namespace
}  // namespace backlogd::snapshot
