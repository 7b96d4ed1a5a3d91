#include "status/parameters.h"

#include <gtest/gtest.h>

#include "status/selection.h"

namespace backlogd::status {
namespace {

std::string ErrorOf(const Parameters& parameters) {
  const Result<ListQuery> query = ParseListQuery(parameters, GroupRules());
  return query ? "" : query.error().message;
}

TEST(ParseListQuery, HasDefaults) {
  const Result<ListQuery> query = ParseListQuery({}, GroupRules());
  ASSERT_TRUE(query);
  EXPECT_EQ(query->sort, "severity");
  EXPECT_FALSE(query->ascending);
  EXPECT_EQ(query->limit, 50u);
  EXPECT_EQ(query->offset, 0u);
}

TEST(ParseListQuery, TakesWhatIsAsked) {
  const Result<ListQuery> query = ParseListQuery({{"search", "x"},
                                                  {"status", "unknown"},
                                                  {"cluster", "c"},
                                                  {"sort", "name"},
                                                  {"limit", "1000"},
                                                  {"offset", "7"},
                                                  {"lang", "zh"},
                                                  {"order", ""}},
                                                 GroupRules());
  ASSERT_TRUE(query) << query.error().message;
  EXPECT_EQ(query->search, "x");
  EXPECT_EQ(query->status, "unknown");
  EXPECT_EQ(query->cluster, "c");
  EXPECT_TRUE(query->ascending);
  EXPECT_EQ(query->limit, 1000u);
  EXPECT_EQ(query->offset, 7u);
  EXPECT_FALSE(ParseListQuery({{"sort", "name"}, {"order", "desc"}}, GroupRules())->ascending);
}

TEST(ParseListQuery, SaysWhatIsWrong) {
  struct Case {
    std::string_view name;
    std::string_view value;
    const char* error;
  };
  for (const Case& c : {
           Case{"limit", "0", "limit: must be a whole number from 1 to 1000, got \"0\""},
           Case{"limit", "1001", "limit: must be a whole number from 1 to 1000, got \"1001\""},
           Case{"limit", "5x", "limit: must be a whole number from 1 to 1000, got \"5x\""},
           Case{"offset", "-1", "offset: must be a whole number from 0 to 1000000000, got \"-1\""},
           Case{"order", "up", "order: must be one of asc, desc, got \"up\""},
           Case{"status", "bad\xFF",
                "status: must be one of ok, catching_up, falling_behind, rewound, not_committing, "
                "stalled, stopped, losing_data, unknown, got \"bad\uFFFD\""},
           Case{"topic", "x",
                "\"topic\": no such parameter; there are: cluster, status, search, sort, order, "
                "limit, offset, lang"},
       }) {
    EXPECT_EQ(ErrorOf({{c.name, c.value}}), c.error);
  }
}

TEST(ReadListQuery, LeavesOutWhatMakesNoSense) {
  const Parameters parameters{{"limit", "x"}, {"status", "x"}, {"y", "z"}, {"search", "a"}};
  const ListQuery query = ReadListQuery(parameters, GroupRules());
  EXPECT_EQ(query.limit, 50u);
  EXPECT_EQ(query.status, "");
  EXPECT_EQ(query.search, "a");
}

}  // namespace
}  // namespace backlogd::status
