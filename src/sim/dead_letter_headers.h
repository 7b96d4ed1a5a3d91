#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "config/sim.h"
#include "deadletters/reason.h"
#include "kafka/record.h"

namespace backlogd::sim {

using OwnedHeader = std::pair<std::string, std::optional<std::string>>;

// What a framework adds to a record that `group` could not handle for that reason, in the
// framework's own order and encoding: Spring's DeadLetterPublishingRecoverer, a sink task of Kafka
// Connect with context headers, Kafka Streams 4.2 (KIP-1034). deadletters::Classify() finds the
// reason in it. REQUIRES: the reason is not kUnknown
std::vector<OwnedHeader> DeadLetterHeaders(config::DeadLetterStyle style,
                                           deadletters::Reason reason, const kafka::Record& record,
                                           const std::string& group);

// Where the framework puts them: the topic that is set, or the style's own.
std::string DeadLetterTopic(const config::SimFailures& settings, const std::string& topic,
                            const std::string& group);

}  // namespace backlogd::sim
