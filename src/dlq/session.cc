#include "dlq/session.h"

#include <algorithm>
#include <ostream>

#include "deadletters/handling.h"
#include "deadletters/settings.h"
#include "dlq/failure.h"
#include "dlq/topic_names.h"

namespace backlogd::dlq {
namespace {

// Kafka's transaction.max.timeout.ms unless configured.
constexpr std::chrono::milliseconds kMaxTransactionTimeout = std::chrono::minutes(15);

void DemandSameLog(const Queue& queue, const QueueProgress& progress) {
  if (const auto problem = FindOtherLog(queue, progress)) throw Failure(*problem);
}

}  // namespace

Session::Session(const Flags& flags, const Surroundings& with, Log& log)
    : flags_(flags), with_(with), log_(log), config_(LoadConfig(flags)) {
  client_ = with.make_client(config_.cluster, log);
  with.stop.OnRequest([this] { client_->Interrupt(); });
  Result<Survey> survey = LookAround(*client_, config_.dead_letters, with.steady_now, Soon());
  if (!survey) throw Failure(survey.error().message);
  survey_ = std::move(*survey);
  for (const std::string& gap : survey_.gaps) Warn(gap);
}

Session::~Session() { with_.stop.Forget(); }

std::unique_ptr<Queue> Session::Open(bool known_only) {
  if (survey_.FindTopic(flags_.topic) == nullptr) {
    throw Failure(UnknownTopic(survey_, flags_.topic));
  }
  DemandPartitions();
  auto queue = std::make_unique<Queue>();
  queue->topic = flags_.topic;
  if (const auto error = OpenQueue(*client_, survey_, flags_.filters, Soon(), *queue)) {
    throw Failure(error->message);
  }
  if (known_only && !queue->discovered && !flags_.any_topic) {
    throw UsageError("topic '" + flags_.topic +
                     "' is not known to be a dead-letter queue; name it in the configuration "
                     "(dead_letters.queues), or give --any-topic");
  }
  return queue;
}

void Session::DemandPartitions() const {
  const auto& partitions = survey_.FindTopic(flags_.topic)->partitions;
  for (const kafka::PartitionId partition : flags_.filters.partitions) {
    if (std::ranges::count(partitions, partition, &kafka::PartitionMetadata::id) > 0) continue;
    throw UsageError("--partition: " + flags_.topic + " has no partition " +
                     std::to_string(partition));
  }
}

QueueReader Session::ReaderOf(const Queue& queue) {
  if (!reader_) {
    reader_ = with_.make_reader(config_.cluster, log_);
    with_.stop.OnRequest([this] { reader_->Interrupt(); });
  }
  return {*reader_, queue, flags_.timeout, with_};
}

std::unique_ptr<kafka::RecordWriter> Session::OpenWriter(const Queue& queue) {
  kafka::WriterOptions options;
  options.group = deadletters::OwnHandlingGroup(queue.topic);
  options.transactional_id = options.group;
  if (!flags_.transform.empty()) {
    // One may run while a transaction is open.
    options.transaction_timeout =
        std::min(options.transaction_timeout + flags_.transform_timeout, kMaxTransactionTimeout);
  }
  auto writer = with_.make_writer(config_.cluster, options, log_);
  if (const auto error = writer->Open(Soon())) throw Failure(error->message);
  return writer;
}

QueueProgress Session::Progress(const Queue& queue) {
  auto progress =
      FetchProgress(*client_, survey_, queue, deadletters::OwnHandlingGroup(queue.topic), Soon());
  if (!progress) {
    throw Failure(progress.error().message + ", so that it is not known what is handled already");
  }
  DemandSameLog(queue, *progress);
  return *progress;
}

LetterOpener Session::MakeOpener(const Queue& queue, const std::vector<Stretch>& stretches) {
  LetterOpener opener(deadletters::ReasonRulesOf(config_.dead_letters), queue.known.source_topic);
  if (const auto problem = LearnFramework(ReaderOf(queue), stretches, opener)) {
    throw Failure(*problem);
  }
  return opener;
}

void Session::Warn(const std::string& text) { with_.err << "backlogd-dlq: " << text << '\n'; }

QueueProgress FetchProgress(kafka::RecordWriter& writer, const Queue& queue, Deadline deadline) {
  std::vector<kafka::TopicPartition> asked;
  for (const QueuePartition& partition : queue.partitions) {
    asked.push_back({partition.at.topic, partition.at.partition});
  }
  const auto positions = writer.FetchPositions(asked, deadline);
  if (!positions) throw Failure(positions.error().message);
  QueueProgress progress;
  for (std::size_t i = 0; i < positions->size(); ++i) {
    progress.push_back(
        ProgressFrom((*positions)[i].offset, (*positions)[i].metadata, queue.partitions[i]));
  }
  DemandSameLog(queue, progress);
  return progress;
}

}  // namespace backlogd::dlq
