#include "exposition/sample_writer.h"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace backlogd::exposition {
namespace {

constexpr double kExactIntegers = 9007199254740992;  // 2^53

}  // namespace

SampleWriter::SampleWriter(Samples& out) : out_(out), text_(out.text) { out_.families.clear(); }

void SampleWriter::BeginFamily(std::string_view name) {
  EndFamily();
  const MetricSpec& spec = FindMetric(name);
  assert(out_.families.empty() || out_.families.back().spec < &spec);
  family_ = &spec;
  family_begin_ = size_;
  series_ = 0;
}

void SampleWriter::PutDouble(double value) {
  if (std::isnan(value)) return Put("NaN");
  if (std::isinf(value)) return Put(value > 0 ? "+Inf" : "-Inf");
  if (value == std::trunc(value) && std::abs(value) < kExactIntegers) {
    return PutInteger(static_cast<std::int64_t>(value));
  }
  if (Room() < kNumberSize) Grow(kNumberSize);
  char* begin = text_.data() + size_;
  size_ += static_cast<std::size_t>(std::to_chars(begin, begin + kNumberSize, value).ptr - begin);
}

void SampleWriter::Line(std::string_view labels, std::int64_t value) {
  PutNameAndLabels(labels);
  PutInteger(value);
  EndLine();
}

void SampleWriter::Line(std::string_view labels, double value) {
  PutNameAndLabels(labels);
  PutDouble(value);
  EndLine();
}

void SampleWriter::PutNameAndLabels(std::string_view labels) {
  Put(family_->name);
  if (!labels.empty()) {
    Put("{");
    Put(labels);
    Put("}");
  }
  Put(" ");
}

void SampleWriter::Finish() {
  EndFamily();
  text_.resize(size_);
}

void SampleWriter::Grow(std::size_t needed) {
  text_.resize(std::max(text_.size() / 4 * 5, size_ + needed + 4096));
}

void SampleWriter::EndFamily() {
  if (series_ > 0) out_.families.push_back({family_, family_begin_, size_, series_});
  family_ = nullptr;
  series_ = 0;
}

}  // namespace backlogd::exposition
