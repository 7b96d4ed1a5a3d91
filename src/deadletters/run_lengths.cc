#include "deadletters/run_lengths.h"

#include <cstddef>

namespace backlogd::deadletters {
namespace {

constexpr std::string_view kDigits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr unsigned kDigitBits = 6;
constexpr unsigned kByteBits = 8;
constexpr unsigned kPayloadBits = 7;  // of a varint's byte
constexpr unsigned char kMore = 0x80;

void AppendVarint(std::int64_t number, std::string& bytes) {
  auto rest = static_cast<std::uint64_t>(number);
  for (; rest >= kMore; rest >>= kPayloadBits) {
    bytes += static_cast<char>(static_cast<unsigned char>(rest) | kMore);
  }
  bytes += static_cast<char>(rest);
}

// Moves a number of 1 or more out of `bytes`; nothing if none that fits stands there.
std::optional<std::int64_t> TakeVarint(std::string_view& bytes) {
  std::uint64_t number = 0;
  for (unsigned shift = 0; shift < 63 && !bytes.empty(); shift += kPayloadBits) {
    const auto byte = static_cast<unsigned char>(bytes.front());
    bytes.remove_prefix(1);
    number |= std::uint64_t{byte & (kMore - 1U)} << shift;
    if ((byte & kMore) != 0) continue;
    if (number == 0) return std::nullopt;
    return static_cast<std::int64_t>(number);
  }
  return std::nullopt;
}

std::string ToBase64(std::string_view bytes) {
  std::string text;
  std::uint32_t pending = 0;
  unsigned bits = 0;
  for (const char byte : bytes) {
    pending = pending << kByteBits | static_cast<unsigned char>(byte);
    for (bits += kByteBits; bits >= kDigitBits; bits -= kDigitBits) {
      text += kDigits[pending >> (bits - kDigitBits) & (kDigits.size() - 1)];
    }
  }
  if (bits > 0) text += kDigits[pending << (kDigitBits - bits) & (kDigits.size() - 1)];
  return text;
}

std::optional<std::string> FromBase64(std::string_view text) {
  std::string bytes;
  std::uint32_t pending = 0;
  unsigned bits = 0;
  for (const char c : text) {
    const std::size_t digit = kDigits.find(c);
    if (digit == std::string_view::npos) return std::nullopt;
    pending = pending << kDigitBits | static_cast<std::uint32_t>(digit);
    bits += kDigitBits;
    if (bits < kByteBits) continue;
    bits -= kByteBits;
    bytes += static_cast<char>(pending >> bits & 0xFFU);
  }
  const bool is_whole = bits < kDigitBits && (pending & ((1U << bits) - 1)) == 0;
  if (!is_whole) return std::nullopt;
  return bytes;
}

// Moves the range that comes next after `end` out of `bytes`.
std::optional<OffsetRange> TakeRange(std::int64_t end, std::string_view& bytes) {
  const std::optional<std::int64_t> gap = TakeVarint(bytes);
  const std::optional<std::int64_t> length = gap ? TakeVarint(bytes) : std::nullopt;
  OffsetRange range;
  if (!length || __builtin_add_overflow(end, *gap, &range.begin) ||
      __builtin_add_overflow(range.begin, *length, &range.end)) {
    return std::nullopt;
  }
  return range;
}

}  // namespace

std::string RunLengths(std::int64_t start, std::span<const OffsetRange> ranges) {
  std::string bytes;
  for (const OffsetRange& range : ranges) {
    AppendVarint(range.begin - start, bytes);
    AppendVarint(range.end - range.begin, bytes);
    start = range.end;
  }
  return ToBase64(bytes);
}

std::optional<std::vector<OffsetRange>> ParseRunLengths(std::int64_t start, std::string_view text) {
  const std::optional<std::string> decoded = FromBase64(text);
  if (!decoded) return std::nullopt;
  std::vector<OffsetRange> ranges;
  for (std::string_view bytes = *decoded; !bytes.empty(); start = ranges.back().end) {
    const std::optional<OffsetRange> range = TakeRange(start, bytes);
    if (!range) return std::nullopt;
    ranges.push_back(*range);
  }
  return ranges;
}

}  // namespace backlogd::deadletters
