#include "dlq/gzip.h"

#include <libdeflate.h>

#include <algorithm>
#include <memory>
#include <new>

namespace backlogd::dlq {
namespace {

constexpr int kLevel = 6;
constexpr std::size_t kMaxText = std::size_t{1} << 30;
constexpr std::size_t kTrailer = 8;  // checksum and size

using Decompressor =
    std::unique_ptr<libdeflate_decompressor, decltype(&libdeflate_free_decompressor)>;

// Why a member cannot be read. libdeflate says the same of one that ends too soon and of one that
// is damaged; but if its stream has an end, with a whole trailer behind, nothing is missing.
MemberState StateOf(libdeflate_decompressor* decompressor, std::string_view bytes,
                    std::string& text) {
  if (!bytes.starts_with(GzipHeader())) return MemberState::kUnfinished;
  const std::string_view stream = bytes.substr(GzipHeader().size());
  std::size_t used = 0, size = 0;
  const auto result = libdeflate_deflate_decompress_ex(decompressor, stream.data(), stream.size(),
                                                       text.data(), text.size(), &used, &size);
  const bool ends = result == LIBDEFLATE_SUCCESS && stream.size() - used >= kTrailer;
  return ends ? MemberState::kDamaged : MemberState::kUnfinished;
}

}  // namespace

std::string Gzip(std::string_view text) {
  const std::unique_ptr<libdeflate_compressor, decltype(&libdeflate_free_compressor)> compressor(
      libdeflate_alloc_compressor(kLevel), &libdeflate_free_compressor);
  if (!compressor) throw std::bad_alloc();
  std::string bytes(libdeflate_gzip_compress_bound(compressor.get(), text.size()), '\0');
  bytes.resize(libdeflate_gzip_compress(compressor.get(), text.data(), text.size(), bytes.data(),
                                        bytes.size()));
  return bytes;
}

std::string_view GzipHeader() {
  constexpr std::size_t kSize = 10;
  static const std::string header = Gzip("").substr(0, kSize);
  return header;
}

MemberState ReadMember(std::string_view bytes, std::string& text, std::size_t& used) {
  const Decompressor decompressor(libdeflate_alloc_decompressor(), &libdeflate_free_decompressor);
  if (!decompressor) throw std::bad_alloc();
  for (std::size_t room = std::max<std::size_t>(text.capacity(), 1U << 20); room <= kMaxText;
       room *= 2) {
    text.resize(room);
    std::size_t size = 0;
    const auto result = libdeflate_gzip_decompress_ex(
        decompressor.get(), bytes.data(), bytes.size(), text.data(), text.size(), &used, &size);
    if (result == LIBDEFLATE_INSUFFICIENT_SPACE) continue;
    if (result != LIBDEFLATE_SUCCESS) return StateOf(decompressor.get(), bytes, text);
    text.resize(size);
    return MemberState::kWhole;
  }
  return MemberState::kTooLarge;
}

}  // namespace backlogd::dlq
