#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "exposition/render.h"

namespace backlogd::exposition {

enum class Format { kText, kOpenMetrics };  // text 0.0.4, OpenMetrics 1.0.0

// One page of metrics, complete and immutable. Thread-safe.
class Page {
 public:
  // Merges the parts by family, in catalog order. Copies no sample: the parts live with the page.
  // REQUIRES: no series is in two parts
  explicit Page(std::vector<std::shared_ptr<const Samples>> parts);

  // The page's pieces in order; valid as long as the page lives.
  const std::vector<std::string_view>& Pieces(Format format) const;
  std::size_t Size(Format format) const;  // bytes

  // Makes Gzip(format) available. REQUIRES: not shared with other threads yet
  void Compress(Format format);
  // Null unless compressed.
  const std::string* Gzip(Format format) const;

 private:
  std::vector<std::shared_ptr<const Samples>> parts_;
  std::vector<std::string_view> text_;
  std::vector<std::string_view> open_metrics_;
  std::unique_ptr<const std::string> gzip_text_;
  std::unique_ptr<const std::string> gzip_open_metrics_;
};

// The format that a client wants most, by its Accept header (RFC 9110 quality values): what it does
// not say, or what we do not speak, is text. Of two that it wants equally, the one named first.
// OpenMetrics 0.0.1 is answered by 1.0.0, as most exporters do: those who ask for it read both.
Format ChooseFormat(std::string_view accept);
// Whether an Accept-Encoding header allows gzip.
bool AcceptsGzip(std::string_view accept_encoding);
// "text/plain; version=0.0.4; charset=utf-8", ...
std::string_view ContentType(Format format);

}  // namespace backlogd::exposition
