#include "exposition/page.h"

#include <gtest/gtest.h>
#include <libdeflate.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "exposition/page_parser.h"
#include "exposition/sample_reports.h"

namespace backlogd::exposition {
namespace {

using Level = DetailLevels::Level;
using Parts = std::vector<std::shared_ptr<const Samples>>;

std::shared_ptr<const Samples> Rendered(const analysis::LagReport& report,
                                        std::string_view kafka_cluster) {
  auto samples = std::make_shared<Samples>();
  Render(report, kafka_cluster, Detail(Level::kFull), *samples);
  return samples;
}

std::shared_ptr<const Samples> Invented(std::string_view family, std::string text) {
  Samples samples;
  samples.families = {{&FindMetric(family), 0, text.size(), 1}};
  samples.text = std::move(text);
  return std::make_shared<const Samples>(std::move(samples));
}

std::string Gunzipped(const std::string& packed, std::size_t size) {
  const std::unique_ptr<libdeflate_decompressor, decltype(&libdeflate_free_decompressor)> inflate(
      libdeflate_alloc_decompressor(), &libdeflate_free_decompressor);
  std::string text(size, '\0');
  std::size_t used = 0;
  std::size_t made = 0;
  EXPECT_EQ(libdeflate_gzip_decompress_ex(inflate.get(), packed.data(), packed.size(), text.data(),
                                          text.size(), &used, &made),
            LIBDEFLATE_SUCCESS);
  EXPECT_EQ(used, packed.size()) << "more than one member";
  EXPECT_EQ(made, size);
  return text;
}

TEST(Page, MergesClustersByFamily) {
  const Page page({Rendered(OrdersReport(), "east"), Rendered(OrdersReport(), "west")});
  const auto families = ParsePage(Join(page.Pieces(Format::kText)), Format::kText);
  ASSERT_FALSE(families.empty());
  EXPECT_EQ(families[0].name, "backlogd_up");
  ASSERT_EQ(families[0].samples.size(), 2U);
  EXPECT_EQ(families[0].samples[0].labels[0].second, "east");
  EXPECT_EQ(families[0].samples[1].labels[0].second, "west");
}

TEST(Page, ShowsFamiliesInCatalogOrderWhicheverPartHasThem) {
  const Page page({Invented("backlogd_series", "backlogd_series{family=\"x\"} 1\n"),
                   Invented("backlogd_up", "backlogd_up{kafka_cluster=\"x\"} 1\n")});
  const auto families = ParsePage(Join(page.Pieces(Format::kText)), Format::kText);
  ASSERT_EQ(families.size(), 2U);
  EXPECT_EQ(families[0].name, "backlogd_up");
  EXPECT_EQ(families[1].name, "backlogd_series");
}

TEST(Page, SharesTheSampleTextBetweenBothFormats) {
  const auto part = Rendered(OrdersReport(), "east");
  const Page page({part});
  for (const Format format : {Format::kText, Format::kOpenMetrics}) {
    std::size_t shared = 0;
    for (const std::string_view piece : page.Pieces(format)) {
      const bool inside = piece.data() >= part->text.data() &&
                          piece.data() + piece.size() <= part->text.data() + part->text.size();
      if (inside) shared += piece.size();
    }
    EXPECT_EQ(shared, part->text.size());
  }
}

TEST(Page, WritesTheHeadersOfEachFormat) {
  const Page page({Invented("backlogd_topic_records_produced_total",
                            "backlogd_topic_records_produced_total{topic=\"t\"} 1\n"),
                   Invented("backlogd_build_info", "backlogd_build_info{version=\"1\"} 1\n")});
  const std::string text = Join(page.Pieces(Format::kText));
  EXPECT_NE(text.find("# TYPE backlogd_topic_records_produced_total counter\n"), std::string::npos);
  EXPECT_NE(text.find("# TYPE backlogd_build_info gauge\n"), std::string::npos);
  EXPECT_LT(text.find("# HELP backlogd_build_info "), text.find("# TYPE backlogd_build_info "));

  const std::string open = Join(page.Pieces(Format::kOpenMetrics));
  EXPECT_NE(open.find("# TYPE backlogd_topic_records_produced counter\n"
                      "# HELP backlogd_topic_records_produced Records"),
            std::string::npos);
  EXPECT_NE(open.find("# TYPE backlogd_build info\n"), std::string::npos);
  EXPECT_TRUE(open.ends_with("\n# EOF\n"));
}

TEST(Page, OfNothingIsValid) {
  const Page page(Parts{});
  EXPECT_EQ(page.Size(Format::kText), 0U);
  EXPECT_EQ(Join(page.Pieces(Format::kOpenMetrics)), "# EOF\n");
}

TEST(Page, CompressesWhatItShows) {
  Page page({Rendered(OrdersReport(), "east")});
  for (const Format format : {Format::kText, Format::kOpenMetrics}) {
    EXPECT_EQ(page.Gzip(format), nullptr);
    page.Compress(format);
    ASSERT_NE(page.Gzip(format), nullptr);
    EXPECT_EQ(Gunzipped(*page.Gzip(format), page.Size(format)), Join(page.Pieces(format)));
  }
}

TEST(Page, CompressesWhatHardlyShrinks) {
  std::string noise;
  std::uint32_t state = 1;
  for (int i = 0; i < 100'000; ++i) {
    state = state * 1664525 + 1013904223;
    noise += static_cast<char>(state >> 24);
  }
  for (const std::string& text : {noise, std::string("x")}) {
    Page page({Invented("backlogd_up", text)});
    page.Compress(Format::kText);
    ASSERT_NE(page.Gzip(Format::kText), nullptr);
    EXPECT_EQ(Gunzipped(*page.Gzip(Format::kText), page.Size(Format::kText)),
              Join(page.Pieces(Format::kText)));
  }
}

}  // namespace
}  // namespace backlogd::exposition
