#include "exposition/client_metrics.h"

#include <prometheus/client_metric.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

#include "exposition/labels.h"
#include "exposition/sample_writer.h"

namespace backlogd::exposition {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;

std::string_view ValueOf(const ClientMetric& metric, std::string_view label) {
  const auto found = std::ranges::find(metric.label, label, &ClientMetric::Label::name);
  return found == metric.label.end() ? std::string_view() : found->value;
}

// The metric's labels in the order of the catalog.
std::string LabelsOf(const MetricSpec& spec, const ClientMetric& metric) {
  std::string labels;
  for (const std::string_view name : spec.labels) {
    if (!labels.empty()) labels += ',';
    labels += Label(name, ValueOf(metric, name));
  }
  return labels;
}

// As a value of `le` and `quantile`: OpenMetrics wants "1.0", and both formats share the lines.
std::string CanonicalNumber(double value) {
  if (std::isinf(value)) return "+Inf";
  char text[32];
  std::string number(text, std::to_chars(std::begin(text), std::end(text), value).ptr);
  if (number.find_first_of(".e") == std::string::npos) number += ".0";
  return number;
}

struct Labelled {
  std::string labels;
  const ClientMetric* metric;
};

void PutValue(SampleWriter& out, std::int64_t value) { out.PutInteger(value); }
void PutValue(SampleWriter& out, double value) { out.PutDouble(value); }

// name + suffix {labels,label="at"} value
template <typename Value>
void WritePart(std::string_view name, std::string_view suffix, const std::string& labels,
               Value value, SampleWriter& out) {
  out.Put(name);
  out.Put(suffix);
  if (!labels.empty()) {
    out.Put("{");
    out.Put(labels);
    out.Put("}");
  }
  out.Put(" ");
  PutValue(out, value);
  out.EndLine();
}

std::string With(const std::string& labels, std::string_view name, double value) {
  return labels + (labels.empty() ? "" : ",") + Label(name, CanonicalNumber(value));
}

void WriteHistogram(std::string_view name, const Labelled& series, SampleWriter& out) {
  const ClientMetric::Histogram& histogram = series.metric->histogram;
  for (const ClientMetric::Bucket& bucket : histogram.bucket) {
    WritePart(name, "_bucket", With(series.labels, "le", bucket.upper_bound),
              static_cast<std::int64_t>(bucket.cumulative_count), out);
  }
  WritePart(name, "_sum", series.labels, histogram.sample_sum, out);
  WritePart(name, "_count", series.labels, static_cast<std::int64_t>(histogram.sample_count), out);
}

void WriteSummary(std::string_view name, const Labelled& series, SampleWriter& out) {
  const ClientMetric::Summary& summary = series.metric->summary;
  for (const ClientMetric::Quantile& quantile : summary.quantile) {
    WritePart(name, "", With(series.labels, "quantile", quantile.quantile), quantile.value, out);
  }
  WritePart(name, "_sum", series.labels, summary.sample_sum, out);
  WritePart(name, "_count", series.labels, static_cast<std::int64_t>(summary.sample_count), out);
}

void WriteMetric(const MetricSpec& spec, const Labelled& series, SampleWriter& out) {
  switch (spec.type) {
    case MetricType::kHistogram: return WriteHistogram(spec.name, series, out);
    case MetricType::kSummary: return WriteSummary(spec.name, series, out);
    case MetricType::kCounter: return out.Line(series.labels, series.metric->counter.value);
    case MetricType::kGauge:
    case MetricType::kInfo: return out.Line(series.labels, series.metric->gauge.value);
  }
}

// prometheus-cpp keeps metrics in hash order.
std::vector<Labelled> Sorted(const MetricSpec& spec, const std::vector<ClientMetric>& metrics) {
  std::vector<Labelled> sorted;
  sorted.reserve(metrics.size());
  for (const ClientMetric& metric : metrics) sorted.push_back({LabelsOf(spec, metric), &metric});
  std::ranges::sort(sorted, {}, &Labelled::labels);
  return sorted;
}

}  // namespace

void Merge(std::vector<MetricFamily> collected, ClientFamilies& into) {
  for (MetricFamily& family : collected) {
    MetricFamily& all = into[family.name];
    all.name = family.name;
    all.type = family.type;
    std::ranges::move(family.metric, std::back_inserter(all.metric));
  }
}

void AddGauge(std::string_view name, std::vector<ClientMetric::Label> labels, double value,
              ClientFamilies& to) {
  MetricFamily& family = to[std::string(name)];
  family.name = name;
  family.type = prometheus::MetricType::Gauge;
  ClientMetric& metric = family.metric.emplace_back();
  metric.label = std::move(labels);
  metric.gauge.value = value;
}

std::size_t CountSeries(const MetricFamily& family) {
  std::size_t series = 0;
  for (const ClientMetric& metric : family.metric) {
    switch (family.type) {
      case prometheus::MetricType::Histogram: series += metric.histogram.bucket.size() + 2; break;
      case prometheus::MetricType::Summary: series += metric.summary.quantile.size() + 2; break;
      default: ++series;
    }
  }
  return series;
}

void WriteFamilies(const ClientFamilies& families, Samples& out) {
  SampleWriter writer(out);
  for (const MetricSpec& spec : Catalog()) {
    const auto found = families.find(spec.name);
    if (found == families.end()) continue;
    writer.BeginFamily(spec.name);
    for (const Labelled& series : Sorted(spec, found->second.metric)) {
      WriteMetric(spec, series, writer);
    }
  }
  writer.Finish();
}

}  // namespace backlogd::exposition
