#include "cli/stderr_log.h"

#include <algorithm>
#include <ostream>

#include "cli/printable.h"

namespace backlogd::cli {
namespace {

// What librdkafka tries again by itself: the first command on a cluster meets a coordinator that
// has yet to be found.
bool IsPassing(std::initializer_list<LogField> fields) {
  return std::any_of(fields.begin(), fields.end(),
                     [](const LogField& field) { return field.value.ends_with(": retrying"); });
}

}  // namespace

void StderrLog::Write(LogLevel level, std::string_view event,
                      std::initializer_list<LogField> fields) {
  constexpr std::size_t kMaxBytes = 1000;
  constexpr std::size_t kMaxLines = 200;
  if (level < LogLevel::kWarning || IsPassing(fields)) return;
  std::string line = program_ + ": " + ToLine(event, kMaxBytes);
  for (const LogField& field : fields) {
    line.append(", ").append(field.key).append(" ").append(ToLine(field.value, kMaxBytes));
  }
  const std::lock_guard lock(mutex_);
  if (written_.size() >= kMaxLines || !written_.insert(line).second) return;
  err_ << line + "\n" << std::flush;
}

}  // namespace backlogd::cli
