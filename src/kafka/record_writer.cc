#include "kafka/record_writer.h"

#include <algorithm>
#include <atomic>
#include <utility>

#include "kafka/commit_list.h"
#include "kafka/error_mapping.h"
#include "kafka/group_session.h"
#include "kafka/producer_session.h"

namespace backlogd::kafka {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kSlice{100};            // of a step that goes on where it was
constexpr milliseconds kOffsetsSlice{10'000};  // of one that begins anew, and must not be cut short
constexpr milliseconds kFullQueueSlice{5};
constexpr auto kCommit = "commit of the transaction";

std::set<std::string, std::less<>> TopicsOf(std::span<const GroupCommit> commits) {
  std::set<std::string, std::less<>> topics;
  for (const GroupCommit& commit : commits) topics.emplace(commit.partition.topic);
  return topics;
}

HandleUse GroupUse(const std::string& group) {
  HandleUse use;
  use.guards = {{"group.id", group}, {"isolation.level", "read_committed"}};
  return use;
}

class LibrdkafkaWriter final : public RecordWriter {
 public:
  LibrdkafkaWriter(const config::Cluster& cluster, const WriterOptions& options, Log& log)
      : cluster_(cluster),
        names_{options.transactional_id, options.group},
        library_log_{log, cluster.name, Secrets(cluster)},
        producer_(MakeHandle(cluster, milliseconds(0), library_log_, WriterUse(options)),
                  library_log_, names_, interrupted_, end_) {}

  std::optional<Error> Open(Deadline deadline) override {
    return producer_.Complete(
        "transactional id " + names_.transactional_id, kSlice, deadline,
        [this](int wait) { return rd_kafka_init_transactions(producer_.handle(), wait); });
  }

  Result<std::vector<GroupPosition>> FetchPositions(std::span<const TopicPartition> partitions,
                                                    Deadline deadline) override {
    if (std::optional<Error> error = PrepareGroup()) return std::move(*error);
    return FetchGroupPositions(*group_, names_, partitions, deadline);
  }

  std::optional<Error> Begin() override {
    if (interrupted_) return Interrupted("begin of a transaction");
    producer_.Poll(milliseconds(0));
    if (producer_.failure()) return producer_.failure();
    producer_.Clear();
    const ErrorPtr error(rd_kafka_begin_transaction(producer_.handle()));
    if (error == nullptr) return std::nullopt;
    return producer_.Explain("begin of a transaction", rd_kafka_error_code(error.get()),
                             rd_kafka_error_string(error.get()));
  }

  std::optional<Error> Send(const OutgoingRecord& record, Deadline deadline) override {
    producer_.Poll(milliseconds(0));
    for (;;) {
      if (interrupted_) return Interrupted(SubjectOf(record));
      if (producer_.failure()) return producer_.failure();
      const rd_kafka_resp_err_t code = producer_.Produce(record);
      if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return std::nullopt;
      if (code == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE) producer_.NoteTooLarge();
      if (code == RD_KAFKA_RESP_ERR__STATE) return WhyNotInTransaction(SubjectOf(record));
      const bool full = code == RD_KAFKA_RESP_ERR__QUEUE_FULL;
      if (!full || producer_.TimeUntil(deadline).count() == 0) {
        return producer_.Explain(SubjectOf(record), full ? RD_KAFKA_RESP_ERR__TIMED_OUT : code,
                                 nullptr);
      }
      producer_.Poll(std::min(kFullQueueSlice, producer_.TimeUntil(deadline)));
    }
  }

  std::optional<Error> Flush(Deadline deadline) override { return producer_.Flush(deadline); }

  bool FoundTooLarge() const override { return producer_.found_too_large(); }

  std::optional<Error> Commit(std::span<const GroupCommit> commits, Deadline deadline) override {
    if (std::optional<Error> error = producer_.Flush(deadline)) return error;
    if (!commits.empty()) {
      if (std::optional<Error> error = SendCommits(commits, deadline)) return error;
    }
    auto error = producer_.Complete(kCommit, kSlice, deadline, [this](int wait) {
      return rd_kafka_commit_transaction(producer_.handle(), wait);
    });
    if (error && (error->kind == ErrorKind::kTimeout || error->kind == ErrorKind::kUnreachable)) {
      error->message += "; nobody knows whether it was committed";
    }
    return error;
  }

  std::optional<Error> Abort(Deadline deadline) override {
    return producer_.Complete("abort of the transaction", kSlice, deadline, [this](int wait) {
      return rd_kafka_abort_transaction(producer_.handle(), wait);
    });
  }

  std::vector<std::optional<Error>> DeleteRecordsBefore(std::span<const GroupCommit> partitions,
                                                        Deadline deadline) override {
    if (const std::optional<Error> error = PrepareGroup()) {
      return std::vector<std::optional<Error>>(partitions.size(), error);
    }
    return kafka::DeleteRecordsBefore(*group_, names_, partitions, deadline);
  }

  void EndBy(Deadline deadline) override { end_.store(deadline, std::memory_order_relaxed); }

  void Interrupt() override { interrupted_.store(true, std::memory_order_relaxed); }

 private:
  static std::string SubjectOf(const OutgoingRecord& record) {
    return NameOfRecord(record.topic, record.name);
  }

  std::optional<Error> SendCommits(std::span<const GroupCommit> commits, Deadline deadline) {
    const TopicPartitionListPtr list = ToList(commits);
    const GroupMetadataPtr group(rd_kafka_consumer_group_metadata_new(names_.group.c_str()));
    producer_.set_committing(TopicsOf(commits));
    return producer_.Complete("commits of group " + names_.group, kOffsetsSlice, deadline,
                              [&](int wait) {
                                return rd_kafka_send_offsets_to_transaction(
                                    producer_.handle(), list.get(), group.get(), wait);
                              });
  }

  // A transaction that failed refuses records; it tells why when asked to end.
  Error WhyNotInTransaction(const std::string& subject) {
    const ErrorPtr error(rd_kafka_commit_transaction(producer_.handle(), 1));
    if (error == nullptr) return Error{ErrorKind::kOther, subject + ": no transaction has begun"};
    return producer_.Explain(subject, rd_kafka_error_code(error.get()),
                             rd_kafka_error_string(error.get()));
  }

  std::optional<Error> PrepareGroup() {
    if (group_) return std::nullopt;
    try {
      group_.emplace(MakeHandle(cluster_, milliseconds(0), library_log_, GroupUse(names_.group)),
                     library_log_, interrupted_, statistics_);
    } catch (const config::ConfigError& error) {
      return Error{ErrorKind::kOther, error.what()};
    }
    return std::nullopt;
  }

  const config::Cluster cluster_;
  const WriterNames names_;
  LibraryLog library_log_;
  std::atomic<bool> interrupted_{false};
  std::atomic<Deadline> end_{Deadline::max()};
  StatisticsRecord statistics_;
  // Last: librdkafka's threads write to library_log_ until the handles are destroyed.
  ProducerSession producer_;
  std::optional<AdminSession> group_;
};

}  // namespace

std::unique_ptr<RecordWriter> MakeRecordWriter(const config::Cluster& cluster,
                                               const WriterOptions& options, Log& log) {
  return std::make_unique<LibrdkafkaWriter>(cluster, options, log);
}

}  // namespace backlogd::kafka
