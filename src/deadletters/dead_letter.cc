#include "deadletters/dead_letter.h"

namespace backlogd::deadletters {

std::string_view ToText(Framework framework) {
  switch (framework) {
    case Framework::kNone: break;
    case Framework::kSpring: return "spring-kafka";
    case Framework::kSpringRetryTopics: return "spring-kafka-retry-topics";
    case Framework::kSpringCloudStream: return "spring-cloud-stream";
    case Framework::kConnect: return "kafka-connect";
    case Framework::kStreams: return "kafka-streams";
    case Framework::kShareGroup: return "share-group";
    case Framework::kSmallRye: return "smallrye";
    case Framework::kConfluentRules: return "confluent-rules";
    case Framework::kMassTransit: return "masstransit";
    case Framework::kWolverine: return "wolverine";
    case Framework::kBrighter: return "brighter";
    case Framework::kSilverback: return "silverback";
    case Framework::kKarafka: return "karafka";
    case Framework::kWatermill: return "watermill";
    case Framework::kLaravel: return "laravel-kafka";
    case Framework::kTrendyol: return "trendyol";
    case Framework::kKnative: return "knative";
    case Framework::kNakadi: return "nakadi";
    case Framework::kHandMade: return "hand-made";
  }
  return "";
}

}  // namespace backlogd::deadletters
