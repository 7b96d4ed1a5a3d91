#include "exposition/page.h"

#include <libdeflate.h>

#include <algorithm>
#include <array>
#include <memory>
#include <new>
#include <utility>

namespace backlogd::exposition {
namespace {

// Level 1 of libdeflate is the fastest and already makes a page some 20 times smaller.
constexpr int kCompressionLevel = 1;
constexpr std::string_view kOpenMetricsEnd = "# EOF\n";

std::string_view WithoutSuffix(std::string_view name, std::string_view suffix) {
  if (name.ends_with(suffix)) name.remove_suffix(suffix.size());
  return name;
}

// OpenMetrics names a family without what its type adds to the samples.
std::string_view FamilyName(const MetricSpec& spec, Format format) {
  if (format == Format::kText) return spec.name;
  if (spec.type == MetricType::kCounter) return WithoutSuffix(spec.name, "_total");
  if (spec.type == MetricType::kInfo) return WithoutSuffix(spec.name, "_info");
  return spec.name;
}

std::string_view TypeName(MetricType type, Format format) {
  switch (type) {
    case MetricType::kGauge: return "gauge";
    case MetricType::kCounter: return "counter";
    case MetricType::kHistogram: return "histogram";
    case MetricType::kSummary: return "summary";
    case MetricType::kInfo: return format == Format::kText ? "gauge" : "info";
  }
  return "unknown";
}

// The unit in which an OpenMetrics family's name ends; empty if it ends in none.
std::string_view Unit(std::string_view family) {
  constexpr std::array<std::string_view, 3> kUnits = {"seconds", "bytes", "records"};
  const std::string_view last = family.substr(family.rfind('_') + 1);
  return std::ranges::find(kUnits, last) == kUnits.end() ? std::string_view() : last;
}

std::string EscapedHelp(std::string_view help) {
  std::string escaped;
  for (const char c : help) {
    if (c == '\\' || c == '\n') {
      escaped += c == '\n' ? "\\n" : "\\\\";
    } else {
      escaped += c;
    }
  }
  return escaped;
}

std::string Header(const MetricSpec& spec, Format format) {
  const std::string name(FamilyName(spec, format));
  const std::string help = "# HELP " + name + " " + EscapedHelp(spec.help) + "\n";
  std::string type = "# TYPE " + name + " ";
  type.append(TypeName(spec.type, format)).append("\n");
  if (format == Format::kText) return help + type;
  const std::string_view unit = Unit(name);
  if (!unit.empty()) type.append("# UNIT " + name + " ").append(unit).append("\n");
  return type + help;
}

// By position in the catalog; the same on every page.
std::vector<std::string> MakeHeaders(Format format) {
  std::vector<std::string> headers;
  for (const MetricSpec& spec : WholeCatalog()) headers.push_back(Header(spec, format));
  return headers;
}

const std::string& HeaderOf(std::size_t family, Format format) {
  static const std::vector<std::string> text = MakeHeaders(Format::kText);
  static const std::vector<std::string> open_metrics = MakeHeaders(Format::kOpenMetrics);
  return (format == Format::kText ? text : open_metrics)[family];
}

// One family of all parts.
std::vector<std::string_view> SamplesOf(const MetricSpec& spec,
                                        const std::vector<std::shared_ptr<const Samples>>& parts) {
  std::vector<std::string_view> samples;
  for (const auto& part : parts) {
    const auto family = std::ranges::find(part->families, &spec, &Samples::Family::spec);
    if (family == part->families.end()) continue;
    samples.push_back(
        std::string_view(part->text).substr(family->begin, family->end - family->begin));
  }
  return samples;
}

std::unique_ptr<const std::string> GzipOf(std::string_view text) {
  const std::unique_ptr<libdeflate_compressor, decltype(&libdeflate_free_compressor)> compressor(
      libdeflate_alloc_compressor(kCompressionLevel), &libdeflate_free_compressor);
  if (!compressor) throw std::bad_alloc();
  // A page shrinks far below an eighth; the bound, a little more than the page, is for what does
  // not.
  for (const std::size_t room :
       {text.size() / 8, libdeflate_gzip_compress_bound(compressor.get(), text.size())}) {
    std::string packed(room, '\0');
    const std::size_t size = libdeflate_gzip_compress(compressor.get(), text.data(), text.size(),
                                                      packed.data(), packed.size());
    if (size > 0) return std::make_unique<const std::string>(packed, 0, size);
  }
  throw std::bad_alloc();
}

}  // namespace

Page::Page(std::vector<std::shared_ptr<const Samples>> parts) : parts_(std::move(parts)) {
  const std::span<const MetricSpec> catalog = WholeCatalog();
  for (std::size_t i = 0; i < catalog.size(); ++i) {
    const std::vector<std::string_view> samples = SamplesOf(catalog[i], parts_);
    if (samples.empty()) continue;
    text_.push_back(HeaderOf(i, Format::kText));
    text_.insert(text_.end(), samples.begin(), samples.end());
    open_metrics_.push_back(HeaderOf(i, Format::kOpenMetrics));
    open_metrics_.insert(open_metrics_.end(), samples.begin(), samples.end());
  }
  open_metrics_.push_back(kOpenMetricsEnd);
}

const std::vector<std::string_view>& Page::Pieces(Format format) const {
  return format == Format::kText ? text_ : open_metrics_;
}

std::size_t Page::Size(Format format) const {
  std::size_t size = 0;
  for (const std::string_view piece : Pieces(format)) size += piece.size();
  return size;
}

void Page::Compress(Format format) {
  std::string whole;
  whole.reserve(Size(format));
  for (const std::string_view piece : Pieces(format)) whole += piece;
  (format == Format::kText ? gzip_text_ : gzip_open_metrics_) = GzipOf(whole);
}

const std::string* Page::Gzip(Format format) const {
  return (format == Format::kText ? gzip_text_ : gzip_open_metrics_).get();
}

}  // namespace backlogd::exposition
