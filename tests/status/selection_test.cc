#include "status/selection.h"

#include <gtest/gtest.h>

#include "status/sample_view.h"

namespace backlogd::status {
namespace {

using Names = std::vector<std::string>;

Names Select(const View& view, const Parameters& parameters) {
  const Result<ListQuery> query = ParseListQuery(parameters, GroupRules());
  if (!query) return {query.error().message};
  Names names;
  for (const GroupRow& row : SelectGroups(view, *query).rows) names.push_back(row.report->name);
  return names;
}

std::shared_ptr<analysis::LagReport> FourGroups() {
  auto report = SampleReport(4);
  const auto set = [&](std::size_t i, std::string_view name, std::int64_t lag_ms) {
    report->groups[i].name = name;
    report->groups[i].lag_ms = lag_ms;
    report->groups[i].status = analysis::Status::kOk;
    report->groups[i].headroom_ms = lag_ms;
  };
  set(0, "Alpha", 5);
  set(1, "beta", 9);
  set(2, "gamma", analysis::kUnknown);
  set(3, "omega", 7);
  return report;
}

TEST(SelectGroups, SortsUnknownLastEitherWay) {
  const SampleBoard board(FourGroups());
  const View view = board.view();
  struct Case {
    std::string_view sort;
    std::string_view order;
    Names expected;
  };
  for (const Case& c : {
           Case{"delay", "", {"beta", "omega", "Alpha", "gamma"}},
           Case{"delay", "asc", {"Alpha", "omega", "beta", "gamma"}},
           Case{"headroom", "", {"Alpha", "omega", "beta", "gamma"}},
           Case{"name", "", {"Alpha", "beta", "gamma", "omega"}},
           Case{"name", "desc", {"omega", "gamma", "beta", "Alpha"}},
           Case{"lag", "", {"omega", "gamma", "beta", "Alpha"}},
           Case{"severity", "", {"beta", "omega", "Alpha", "gamma"}},
       }) {
    EXPECT_EQ(Select(view, {{"sort", c.sort}, {"order", c.order}}), c.expected) << c.sort;
  }
}

TEST(SelectGroups, PutsTheWorstStatusFirst) {
  auto report = FourGroups();
  report->groups[0].status = analysis::Status::kStopped;
  report->groups[3].status = std::nullopt;
  const SampleBoard board(report);
  EXPECT_EQ(Select(board.view(), {}), (Names{"Alpha", "beta", "gamma", "omega"}));
}

TEST(SelectGroups, Filters) {
  auto report = FourGroups();
  report->groups[1].status = std::nullopt;
  const SampleBoard board(report);
  const View view = board.view();
  EXPECT_EQ(Select(view, {{"search", "ALPH"}}), Names{"Alpha"});
  EXPECT_EQ(Select(view, {{"status", "unknown"}}), Names{"beta"});
  EXPECT_EQ(Select(view, {{"cluster", "west"}}), Names{});
  EXPECT_EQ(Select(view, {{"cluster", "east"}, {"search", "mm"}}), Names{"gamma"});
}

TEST(SelectGroups, CutsPagesThatMeet) {
  const SampleBoard board(SampleReport(23));
  const View view = board.view();
  const Names all = Select(view, {});
  ASSERT_EQ(all.size(), 23u);
  Names joined;
  for (const char* offset : {"0", "10", "20", "30"}) {
    const Names part = Select(view, {{"limit", "10"}, {"offset", offset}});
    joined.insert(joined.end(), part.begin(), part.end());
  }
  EXPECT_EQ(joined, all);
}

TEST(FindGroup, FindsByExactName) {
  const SampleBoard board(SampleReport(9));
  const View view = board.view();
  EXPECT_EQ(FindGroup(view.clusters[0], "group-00008"), &view.clusters[0].report->groups[8]);
  EXPECT_EQ(FindGroup(view.clusters[0], "group-0000"), nullptr);
  EXPECT_EQ(FindGroup(view.clusters[1], "group-00008"), nullptr);
}

TEST(Pending, IsTheMostOrNotKnown) {
  analysis::DeadLetterReport report;
  EXPECT_EQ(Pending(report), analysis::kUnknown);
  report.pending = {{"a", 3}, {"b", 5}};
  EXPECT_EQ(Pending(report), 5);
  report.pending.push_back({"c", analysis::kUnknown});
  EXPECT_EQ(Pending(report), analysis::kUnknown);
}

}  // namespace
}  // namespace backlogd::status
