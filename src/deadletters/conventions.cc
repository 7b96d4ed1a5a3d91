#include "deadletters/conventions.h"

#include <re2/re2.h>

#include <array>
#include <cstddef>
#include <memory>
#include <string>

namespace backlogd::deadletters {
namespace {

// What <word> stands for in the patterns below: what a dead-letter queue is called.
constexpr std::string_view kWord =
    "(?:dl[qt]s?(?:[-_.](?:queue|topic)s?)?"
    "|dead[-_.]?letters?(?:[-_.]?(?:queue|topic)s?){0,2}|dead[-_.]?messages?"
    "|poison[-_.]?(?:queue|topic|messages?))";

// A pattern matches a whole name in any case. Its captures are NameReading::subject, or
// `subject`, `separator` and `rest` where the subject is kTopicAround.
struct NamePattern {
  Convention convention;
  Subject kind;
  std::string_view pattern;
  std::string_view separator = "";
  bool needs_origin = false;
};

// In the order of preference.
constexpr NamePattern kPatterns[] = {
    {Convention::kWolverine, Subject::kNothing, "wolverine-dead-letter-queue"},
    {Convention::kNakadi, Subject::kNothing, R"(nakadi\.dead\.letter\.queue)"},
    {Convention::kGeneric, Subject::kNothing, "<word>|poison"},
    {Convention::kUber, Subject::kTopicAndGroup, "(.+?__.+?)(?:__[0-9]+)?__dlq", "__"},
    // Whoever names topics with dots may also have "error.log.nginx".
    {Convention::kSpringCloudStream, Subject::kTopicAndGroup, R"(error\.(.+\..+))", ".", true},
    {Convention::kQuarkus, Subject::kName, "dead-letter-topic-(.+)"},
    {Convention::kConnect, Subject::kName, "dlq-(lcc-[a-z0-9]+)"},  // Confluent Cloud
    {Convention::kGeneric, Subject::kName, "<word>[-_.]+(.+)"},
    {Convention::kSpring, Subject::kName, "(.+?)[-.]dlt"},
    {Convention::kGeneric, Subject::kName, "(.+?)[-_.]+<word>"},
    {Convention::kGeneric, Subject::kName,
     "(?-i:(.*[a-z0-9])(?:DLQ|Dlq|DLT|Dlt|DeadLetters?(?:Queue|Topic)?))"},
    {Convention::kGeneric, Subject::kTopicAround, "(.+?)([-_.])<word>[-_.](.+)", "", true},
    {Convention::kGeneric, Subject::kName, "(.+?)[-_.]+<word>[-_.]v?[0-9]{1,3}"},
    // There are car parks, and rats.
    {Convention::kGeneric, Subject::kName, "(.+?)[-_.]+(?:parking[-_.]?lot|poison)", "", true},
    {Convention::kConnect, Subject::kConnector, "error-(.+)", "", true},  // Confluent's HTTP sink
    {Convention::kMassTransit, Subject::kName, "(.+)_(?:error|skipped)"},
};

// Whatever matches a pattern above has one of these; few other names do.
constexpr const char* kHint = "(?i)dl[qt]|dead|poison|parking|^error[-.]|_(?:error|skipped)$";

constexpr std::string_view kRetry =
    "(.+?)(?:[-_.](?:retry|retries|redrive|replay|reprocess(?:ing)?)(?:[-_.](?:topic|queue))?"
    "(?:[-_.][0-9]+(?:ms|s|m|h)?){0,2}|(?:__[0-9]+)?__(?:retry|resq))";

constexpr std::string_view kInternal =
    "__.*|.+-(?:changelog|repartition)|.+-subscription-(?:registration|response)(?:-[0-9]+)?-topic";

std::string WithWord(std::string_view pattern) {
  constexpr std::string_view kPlaceholder = "<word>";
  std::string text(pattern);
  const std::size_t at = text.find(kPlaceholder);
  if (at != std::string::npos) text.replace(at, kPlaceholder.size(), kWord);
  return text;
}

// RE2's own view: newer releases take Abseil's, which need not be the standard's.
re2::StringPiece View(std::string_view text) { return {text.data(), text.size()}; }

using Captures = std::array<std::string_view, 3>;

// A pattern for whole names. A topic's name is ASCII; other bytes are characters here.
class WholeName {
 public:
  explicit WholeName(std::string_view pattern)
      : pattern_(std::make_unique<const RE2>("(?i:" + WithWord(pattern) + ")",
                                             RE2::CannedOptions::Latin1)) {}

  std::optional<Captures> Match(std::string_view name) const {
    std::array<re2::StringPiece, 4> found;
    const int wanted = 1 + pattern_->NumberOfCapturingGroups();
    if (!pattern_->Match(View(name), 0, name.size(), RE2::ANCHOR_BOTH, found.data(), wanted)) {
      return std::nullopt;
    }
    Captures captures;
    for (std::size_t i = 0; i < captures.size(); ++i) {
      captures[i] = {found[i + 1].data(), found[i + 1].size()};
    }
    return captures;
  }

 private:
  std::unique_ptr<const RE2> pattern_;
};

struct Patterns {
  RE2 hint{kHint, RE2::CannedOptions::Latin1};
  std::vector<WholeName> readings;  // as kPatterns
  WholeName retry{kRetry};
  WholeName internal{kInternal};

  Patterns() {
    for (const NamePattern& pattern : kPatterns) readings.emplace_back(pattern.pattern);
  }
};

const Patterns& Compiled() {
  static const Patterns patterns;
  return patterns;
}

NameReading Reading(const NamePattern& pattern, const Captures& captures) {
  NameReading reading{pattern.convention, pattern.kind, captures[0],
                      pattern.separator,  {},           pattern.needs_origin};
  if (pattern.kind == Subject::kTopicAround) {
    reading.separator = captures[1];
    reading.rest = captures[2];
  }
  return reading;
}

}  // namespace

std::string_view ToText(Convention convention) {
  switch (convention) {
    case Convention::kConfigured: return "configured";
    case Convention::kShare: return "share";
    case Convention::kUber: return "uber";
    case Convention::kSpring: return "spring";
    case Convention::kSpringCloudStream: return "spring-cloud-stream";
    case Convention::kQuarkus: return "quarkus";
    case Convention::kConnect: return "connect";
    case Convention::kWolverine: return "wolverine";
    case Convention::kNakadi: return "nakadi";
    case Convention::kMassTransit: return "masstransit";
    case Convention::kGeneric: return "generic";
  }
  return "generic";
}

std::vector<NameReading> ReadName(std::string_view topic, bool masstransit) {
  const Patterns& compiled = Compiled();
  std::vector<NameReading> readings;
  if (!RE2::PartialMatch(View(topic), compiled.hint)) return readings;
  for (std::size_t i = 0; i < compiled.readings.size(); ++i) {
    if (kPatterns[i].convention == Convention::kMassTransit && !masstransit) continue;
    const auto captures = compiled.readings[i].Match(topic);
    if (captures) readings.push_back(Reading(kPatterns[i], *captures));
  }
  return readings;
}

std::optional<std::string_view> RetriedName(std::string_view topic) {
  const auto captures = Compiled().retry.Match(topic);
  if (!captures) return std::nullopt;
  return (*captures)[0];
}

bool IsInternalName(std::string_view topic) { return Compiled().internal.Match(topic).has_value(); }

}  // namespace backlogd::deadletters
