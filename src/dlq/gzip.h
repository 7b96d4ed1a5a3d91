#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace backlogd::dlq {

// One member of gzip's format. Each begins with the same GzipHeader().
std::string Gzip(std::string_view text);
std::string_view GzipHeader();

enum class MemberState {
  kWhole,
  kUnfinished,  // it may be whole with more bytes behind; or it is damaged
  kDamaged,     // whatever follows
  kTooLarge,    // holds more than 1 GiB
};

// The first member of `bytes`: if it is whole, its text, and how many bytes it takes.
MemberState ReadMember(std::string_view bytes, std::string& text, std::size_t& used);

}  // namespace backlogd::dlq
