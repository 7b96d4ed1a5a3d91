#include "status/pages.h"

#include <gtest/gtest.h>

#include "status/sample_view.h"

namespace backlogd::status {
namespace {

using Page = HtmlAnswer (*)(const PageRequest&);
constexpr Language kEn = Language::kEnglish;
constexpr Language kZh = Language::kChinese;

std::string Show(Page page, const View& view, const Parameters& parameters = {},
                 Language language = kEn) {
  return page({view, parameters, language}).body;
}

bool Has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

std::size_t Count(const std::string& text, std::string_view part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
    ++count;
  }
  return count;
}

TEST(Pages, LetNoHostileNameThrough) {
  auto report = SampleReport(1);
  report->groups[0].name = kHostile;
  report->topics[0].name = kHostile;
  report->cluster_id = kHostile;
  report->failures = {{snapshot::Step::kMetadata, ErrorKind::kOther, 1, kHostile}};
  report->dead_letters.emplace_back();
  report->dead_letters[0].source_topic = kHostile;
  report->dead_letters[0].pending = {{kHostile, 1}};
  const SampleBoard board(report);
  const View view = board.view();
  const Parameters parameters{{"search", kHostile},
                              {"cluster", "east"},
                              {"name", kHostile},
                              {"lang", kHostile},
                              {kHostile, kHostile}};
  for (const Page page : {HomePage, GroupPage, TopicsPage, DeadLettersPage, DaemonPage}) {
    const std::string html = Show(page, view, parameters);
    EXPECT_EQ(Count(html, "<script"), 1u) << html;
    EXPECT_TRUE(Has(html, "<script src=\"refresh.js\" defer></script>"));
    EXPECT_FALSE(Has(html, "\x01") || Has(html, "\xFF") || Has(html, "\u202E"));
    EXPECT_FALSE(Has(html, "onerror=") || Has(html, "\"'&\x01")) << html;
  }
  EXPECT_TRUE(Has(Show(GroupPage, view, parameters),
                  "<h1>&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;\uFFFD\uFFFD"));
}

TEST(HomePage, ShowsTheWorstFirstWithCauseAndAdvice) {
  const SampleBoard board(SampleReport(16));
  const std::string html = Show(HomePage, board.view());
  EXPECT_LT(html.find("group-00015"), html.find("group-00000"));
  EXPECT_TRUE(Has(html, "Start the consumer"));
  EXPECT_TRUE(Has(html, "class=\"status losing_data\""));
  EXPECT_TRUE(Has(html, "<a href=\"group?cluster=east&amp;name=group-00015\">"));
  EXPECT_TRUE(Has(html, "href=\"./metrics\""));
  EXPECT_TRUE(Has(html, "No data yet")) << "of the cluster west";
}

TEST(HomePage, HasPages) {
  const SampleBoard board(SampleReport(120));
  const View view = board.view();
  const std::string first = Show(HomePage, view, {{"search", "group"}});
  EXPECT_EQ(Count(first, "<svg"), 50u);
  EXPECT_TRUE(Has(first, "1–50</span>") || Has(first, "1–50 of 120"));
  EXPECT_TRUE(Has(first, "href=\"./?search=group&amp;sort=severity&amp;offset=50\""));
  EXPECT_FALSE(Has(first, "rel=\"prev\""));
  const std::string last = Show(HomePage, view, {{"offset", "100"}});
  EXPECT_EQ(Count(last, "<svg"), 20u);
  EXPECT_FALSE(Has(last, "rel=\"next\""));
  EXPECT_TRUE(Has(last, "rel=\"prev\""));
}

TEST(HomePage, SpeaksChineseAndKeepsAChoice) {
  const SampleBoard board(SampleReport(8));
  const View view = board.view();
  const std::string by_header = Show(HomePage, view, {}, kZh);
  EXPECT_TRUE(Has(by_header, "<html lang=\"zh-CN\">"));
  EXPECT_TRUE(Has(by_header, "正在丢数据"));
  EXPECT_FALSE(Has(by_header, "name=group-00007&amp;lang"));
  const std::string chosen = Show(HomePage, view, {{"lang", "zh"}, {"search", "g"}}, kZh);
  EXPECT_TRUE(Has(chosen, "name=group-00007&amp;lang=zh"));
  EXPECT_TRUE(Has(chosen, "href=\"./?search=g&amp;lang=en\""));
  EXPECT_TRUE(Has(chosen, "name=\"lang\" value=\"zh\""));
}

TEST(HomePage, SaysSinceWhenThereIsNoData) {
  auto report = std::make_shared<analysis::LagReport>();
  report->taken_at = kNow;
  report->data_time = kNow - std::chrono::seconds(90);
  const SampleBoard board(report);
  const std::string html = Show(HomePage, board.view());
  EXPECT_TRUE(Has(html, "No data since 2026-09-21 14:11:50 UTC (1 min 30 s ago)")) << html;
  EXPECT_FALSE(Has(html, "<b>0</b>")) << "how many groups there are is not known";
  EXPECT_FALSE(Has(html, "<span class=\"count\">0</span>")) << html;
  EXPECT_TRUE(Has(html, "Dead letters <span class=\"count\">–</span>")) << html;
  EXPECT_FALSE(Has(html, "Nothing to show.")) << html;
  EXPECT_EQ(Count(html, "Nothing is known yet."), 3u) << html;
}

TEST(GroupPage, ShowsVerdictTopicsAndPartitions) {
  const SampleBoard board(SampleReport(8));
  const std::string html =
      Show(GroupPage, board.view(), {{"cluster", "east"}, {"name", "group-00006"}});
  EXPECT_TRUE(Has(html, "Records wait and no member reads them."));
  EXPECT_TRUE(Has(html, "In some partition nobody reads"));
  EXPECT_TRUE(Has(html, "Unread since</dt><dd>2026-09-21 14:13:07 UTC (12 s ago)")) << html;
  const std::string fine =
      Show(GroupPage, board.view(), {{"cluster", "east"}, {"name", "group-00000"}});
  EXPECT_FALSE(Has(fine, "Unread since"));
  EXPECT_EQ(Count(html, "<svg"), 2u);
  EXPECT_EQ(Count(html, "<tr role=\"row\"><th scope=\"row\""), 3u);
}

TEST(Pages, ShowTheLastRowsToWhoGoesBeyondThem) {
  const SampleBoard board(SampleReport(120));
  const View view = board.view();
  const std::string home = Show(HomePage, view, {{"offset", "5000"}});
  EXPECT_TRUE(Has(home, "101–120 of 120")) << home;
  EXPECT_EQ(Count(home, "<svg"), 20u);
  EXPECT_TRUE(Has(home, "offset=50\""));
  const std::string group =
      Show(GroupPage, view, {{"cluster", "east"}, {"name", "group-00001"}, {"offset", "9"}});
  EXPECT_EQ(Count(group, "<tr role=\"row\"><th scope=\"row\""), 3u);
}

TEST(GroupPage, HasPagesOfItsTopicsTheWorstFirst) {
  auto report = SampleReport(1);
  report->groups[0].topic_count = 250;
  report->group_topics.resize(250, report->group_topics[0]);
  for (std::uint32_t i = 0; i < 250; ++i) {
    report->topics.push_back(report->topics[0]);
    report->topics.back().name = "t-" + std::to_string(i);
    report->group_topics[i].topic = i + 1;
    report->group_topics[i].pair_count = 0;
    report->group_topics[i].lag_ms = i;
  }
  const SampleBoard board(report);
  const Parameters of{{"cluster", "east"}, {"name", "group-00000"}};
  const std::string first = Show(GroupPage, board.view(), of);
  EXPECT_TRUE(Has(first, ">t-249<") && Has(first, ">t-150<"));
  EXPECT_FALSE(Has(first, ">t-149<"));
  EXPECT_TRUE(Has(first, "1–100 of 250"));
  EXPECT_TRUE(Has(first, "cluster=east&amp;name=group-00000&amp;topics=100\"")) << first;
  const std::string last = Show(GroupPage, board.view(),
                                {{"cluster", "east"}, {"name", "group-00000"}, {"topics", "900"}});
  EXPECT_TRUE(Has(last, "201–250 of 250")) << last;
  EXPECT_TRUE(Has(last, ">t-0<"));
}

TEST(Pages, LeadToTheGroupOfTheEmptyName) {
  auto report = SampleReport(2);
  report->groups[0].name = "";
  const SampleBoard board(report);
  const std::string home = Show(HomePage, board.view());
  EXPECT_TRUE(Has(home, "<a href=\"group?cluster=east\">(empty name)</a>"))
      << home.substr(home.find("<tbody"), 900);
  const HtmlAnswer answer = GroupPage({board.view(), {{"cluster", "east"}}, kEn});
  EXPECT_EQ(answer.status, 200);
  EXPECT_TRUE(Has(answer.body, "<h1>(empty name)</h1>"));
}

TEST(GroupPage, IsNotFoundWhenThereIsNone) {
  const SampleBoard board(SampleReport(1));
  const View view = board.view();
  for (const Parameters& parameters : {Parameters{}, Parameters{{"cluster", "east"}, {"name", "x"}},
                                       Parameters{{"cluster", "west"}, {"name", "x"}}}) {
    const HtmlAnswer answer = GroupPage({view, parameters, kEn});
    EXPECT_EQ(answer.status, 404);
    EXPECT_TRUE(Has(answer.body, "There is no such group now."));
  }
}

TEST(DaemonPage, ShowsStepsAndFailures) {
  auto report = SampleReport(0);
  report->failures = {{snapshot::Step::kListGroups, ErrorKind::kTimeout, 2, "kafka-1: timed out"}};
  const SampleBoard board(report);
  const std::string html = Show(DaemonPage, board.view());
  EXPECT_TRUE(Has(html, "1.2.3 (abc)"));
  EXPECT_TRUE(Has(html, "kafka-1: timed out"));
  EXPECT_TRUE(Has(html, "First poll under way"));
}

TEST(DeadLettersPage, SaysWhenNobodyHandlesThem) {
  auto report = SampleReport(0);
  report->dead_letters.emplace_back();
  report->dead_letters[0].pending = {{"", 12'345}};
  const SampleBoard board(report);
  const std::string html = Show(DeadLettersPage, board.view());
  EXPECT_TRUE(Has(html, "nobody"));
  EXPECT_TRUE(Has(html, "12,345"));
}

}  // namespace
}  // namespace backlogd::status
