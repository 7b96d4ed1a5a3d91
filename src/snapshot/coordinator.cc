#include "snapshot/coordinator.h"

#include <limits>

namespace backlogd::snapshot {
namespace {

struct CodePoint {
  std::uint32_t value;
  std::size_t bytes;
};

// REQUIRES: text is not empty. A malformed byte stands for itself: no real group has one.
CodePoint FirstCodePoint(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const std::size_t length = byte(0) < 0xC0 ? 1 : byte(0) < 0xE0 ? 2 : byte(0) < 0xF0 ? 3 : 4;
  if (length == 1 || text.size() < length) return {byte(0), 1};
  std::uint32_t value = byte(0) & (0xFFU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) value = value << 6U | (byte(i) & 0x3FU);
  return {value, length};
}

// Java's String.hashCode: over UTF-16 units, modulo 2^32.
std::uint32_t JavaHash(std::string_view text) {
  std::uint32_t hash = 0;
  while (!text.empty()) {
    const CodePoint next = FirstCodePoint(text);
    text.remove_prefix(next.bytes);
    if (next.value < 0x10000) {
      hash = hash * 31 + next.value;
    } else {
      const std::uint32_t rest = next.value - 0x10000;
      hash = hash * 31 + (0xD800 + (rest >> 10U));
      hash = hash * 31 + (0xDC00 + (rest & 0x3FFU));
    }
  }
  return hash;
}

}  // namespace

std::uint32_t CoordinatorPartition(std::string_view group, std::uint32_t partitions) {
  const auto hash = static_cast<std::int32_t>(JavaHash(group));
  if (hash == std::numeric_limits<std::int32_t>::min()) return 0;
  return static_cast<std::uint32_t>(hash < 0 ? -hash : hash) % partitions;
}

}  // namespace backlogd::snapshot
