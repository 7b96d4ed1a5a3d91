#include "config/pattern.h"

#include "base/text.h"

namespace backlogd::config {
namespace {

// RE2's own view: newer releases take Abseil's, which need not be the standard's.
re2::StringPiece View(std::string_view text) { return {text.data(), text.size()}; }

}  // namespace

std::unique_ptr<const RE2> CompilePattern(std::string_view pattern, Captures captures) {
  RE2::Options options;
  options.set_log_errors(false);
  options.set_dot_nl(true);
  options.set_never_capture(captures == Captures::kIgnored);
  options.set_max_mem(8 << 20);
  return std::make_unique<const RE2>(View(pattern), options);
}

bool MatchesWhole(const RE2& pattern, std::string_view name) {
  if (IsValidUtf8(name)) return RE2::FullMatch(View(name), pattern);
  return RE2::FullMatch(View(ToValidUtf8(name)), pattern);
}

}  // namespace backlogd::config
