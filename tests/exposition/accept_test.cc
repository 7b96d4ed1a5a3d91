#include <gtest/gtest.h>

#include "exposition/page.h"

namespace backlogd::exposition {
namespace {

struct AcceptCase {
  const char* accept;
  Format format;
};

constexpr AcceptCase kAcceptCases[] = {
    // Prometheus 2.0, 2.30, 2.42, 2.49, 2.49 with native histograms, 3.x
    {"text/plain;version=0.0.4;q=1,*/*;q=0.1", Format::kText},
    {"application/openmetrics-text; version=0.0.1,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
     Format::kOpenMetrics},
    {"application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
     "text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
     Format::kOpenMetrics},
    {"application/openmetrics-text;version=1.0.0;q=0.5,application/openmetrics-text;"
     "version=0.0.1;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
     Format::kOpenMetrics},
    {"application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;"
     "encoding=delimited;q=0.6,application/openmetrics-text;version=1.0.0;q=0.5,"
     "application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
     Format::kOpenMetrics},
    {"application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
     "application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;"
     "escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
     Format::kOpenMetrics},
    {"text/plain;version=1.0.0;escaping=allow-utf-8;q=0.6,text/plain;version=0.0.4;q=0.5,"
     "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.4,*/*;q=0.2",
     Format::kText},
    // curl, browsers, nothing
    {"*/*", Format::kText},
    {"", Format::kText},
    {"text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8", Format::kText},
    {"application/json", Format::kText},
    // Quality values
    {"text/plain;q=0.5, application/openmetrics-text;q=0.6", Format::kOpenMetrics},
    {"text/plain;q=0.6, application/openmetrics-text;q=0.5", Format::kText},
    {"text/plain, application/openmetrics-text", Format::kText},
    {"application/openmetrics-text, text/plain", Format::kOpenMetrics},
    {"application/openmetrics-text;q=0", Format::kText},
    {"*/*, application/openmetrics-text;q=0.5", Format::kText},
    {"application/openmetrics-text, */*", Format::kOpenMetrics},
    {"text/plain;q=0, */*", Format::kOpenMetrics},
    {"application/openmetrics-text;q=nonsense, text/plain;q=0.1", Format::kText},
    {"application/openmetrics-text;q=7, text/plain;q=0.1", Format::kText},
    // Ranges, versions, spelling
    {"application/*", Format::kOpenMetrics},
    {"text/*, application/*;q=0.9", Format::kText},
    {"application/openmetrics-text;version=1.0.0", Format::kOpenMetrics},
    {"application/openmetrics-text; version=\"1.0.0\"; charset=utf-8", Format::kOpenMetrics},
    {"application/openmetrics-text;version=0.0.1", Format::kOpenMetrics},
    {"application/openmetrics-text;version=2.0.0, text/plain;q=0.1", Format::kText},
    {"text/plain;version=1.0.0, application/openmetrics-text;q=0.5", Format::kOpenMetrics},
    {"APPLICATION/OpenMetrics-Text ; Q=0.9 ,text/plain; q=0.5", Format::kOpenMetrics},
    {",;=,;;q=,\"", Format::kText},
};

TEST(ChooseFormat, FollowsWhatTheClientWantsMost) {
  for (const AcceptCase& c : kAcceptCases) EXPECT_EQ(ChooseFormat(c.accept), c.format) << c.accept;
}

struct EncodingCase {
  const char* accept_encoding;
  bool gzip;
};

constexpr EncodingCase kEncodingCases[] = {
    {"", false},
    {"gzip", true},
    {"GZIP", true},
    {"x-gzip", true},
    {"gzip, deflate, br", true},
    {"deflate, br", false},
    {"identity", false},
    {"*", true},
    {"*;q=0", false},
    {"gzip;q=0", false},
    {"gzip;q=0.0", false},
    {"gzip;q=0, *", false},
    {"*;q=0, gzip", true},
    {"br;q=1.0, gzip;q=0.001", true},
    {"gzip ; q=0.5 , identity", true},
    {"gzipped", false},
    {"not-gzip, gzip;q=0", false},
};

TEST(AcceptsGzip, OnlyIfTheClientSaysSo) {
  for (const EncodingCase& c : kEncodingCases) {
    EXPECT_EQ(AcceptsGzip(c.accept_encoding), c.gzip) << c.accept_encoding;
  }
}

TEST(ContentType, NamesTheVersion) {
  EXPECT_EQ(ContentType(Format::kText), "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_EQ(ContentType(Format::kOpenMetrics),
            "application/openmetrics-text; version=1.0.0; charset=utf-8");
}

}  // namespace
}  // namespace backlogd::exposition
