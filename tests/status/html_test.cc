#include "status/html.h"

#include <gtest/gtest.h>

#include "status/sparkline.h"

namespace backlogd::status {
namespace {

TEST(EscapeHtml, LeavesNeitherMarkupNorDeceit) {
  struct Case {
    std::string_view text;
    std::string_view expected;
  };
  for (const Case& c : {
           Case{"orders", "orders"},
           Case{"<a href=\"x\" b='y'>&</a>",
                "&lt;a href=&quot;x&quot; b=&#39;y&#39;&gt;&amp;&lt;/a&gt;"},
           Case{"消费组", "消费组"},
           Case{std::string_view("a\0b", 3), "a\uFFFDb"},
           Case{"a\x1b[2Jb\r\n\x7f", "a\uFFFD[2Jb\uFFFD\uFFFD\uFFFD"},
           Case{"a\xFFz\xC3", "a\uFFFDz\uFFFD"},
           Case{"a\u202Eb\u2066c\u0085d", "a\uFFFDb\uFFFDc\uFFFDd"},
           Case{"a\u061Cb\u2060c\u00ADd\u2028e", "a\uFFFDb\uFFFDc\uFFFDd\uFFFDe"},
       }) {
    EXPECT_EQ(EscapeHtml(c.text), c.expected);
  }
}

TEST(MakeUrl, EncodesAllButPlainLetters) {
  EXPECT_EQ(MakeUrl("group", {{"cluster", "a b"}, {"lang", ""}, {"name", "x&y=/\xFF\"é~"}}),
            "group?cluster=a%20b&name=x%26y%3D%2F%FF%22%C3%A9~");
  EXPECT_EQ(MakeUrl("./", {}), "./");
}

TEST(Html, EscapesAttributesAndText) {
  Html html(Language::kEnglish);
  html.Open("a", {{"href", "x\"y"}, {"title", ""}}).Text("<b>").Close("a");
  EXPECT_EQ(html.Take(), "<a href=\"x&quot;y\">&lt;b&gt;</a>");
}

std::string Draw(const std::vector<std::int64_t>& delays) {
  std::vector<TrendPoint> points;
  for (const std::int64_t delay : delays) {
    const auto minute = std::chrono::minutes(points.size());
    points.push_back({WallTime(minute), 0, delay});
  }
  Html html(Language::kEnglish);
  AddSparkline({points, &TrendPoint::lag_ms, "a<b", 64, 24}, html);
  return html.Take();
}

TEST(Sparkline, DrawsFromZeroUpAndEndsAtTheRight) {
  const std::string svg = Draw({0, 50, 100});
  EXPECT_NE(svg.find("d=\"M60 22L61 12L62 2\""), std::string::npos) << svg;
  EXPECT_NE(svg.find("aria-label=\"a&lt;b\""), std::string::npos) << svg;
}

TEST(Sparkline, IsFlatWithoutALag) {
  EXPECT_NE(Draw({0, 0}).find("d=\"M61 22L62 22\""), std::string::npos) << Draw({0, 0});
}

TEST(Sparkline, LeavesAGapWhereNothingIsKnown) {
  EXPECT_EQ(Draw({-1, -1}), "–");
  const std::string svg = Draw({4, 4, -1, 4, 4});
  EXPECT_NE(svg.find("d=\"M58 2L59 2\""), std::string::npos) << svg;
  EXPECT_NE(svg.find("d=\"M61 2L62 2\""), std::string::npos) << svg;
}

}  // namespace
}  // namespace backlogd::status
