#include "sim/dead_letter_sender.h"

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

#include "sim/dead_letter_headers.h"
#include "sim/failure.h"

namespace backlogd::sim {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kRetry{500};
constexpr milliseconds kFullQueueRetry{10};

std::optional<int> FindTopic(const Session& session, const std::string& topic) {
  const auto client = session.with().make_client(session.cluster(), session.log());
  const auto metadata = client->FetchMetadata(session.Soon());
  if (!metadata) throw Failure(metadata.error().message);
  const auto found = std::ranges::find(metadata->topics, topic, &kafka::TopicMetadata::name);
  if (found == metadata->topics.end()) return std::nullopt;
  return static_cast<int>(found->partitions.size());
}

// Spring's producer puts it into the partition of the same number, the others go by the key.
std::optional<kafka::PartitionId> PartitionFor(config::DeadLetterStyle style,
                                               kafka::PartitionId source, int partitions) {
  if (style != config::DeadLetterStyle::kSpring || source >= partitions) return std::nullopt;
  return source;
}

}  // namespace

DeadLetterSender::DeadLetterSender(ConsumeCourse& course, int source_partitions)
    : course_(course),
      settings_(course.session().settings().consume),
      topic_(
          DeadLetterTopic(settings_.failures, course.session().settings().topic, settings_.group)),
      partitions_(DemandTopic(source_partitions)) {
  const Session& session = course.session();
  kafka::ProducerOptions options;
  options.timeout = session.settings().timeout;
  options.linger = milliseconds(0);  // each is waited for
  const auto count = [this](const kafka::Delivery& delivery) { Count(delivery); };
  producer_ = session.with().make_producer(session.cluster(), options, count, session.log());
}

DeadLetterSender::~DeadLetterSender() = default;

int DeadLetterSender::DemandTopic(int source_partitions) const {
  const Session& session = course_.session();
  if (const auto partitions = FindTopic(session, topic_)) return *partitions;
  kafka::NewTopic topic;
  topic.name = topic_;
  topic.partitions = source_partitions;
  const auto admin = session.with().make_admin(session.cluster(), session.log());
  const auto created = admin->CreateTopic(topic, session.Soon());
  if (!created) {
    throw Failure(created.error().message + "; create the topic for dead letters, " + topic_ +
                  ", or name another in consume.failures.dead_letter_topic");
  }
  return *created ? source_partitions : FindTopic(session, topic_).value_or(source_partitions);
}

bool DeadLetterSender::Send(const kafka::Record& record, deadletters::Reason reason) {
  const auto added = DeadLetterHeaders(settings_.failures.style, reason, record, settings_.group);
  std::vector<kafka::RecordHeader> headers(record.headers.begin(), record.headers.end());
  for (const auto& [name, value] : added) headers.push_back({name, value});
  kafka::OutgoingRecord letter;
  letter.topic = topic_;
  letter.partition = PartitionFor(settings_.failures.style, record.partition, partitions_);
  letter.key = record.key;
  letter.value = record.value;
  letter.headers = headers;
  // Connect and Streams keep the time of the record, Spring's producer does not.
  if (settings_.failures.style != config::DeadLetterStyle::kSpring) {
    letter.timestamp = record.timestamp;
  }
  while (true) {
    const auto error = SendOnce(letter);
    if (!error) return true;
    if (!course_.MayPass(*error) || !course_.Wait(kRetry)) return false;
  }
}

std::optional<Error> DeadLetterSender::SendOnce(const kafka::OutgoingRecord& record) {
  std::unique_lock lock(mutex_);
  const std::uint64_t tag = next_tag_++;
  lock.unlock();
  auto accepted = producer_->Send(record, tag);
  while (accepted && !*accepted && course_.Wait(kFullQueueRetry)) {
    accepted = producer_->Send(record, tag);
  }
  if (!accepted) return accepted.error();
  if (!*accepted) return Error{ErrorKind::kInterrupted, "interrupted"};
  // What was sent may arrive, so that its fate is waited for even if the course ends.
  lock.lock();
  delivered_.wait(lock, [&] { return answers_.contains(tag); });
  return std::exchange(answers_.extract(tag).mapped(), std::nullopt);
}

void DeadLetterSender::Count(const kafka::Delivery& delivery) {
  const std::lock_guard lock(mutex_);
  answers_[delivery.tag] = delivery.error;
  delivered_.notify_all();
}

}  // namespace backlogd::sim
