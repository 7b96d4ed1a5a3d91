#pragma once

#include <optional>
#include <string_view>

#include "deadletters/reason.h"

// Private to the room: what class names and messages of exceptions mean by themselves.
namespace backlogd::deadletters {

enum class Strength {
  kCause,    // says what happened
  kHint,     // says it if nobody else does
  kDefect,   // the program is broken: none of our reasons, and no other hint counts
  kWrapper,  // says nothing: look inside
  kGaveUp,   // that it was retried, not why it failed
};

struct Opinion {
  Strength strength = Strength::kHint;
  Reason reason = Reason::kUnknown;
};

// What the class says. `message` decides where frameworks throw one class for two things.
std::optional<Opinion> OpinionOfClass(std::string_view type, std::string_view message);

// What the message says in its first KiB, read in English and without case.
std::optional<Opinion> OpinionOfMessage(std::string_view message);

// Whether all patterns compiled; a matter of the library's version, for tests.
bool RulesAreValid();

}  // namespace backlogd::deadletters
