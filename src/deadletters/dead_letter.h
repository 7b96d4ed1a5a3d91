#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/time.h"
#include "deadletters/exception_text.h"
#include "deadletters/reason.h"

// What a dead letter says about its death.
namespace backlogd::deadletters {

// Who wrote the headers.
enum class Framework : std::uint8_t {
  kNone,  // nobody that is known
  kSpring,
  kSpringRetryTopics,
  kSpringCloudStream,
  kConnect,
  kStreams,  // Kafka Streams and libraries that use its prefix
  kShareGroup,
  kSmallRye,
  kConfluentRules,
  kMassTransit,
  kWolverine,
  kBrighter,
  kSilverback,
  kKarafka,
  kWatermill,
  kLaravel,
  kTrendyol,
  kKnative,
  kNakadi,
  kHandMade,
};
inline constexpr std::size_t kFrameworkCount = static_cast<std::size_t>(Framework::kHandMade) + 1;

// For people: "spring-kafka", "kafka-connect"; "" for kNone.
std::string_view ToText(Framework framework);

// Where a record was read. Absent where not said or not possible (a punctuator has no record).
struct SourcePosition {
  std::string_view topic;  // "" if not known
  std::optional<std::int32_t> partition;
  std::optional<std::int64_t> offset;
  std::optional<WallTime> timestamp;
};

// What the framework's own verdict, or the place where the record failed, makes likely.
struct Presumption {
  Reason reason = Reason::kUnknown;
  bool yields_to_permission = false;
  bool yields_to_outage = false;  // to kTimeout and kRetriesExhausted
};

// Of the latest death, if there were several. The views look into the record.
struct DeadLetter {
  Framework framework = Framework::kNone;
  SourcePosition origin;   // where its first consumer read it: the topic that it belongs to
  SourcePosition source;   // where the consumer that failed at last read it: maybe a retry topic
  std::string_view group;  // "" if not said
  std::string_view connector;  // Kafka Connect
  std::string_view stage;      // Kafka Connect: VALUE_CONVERTER, ...; Watermill: the handler
  FaultChain faults;           // innermost first
  std::optional<std::int64_t> attempts;  // how many times it was tried, 1 = no retry
  std::optional<WallTime> died_at;
  std::optional<Presumption> presumption;
};

}  // namespace backlogd::deadletters
