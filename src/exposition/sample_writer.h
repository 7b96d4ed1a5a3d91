#pragma once

#include <charconv>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "exposition/render.h"

namespace backlogd::exposition {

// Writes sample lines over the text of a Samples, family by family, piece by piece. Private to
// exposition. The pieces are inlined: a page is made of hundreds of thousands of them.
class SampleWriter {
 public:
  // Keeps the capacity of `out`; what it held is gone.
  explicit SampleWriter(Samples& out);
  SampleWriter(const SampleWriter&) = delete;
  SampleWriter& operator=(const SampleWriter&) = delete;

  // REQUIRES: `name` is in the catalog, after all families begun before
  void BeginFamily(std::string_view name);

  void Put(std::string_view text) {
    if (text.size() > Room()) Grow(text.size());
    std::memcpy(text_.data() + size_, text.data(), text.size());
    size_ += text.size();
  }
  void PutInteger(std::int64_t value) {
    if (Room() < kNumberSize) Grow(kNumberSize);
    char* begin = text_.data() + size_;
    size_ += static_cast<std::size_t>(std::to_chars(begin, begin + kNumberSize, value).ptr - begin);
  }
  // As seconds: 1500 is 1.5. REQUIRES: value >= 0
  void PutMilliseconds(std::int64_t value) {
    PutInteger(value / 1000);
    if (value % 1000 != 0) PutThousandths(value % 1000);
  }
  // Shortest text that reads back as the same value, whole numbers without exponent; NaN, +Inf,
  // -Inf as Prometheus writes them.
  void PutDouble(double value);
  void EndLine() {
    Put("\n");
    ++series_;
  }

  // name{labels} value
  void Line(std::string_view labels, std::int64_t value);
  void Line(std::string_view labels, double value);

  // REQUIRES: nothing is written afterwards
  void Finish();

 private:
  static constexpr std::size_t kNumberSize = 32;

  std::size_t Room() const { return text_.size() - size_; }
  void Grow(std::size_t needed);
  // .001 to .999, without zeros at the end. REQUIRES: 0 < value < 1000
  void PutThousandths(std::int64_t value) {
    if (Room() < kNumberSize) Grow(kNumberSize);
    char* begin = text_.data() + size_;
    begin[0] = '.';
    begin[1] = static_cast<char>('0' + value / 100);
    begin[2] = static_cast<char>('0' + value / 10 % 10);
    begin[3] = static_cast<char>('0' + value % 10);
    size_ += begin[3] != '0' ? 4 : begin[2] != '0' ? 3 : 2;
  }
  void EndFamily();
  void PutNameAndLabels(std::string_view labels);

  Samples& out_;
  // Still as long as the last page, so that few bytes are zeroed first; size_ of them are written.
  std::string& text_;
  std::size_t size_ = 0;
  const MetricSpec* family_ = nullptr;
  std::size_t family_begin_ = 0;
  std::size_t series_ = 0;
};

}  // namespace backlogd::exposition
