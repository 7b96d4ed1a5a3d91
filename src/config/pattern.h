#pragma once

#include <re2/re2.h>

#include <memory>
#include <string_view>

// Private to the room: how the patterns of the configuration are compiled, in one place.
namespace backlogd::config {

// Whether somebody asks what the pattern's groups captured; a pattern that captures is larger.
enum class Captures { kIgnored, kKept };

// Never null; ask ok() and error(). Prints nothing. A pattern that needs more than RE2's usual
// memory is not ok, so that memory is bounded.
std::unique_ptr<const RE2> CompilePattern(std::string_view pattern,
                                          Captures captures = Captures::kIgnored);

// Whether `pattern` matches the whole of `name`. "." matches line ends too. Kafka does not promise
// that names are UTF-8: bytes that are not are seen as U+FFFD, which is also what a label shows,
// so ".*" matches every name and a class such as [é] is a class of characters.
bool MatchesWhole(const RE2& pattern, std::string_view name);

}  // namespace backlogd::config
