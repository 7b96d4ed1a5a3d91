#include "deadletters/classify.h"

#include <re2/re2.h>

#include <algorithm>
#include <cstddef>
#include <optional>

#include "deadletters/classify_rules.h"

namespace backlogd::deadletters {
namespace {

bool Finds(const std::shared_ptr<const re2::RE2>& pattern, std::string_view text) {
  return pattern != nullptr && pattern->ok() && !text.empty() &&
         re2::RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), *pattern);
}

std::optional<Reason> OfOwnRules(const FaultChain& faults, std::span<const ReasonRule> rules) {
  const auto fits_class = [&](const auto& pattern) {
    return std::any_of(faults.begin(), faults.end(),
                       [&](const Fault& fault) { return Finds(pattern, fault.type); });
  };
  const auto fits_message = [&](const auto& pattern) {
    return std::any_of(faults.begin(), faults.end(),
                       [&](const Fault& fault) { return Finds(pattern, fault.message); });
  };
  const auto applies = [&](const ReasonRule& rule) {
    return (rule.class_pattern == nullptr || fits_class(rule.class_pattern)) &&
           (rule.message_pattern == nullptr || fits_message(rule.message_pattern));
  };
  const auto rule = std::find_if(rules.begin(), rules.end(), applies);
  if (rule == rules.end()) return std::nullopt;
  return rule->reason;
}

// What the chain of exceptions says, by how surely it says it.
struct Findings {
  std::optional<Reason> cause;
  std::optional<Reason> hint;  // or what wrappers tell of what they wrap
  bool gave_up = false;
};

void Note(const Opinion& opinion, bool about_itself, Findings& findings) {
  switch (opinion.strength) {
    case Strength::kCause:
      if (about_itself) findings.cause = opinion.reason;
      if (!findings.hint) findings.hint = opinion.reason;
      break;
    case Strength::kHint:
    case Strength::kDefect:
      if (!findings.hint) findings.hint = opinion.reason;
      break;
    case Strength::kGaveUp: findings.gave_up = true; break;
    case Strength::kWrapper: break;
  }
}

bool Wraps(const std::optional<Opinion>& kind) {
  return kind && (kind->strength == Strength::kWrapper || kind->strength == Strength::kGaveUp);
}

// A class for all that goes wrong with a connection: it may have been a timeout.
bool MayMeanMore(const std::optional<Opinion>& kind) {
  return kind && kind->strength == Strength::kCause && kind->reason == Reason::kRetriesExhausted;
}

bool IsPreciser(const Opinion& said) {
  return said.strength == Strength::kCause &&
         (said.reason == Reason::kTimeout || said.reason == Reason::kPermission);
}

// Whether the class leaves nothing to ask the message. That of a defect quotes the program.
bool IsAnswered(const std::optional<Opinion>& kind) {
  if (!kind || MayMeanMore(kind)) return false;
  return kind->strength == Strength::kCause || kind->strength == Strength::kDefect;
}

// Innermost first, until something names the cause. The message of a wrapper is its own only if
// nothing is in it: else it tells of the inner one, or of the listener.
Findings Examine(const FaultChain& faults) {
  Findings findings;
  for (std::size_t i = 0; i < faults.size() && !findings.cause; ++i) {
    const auto kind = OpinionOfClass(faults[i].type, faults[i].message);
    const auto said = IsAnswered(kind) ? std::nullopt : OpinionOfMessage(faults[i].message);
    if (said && (!MayMeanMore(kind) || IsPreciser(*said))) {
      Note(*said, i == 0 || !Wraps(kind), findings);
    }
    if (kind && !findings.cause) Note(*kind, true, findings);
  }
  return findings;
}

bool YieldsTo(const Presumption& presumption, Reason cause) {
  switch (cause) {
    case Reason::kPermission: return presumption.yields_to_permission;
    case Reason::kTimeout:
    case Reason::kRetriesExhausted: return presumption.yields_to_outage;
    default: return false;
  }
}

}  // namespace

Reason Classify(const DeadLetter& letter, std::span<const ReasonRule> own_rules) {
  if (const auto own = OfOwnRules(letter.faults, own_rules)) return *own;
  const Findings findings = Examine(letter.faults);
  if (letter.presumption) {
    const bool yields = findings.cause && YieldsTo(*letter.presumption, *findings.cause);
    return yields ? *findings.cause : letter.presumption->reason;
  }
  if (findings.cause) return *findings.cause;
  if (findings.hint) return *findings.hint;
  const bool tried_again = letter.attempts.value_or(0) > 1;
  return findings.gave_up || tried_again ? Reason::kRetriesExhausted : Reason::kUnknown;
}

}  // namespace backlogd::deadletters
