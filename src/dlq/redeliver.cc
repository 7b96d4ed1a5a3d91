#include <algorithm>
#include <string>
#include <vector>

#include "config/name_filter.h"
#include "deadletters/conventions.h"
#include "deadletters/redelivery.h"
#include "dlq/carry_out.h"
#include "dlq/commands.h"
#include "dlq/redelivery.h"
#include "dlq/topic_names.h"
#include "dlq/transform.h"

namespace backlogd::dlq {
namespace {

constexpr std::chrono::hours kFuture(1);  // message.timestamp.after.max.ms unless configured
constexpr std::int64_t kUsualMaxMessageBytes = 1'048'588;  // max.message.bytes unless configured
constexpr std::int64_t kMaxSharedBatchBytes = 18'000;      // of several records, at most

// What a record takes alone in a batch, if it cannot be compressed.
std::int64_t BytesAtMost(const Content& content) {
  constexpr std::size_t kBatch = 200, kHeader = 20;
  std::size_t bytes = content.key.value_or("").size() + content.value.value_or("").size();
  for (const auto& [name, value] : content.headers) {
    bytes += name.size() + value.value_or("").size() + kHeader;
  }
  return static_cast<std::int64_t>(bytes + bytes / 200 + kBatch);
}

std::string Name(const kafka::Record& record) {
  return std::string(record.topic) + "/" + std::to_string(record.partition) + " offset " +
         std::to_string(record.offset);
}

bool IsTarget(const Survey& survey, std::string_view topic, std::string_view queue) {
  return !topic.empty() && topic != queue && !config::IsInternalTopic(topic) &&
         !deadletters::IsInternalName(topic) && survey.FindTopic(topic) != nullptr;
}

std::string Question(const Flags& flags, const Queue& queue, const HandlingResult& rehearsal) {
  std::string text = "Redeliver " + CountOf(rehearsal.handled, queue) + ":";
  for (const auto& [topic, count] : rehearsal.targets) {
    text += " " + std::to_string(count) + " to " + topic + ",";
  }
  text.back() = flags.transform.empty() ? '?' : ',';
  return flags.transform.empty() ? text : text + " changed by the command of --transform?";
}

}  // namespace

Redelivery::Redelivery(RedeliveryOptions options, const Queue& queue, const Survey& survey,
                       const Surroundings& with, TopicConfigOf config_of)
    : options_(std::move(options)),
      queue_(queue),
      survey_(survey),
      with_(with),
      config_of_(std::move(config_of)) {}

std::string Redelivery::TargetOf(const Letter& letter) const {
  if (!options_.to.empty()) return options_.to;
  for (const std::string_view topic :
       {letter.death.origin.topic, std::string_view(queue_.known.source_topic)}) {
    if (IsTarget(survey_, topic, queue_.topic)) return std::string(topic);
  }
  return "";
}

Decision Redelivery::Decide(const Letter& letter) {
  const kafka::Record& record = *letter.record;
  if (deadletters::HasNoContent(letter.death, !record.key, !record.value)) {
    return {"the queue holds no copy of its content", ""};
  }
  if (letter.redeliveries >= options_.max_redeliveries) {
    return {"redelivered as often as --max-redeliveries allows", ""};
  }
  std::string target = TargetOf(letter);
  if (target.empty()) return {"no source topic is known; give --to", ""};
  // What the operator's command makes of it nobody knows yet.
  if (options_.transform.empty()) {
    std::string why = WhyNotKept(target, TimestampOf(letter, record.timestamp));
    if (!why.empty()) return {std::move(why), ""};
  }
  return {"", std::move(target)};
}

const kafka::TopicConfig& Redelivery::ConfigOf(const std::string& topic) {
  const auto found = configs_.find(topic);
  if (found != configs_.end()) return found->second;
  return configs_[topic] = config_of_(topic).value_or(kafka::TopicConfig());
}

std::optional<WallTime> Redelivery::TimestampOf(const Letter& letter,
                                                std::optional<WallTime> of_content) const {
  if (!options_.keep_timestamp) return std::nullopt;
  const auto origin = letter.death.origin.timestamp;
  const bool mended = of_content != letter.record->timestamp;
  return origin && !mended ? origin : of_content;
}

std::string Redelivery::WhyNotKept(const std::string& target, std::optional<WallTime> timestamp) {
  const kafka::TopicConfig& config = ConfigOf(target);
  if (!timestamp || config.timestamps_are_of_the_append) return "";
  const WallTime now = with_.wall_now();
  if (*timestamp > now + kFuture) return "its timestamp is in the future";
  if (config.deletes && config.retention_ms && *timestamp < now - *config.retention_ms) {
    return "its timestamp is older than the target keeps";
  }
  return "";
}

std::optional<kafka::PartitionId> Redelivery::PartitionOf(const Letter& letter,
                                                          const std::string& target,
                                                          bool has_key) const {
  const auto& partitions = survey_.FindTopic(target)->partitions;
  const auto has = [&](kafka::PartitionId partition) {
    return std::ranges::any_of(partitions,
                               [&](const auto& other) { return other.id == partition; });
  };
  const deadletters::SourcePosition& origin = letter.death.origin;
  if (origin.topic == target && origin.partition && has(*origin.partition)) return origin.partition;
  if (has_key) return std::nullopt;
  // Without a key any partition would do, but the order of the queue's partition is to be kept.
  return letter.record->partition % static_cast<kafka::PartitionId>(partitions.size());
}

Result<std::optional<Content>> Redelivery::Mend(const Letter& letter,
                                                const std::function<bool()>& meanwhile) const {
  Content content = ContentOf(*letter.record);
  if (options_.transform.empty()) return std::optional(std::move(content));
  const Transform transform(options_.transform, options_.transform_timeout, with_.stop);
  const auto mended = transform.Run(ToJson(letter) + "\n", meanwhile);
  const auto problem = [&](const std::string& text) {
    return Error{ErrorKind::kOther, Name(*letter.record) + ": " + text};
  };
  if (!mended) return problem(mended.error().message);
  if (!*mended) return std::optional<Content>();
  auto read = ReadContent(**mended, std::move(content));
  if (!read) return problem("--transform: what the command wrote: " + read.error().message);
  return std::optional(std::move(*read));
}

void Redelivery::DressUp(const Letter& letter, Content& content) const {
  std::erase_if(content.headers, [&](const auto& header) {
    const auto role = deadletters::RoleOf(header.first, letter.death.framework);
    return role == deadletters::HeaderRole::kRetryState ||
           role == deadletters::HeaderRole::kRedelivery ||
           (role == deadletters::HeaderRole::kDeath && options_.strip_death_headers);
  });
  const auto add = [&](std::string_view name, const std::string& value) {
    content.headers.emplace_back(std::string(name), value);
  };
  add(deadletters::kFromTopicHeader, queue_.topic);
  add(deadletters::kFromPartitionHeader, std::to_string(letter.record->partition));
  add(deadletters::kFromOffsetHeader, std::to_string(letter.record->offset));
  add(deadletters::kRedeliveriesHeader, std::to_string(letter.redeliveries + 1));
}

Treated Redelivery::Prepare(const Letter& letter, const Decision& decision,
                            const std::function<bool()>& meanwhile) {
  if (survey_.FindTopic(decision.target)->partitions.empty()) {
    return {.error = Error{ErrorKind::kNoLeader,
                           Name(*letter.record) + ": topic " + decision.target +
                               " has no partitions that can be written now; try again later"}};
  }
  auto mended = Mend(letter, meanwhile);
  if (!mended) return {.error = mended.error()};
  if (!*mended) return {.left_because = "the command of --transform left it"};
  content_ = std::move(**mended);
  content_.timestamp = TimestampOf(letter, content_.timestamp);
  std::string why = WhyNotKept(decision.target, content_.timestamp);
  if (!why.empty()) return {.left_because = std::move(why)};
  DressUp(letter, content_);
  const std::int64_t most =
      ConfigOf(decision.target).max_message_bytes.value_or(kUsualMaxMessageBytes);
  alone_ = most < kMaxSharedBatchBytes || BytesAtMost(content_) > most;
  return {};
}

Treated Redelivery::Treat(const Letter& letter, const Decision& decision,
                          kafka::RecordWriter* writer) {
  const Content& content = content_;
  const std::string where = Name(*letter.record);
  std::vector<kafka::RecordHeader> headers;
  for (const auto& [name, value] : content.headers) headers.push_back({name, value});
  kafka::OutgoingRecord record;
  record.topic = decision.target;
  record.partition = PartitionOf(letter, decision.target, content.key.has_value());
  if (content.key) record.key = *content.key;
  if (content.value) record.value = *content.value;
  record.headers = headers;
  record.timestamp = content.timestamp;
  record.name = where;
  if (auto error = writer->Send(record, with_.steady_now() + options_.timeout)) {
    return {.error = std::move(error), .transaction_broken = true};
  }
  return {};
}

int RunRedeliver(Session& session) {
  const Flags& flags = session.flags();
  const auto queue = session.Open(true);
  if (!flags.to.empty() && session.survey().FindTopic(flags.to) == nullptr) {
    throw Failure("--to: " + NoSuchTopic(session.survey(), flags.to));
  }
  if (!flags.to.empty() && !IsTarget(session.survey(), flags.to, queue->topic)) {
    throw UsageError(
        "--to: must be neither the queue itself nor a topic that Kafka keeps for itself");
  }
  Redelivery redelivery({.to = flags.to,
                         .keep_timestamp = flags.keep_timestamp,
                         .strip_death_headers = flags.strip_death_headers,
                         .max_redeliveries = flags.max_redeliveries,
                         .transform = flags.transform,
                         .transform_timeout = flags.transform_timeout,
                         .timeout = flags.timeout},
                        *queue, session.survey(), session.with(),
                        [&](const std::string& topic) -> std::optional<kafka::TopicConfig> {
                          const std::string_view topics[] = {topic};
                          auto told = session.client().DescribeTopicConfigs(topics, session.Soon());
                          return told[0] ? std::optional(*told[0]) : std::nullopt;
                        });
  return CarryOut(session, *queue,
                  {.treatment = &redelivery,
                   .options = OptionsOf(flags),
                   .question = [&](const HandlingResult& rehearsal) {
                     return Question(flags, *queue, rehearsal);
                   }});
}

}  // namespace backlogd::dlq
