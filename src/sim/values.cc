#include "sim/values.h"

#include <algorithm>

namespace backlogd::sim {
namespace {

// Values begin at so many places of the text: more than what a compressor looks back on, or else a
// batch of them would shrink to nothing, and with it all that depends on its bytes.
constexpr std::int64_t kShift = 1 << 20;
constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz0123456789";

}  // namespace

Values::Values(std::int64_t bytes, std::int64_t max_bytes, std::mt19937_64& random)
    : bytes_(bytes), max_bytes_(std::max(bytes, max_bytes)) {
  text_.reserve(static_cast<std::size_t>(max_bytes_ + kShift));
  for (std::int64_t i = 0; i < max_bytes_ + kShift; ++i) {
    text_ += kLetters[random() % kLetters.size()];
  }
}

std::string_view Values::Next(std::mt19937_64& random) const {
  std::uniform_int_distribution<std::int64_t> length(bytes_, max_bytes_);
  const auto size = static_cast<std::size_t>(length(random));
  return std::string_view(text_).substr(random() % kShift, size);
}

}  // namespace backlogd::sim
