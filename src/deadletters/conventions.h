#pragma once

#include <optional>
#include <string_view>
#include <vector>

// What the name of a topic says by itself: how frameworks and people call the topics to which they
// put away what they could not process. Whether a name says the truth only the other names of the
// cluster can tell: that is discovery.h. Case never matters. Thread-safe.
namespace backlogd::deadletters {

// Whose habit made a topic a dead-letter queue.
enum class Convention {
  kConfigured,         // the operator says so
  kShare,              // Kafka's share groups (KIP-1191)
  kUber,               // Uber's Consumer Proxy: <topic>__<group>__dlq
  kSpring,             // Spring Kafka: <topic>-dlt, formerly <topic>.DLT
  kSpringCloudStream,  // error.<topic>.<group>
  kQuarkus,            // SmallRye: dead-letter-topic-<channel>
  kConnect,            // a sink connector of Kafka Connect
  kWolverine,
  kNakadi,
  kMassTransit,  // <queue>_error, <queue>_skipped
  kGeneric,      // a word of many: <name>-dlq, dead-letter.<name>, ...
};

// The value of the label `convention`: lower case, never changes.
std::string_view ToText(Convention convention);

// How NameReading::subject is to be understood.
enum class Subject {
  kNothing,        // the name says whose it is to nobody: "dead-letters"
  kName,           // a topic, group, connector or channel, perhaps with something added
  kTopicAndGroup,  // both, with `separator` between them: "orders.billing"
  kConnector,      // a connector's name and nothing else
  kTopicAround,    // a topic's name that has the word in its middle: "eu" and "orders" of
                   // "eu.dlq.orders", `subject` and `rest` here
};

// One way to read a name as that of a dead-letter queue.
struct NameReading {
  Convention convention = Convention::kGeneric;
  Subject kind = Subject::kNothing;
  std::string_view subject;
  std::string_view separator;  // kTopicAndGroup, kTopicAround
  std::string_view rest;       // kTopicAround
  // The name means many things: it is a dead-letter queue only if what it names exists.
  bool needs_origin = false;
};

// All ways to read the name, the likeliest first; none if it is not that of a dead-letter queue,
// which takes a fraction of a microsecond. The views look into `topic`.
// `masstransit`: also the endings "_error" and "_skipped", which many a plain topic has.
std::vector<NameReading> ReadName(std::string_view topic, bool masstransit);

// What is retried, if this is the name of a retry topic: "orders" of "orders-retry-1000",
// "orders-dlq" of "orders-dlq-retry", "orders__billing" of "orders__billing__2__retry".
std::optional<std::string_view> RetriedName(std::string_view topic);

// True for topics that Kafka or Kafka Streams keeps for itself, whatever the application is called:
// "__consumer_offsets", "dlq-monitor-counts-changelog".
bool IsInternalName(std::string_view topic);

}  // namespace backlogd::deadletters
