#include "app/page_publisher.h"

#include <gtest/gtest.h>

#include "page_text.h"

namespace backlogd::app {
namespace {

using exposition::Format;
using std::chrono_literals::operator""min;

std::shared_ptr<const exposition::Samples> Up(const std::string& cluster) {
  auto samples = std::make_shared<exposition::Samples>();
  samples->text = "backlogd_up{kafka_cluster=\"" + cluster + "\"} 1\n";
  samples->families.push_back({&exposition::FindMetric("backlogd_up"), 0, samples->text.size(), 1});
  return samples;
}

class PagePublisherTest : public testing::Test {
 protected:
  Deadline now_{std::chrono::hours(1)};
  exposition::SelfMetrics metrics_{{"1.2.3", "abc"}};
  PagePublisher publisher_{2, 10min, metrics_, [this] { return now_; }};
};

TEST_F(PagePublisherTest, HasAPageOfItsOwnMetricsFromTheStart) {
  const std::string text = Text(*publisher_.page());
  EXPECT_NE(text.find("backlogd_build_info{"), std::string::npos) << text;
  EXPECT_NE(text.find("\nprocess_resident_memory_bytes "), std::string::npos) << text;
  EXPECT_EQ(text.find("backlogd_up{"), std::string::npos) << text;
  EXPECT_FALSE(publisher_.complete());
}

TEST_F(PagePublisherTest, ShowsTheNewestOfEachCluster) {
  publisher_.Publish(1, Up("b"));
  EXPECT_FALSE(publisher_.complete());
  publisher_.Publish(0, Up("old"));
  EXPECT_TRUE(publisher_.complete());
  publisher_.Publish(0, Up("a"));
  const std::string text = Text(*publisher_.page());
  EXPECT_NE(text.find("backlogd_up{kafka_cluster=\"a\"} 1\nbacklogd_up{kafka_cluster=\"b\"} 1\n"),
            std::string::npos)
      << text;
  EXPECT_EQ(text.find("old"), std::string::npos) << text;
}

TEST_F(PagePublisherTest, KeepsAPageAliveForItsReader) {
  publisher_.Publish(0, Up("a"));
  const auto page = publisher_.page();
  publisher_.Publish(0, Up("b"));
  EXPECT_NE(Text(*page).find("kafka_cluster=\"a\""), std::string::npos);
  EXPECT_NE(publisher_.page(), page);
}

TEST_F(PagePublisherTest, CompressesTheFormatThatIsWantedWhileItIsWanted) {
  publisher_.Publish(0, Up("a"));
  EXPECT_EQ(publisher_.page()->Gzip(Format::kText), nullptr);

  publisher_.NoteGzipClient(Format::kText);
  publisher_.Publish(0, Up("a"));
  EXPECT_NE(publisher_.page()->Gzip(Format::kText), nullptr);
  EXPECT_EQ(publisher_.page()->Gzip(Format::kOpenMetrics), nullptr);

  now_ += 9min;
  publisher_.NoteGzipClient(Format::kOpenMetrics);
  publisher_.Publish(0, Up("a"));
  EXPECT_NE(publisher_.page()->Gzip(Format::kText), nullptr);
  EXPECT_NE(publisher_.page()->Gzip(Format::kOpenMetrics), nullptr);

  now_ += 1min;
  publisher_.Publish(0, Up("a"));
  EXPECT_EQ(publisher_.page()->Gzip(Format::kText), nullptr);
  EXPECT_NE(publisher_.page()->Gzip(Format::kOpenMetrics), nullptr);
}

}  // namespace
}  // namespace backlogd::app
