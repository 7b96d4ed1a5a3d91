#pragma once

#include <memory>
#include <span>

#include "deadletters/dead_letter.h"
#include "deadletters/reason.h"

namespace re2 {
class RE2;
}

namespace backlogd::deadletters {

// A rule of the operator's own: applies if its patterns are found, each anywhere in the record's
// exceptions. A pattern that is null is not asked. REQUIRES: one at least is not
struct ReasonRule {
  std::shared_ptr<const re2::RE2> class_pattern;    // anywhere in the class of an exception
  std::shared_ptr<const re2::RE2> message_pattern;  // anywhere in a message
  Reason reason = Reason::kUnknown;
};

// Why the record died: the cause before the symptom. In this order: the operator's rules, the first
// that matches; what causes the exceptions name, innermost first; the framework's verdict, unless
// it yields; what their kinds suggest; that it was tried more than once in vain. kUnknown if
// nothing of it says anything, and for defects of the program (a null pointer): none of the reasons
// is theirs. Pure, never throws; some microseconds.
Reason Classify(const DeadLetter& letter, std::span<const ReasonRule> own_rules = {});

}  // namespace backlogd::deadletters
