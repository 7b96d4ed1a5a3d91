#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "deadletters/dead_letter.h"

// Private to the room: which header of which framework says what.
namespace backlogd::deadletters {

enum class Field : std::uint8_t {
  kTopic,
  kPartition,
  kOffset,
  kTimestamp,
  kGroup,
  kConnector,
  kStage,
  kClass,
  kMessage,
  kCauseClass,
  kCauseMessage,
  kTrace,
  kKeyClass,
  kKeyMessage,
  kKeyTrace,
  kAttempts,
  kNextAttempt,  // attempts + 1
  kRetries,      // attempts - 1
  kDiedAt,
  kVerdict,     // a word of the framework's own, for decode.cc to read
  kUnreadable,  // being there says that the record could not be read
  kNothing,     // only says who was here
};
inline constexpr std::size_t kFieldCount = static_cast<std::size_t>(Field::kNothing) + 1;

struct HeaderMeaning {
  std::string_view name;
  Framework framework = Framework::kNone;
  Field field = Field::kNothing;
  bool proves = true;  // false: others use the name too
};

// All meanings of a header's name; usually one or none.
std::span<const HeaderMeaning> MeaningsOf(std::string_view name);

// What people who make their own dead letters mean by a name, however they spell it:
// "x-error-message", "dlq.error.message", "ErrorMessage". kNothing if it is none of theirs.
Field HandMadeMeaning(std::string_view name);

}  // namespace backlogd::deadletters
