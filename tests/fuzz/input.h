#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

// What fuzzers share: they read an input from its front, and end the process at what is wrong.
namespace backlogd::fuzz {

inline void Require(bool condition) {
  if (!condition) std::abort();
}

// The first `size` bytes, or as many as are left.
inline std::string_view Take(std::string_view& input, std::size_t size) {
  const std::string_view taken = input.substr(0, size);
  input.remove_prefix(taken.size());
  return taken;
}

// The first byte as a number; 0 at the end.
inline std::uint32_t TakeNumber(std::string_view& input) {
  const std::string_view byte = Take(input, 1);
  return byte.empty() ? 0 : static_cast<unsigned char>(byte[0]);
}

}  // namespace backlogd::fuzz
