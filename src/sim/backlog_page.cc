#include "sim/backlog_page.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <utility>

namespace backlogd::sim {
namespace {

constexpr std::string_view kRecords = "backlogd_group_topic_lag_records";
constexpr std::string_view kSeconds = "backlogd_group_topic_lag_seconds";
static_assert(kRecords.size() == kSeconds.size());

// Reads a line from left to right; what it cannot read makes it fail.
class Line {
 public:
  explicit Line(std::string_view text) : rest_(text) {}

  bool failed() const { return failed_; }
  std::string_view rest() const { return rest_; }

  bool Skip(char wanted) {
    SkipBlanks();
    if (rest_.empty() || rest_.front() != wanted) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void Demand(char wanted) {
    if (!Skip(wanted)) failed_ = true;
  }

  std::string_view Name() {
    SkipBlanks();
    const std::size_t size = std::min(rest_.find_first_of("={}, \t\""), rest_.size());
    const std::string_view name = rest_.substr(0, size);
    rest_.remove_prefix(size);
    failed_ = failed_ || name.empty();
    return name;
  }

  // Between quotes; \\, \" and \n stand for themselves and a newline.
  std::string Value() {
    std::string value;
    Demand('"');
    while (!failed_ && !rest_.empty() && rest_.front() != '"') {
      char c = Take();
      if (c == '\\' && !rest_.empty()) {
        c = Take();
        if (c == 'n') c = '\n';
      }
      value += c;
    }
    Demand('"');
    return value;
  }

 private:
  char Take() {
    const char c = rest_.front();
    rest_.remove_prefix(1);
    return c;
  }
  void SkipBlanks() {
    while (!rest_.empty() && (rest_.front() == ' ' || rest_.front() == '\t')) {
      rest_.remove_prefix(1);
    }
  }

  std::string_view rest_;
  bool failed_ = false;
};

struct Sample {
  std::string group;
  std::string topic;
  double value = 0;
};

std::optional<double> NumberOf(Line& line) {
  const std::string text(line.Name());
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  if (line.failed() || end != text.c_str() + text.size() || std::isnan(value)) return std::nullopt;
  return value;
}

// `text`: what follows the name.
std::optional<Sample> ReadSample(std::string_view text) {
  Line line(text);
  Sample sample;
  line.Demand('{');
  while (!line.failed() && !line.Skip('}')) {
    const std::string_view name = line.Name();
    line.Demand('=');
    std::string value = line.Value();
    if (name == "group") {
      sample.group = std::move(value);
    } else if (name == "topic") {
      sample.topic = std::move(value);
    }
    if (!line.Skip(',') && !line.rest().starts_with('}')) return std::nullopt;
  }
  if (line.failed()) return std::nullopt;
  const auto value = NumberOf(line);
  if (!value) return std::nullopt;
  sample.value = *value;
  return sample;
}

void KeepWorst(std::optional<double>& worst, double value) {
  if (!worst || value > *worst) worst = value;
}

void ReadLine(std::string_view line, std::string_view group, Backlogs& backlogs) {
  const bool records = line.starts_with(kRecords);
  if (!records && !line.starts_with(kSeconds)) return;
  const auto sample = ReadSample(line.substr(kRecords.size()));
  if (!sample || (!group.empty() && sample->group != group)) return;
  TopicBacklog& backlog = backlogs[sample->topic];
  KeepWorst(records ? backlog.records : backlog.seconds, sample->value);
}

}  // namespace

Backlogs ReadBacklogs(std::string_view page, std::string_view group) {
  Backlogs backlogs;
  while (!page.empty()) {
    const std::size_t size = std::min(page.find('\n'), page.size());
    ReadLine(page.substr(0, size), group, backlogs);
    page.remove_prefix(std::min(size + 1, page.size()));
  }
  return backlogs;
}

}  // namespace backlogd::sim
