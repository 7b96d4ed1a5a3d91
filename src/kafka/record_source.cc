#include "kafka/record_source.h"

#include <algorithm>
#include <utility>

namespace backlogd::kafka {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kSmallestFetch = std::size_t{16} << 10;
constexpr int kMostHalvings = 6;  // of the largest

std::optional<std::string_view> Text(const void* data, std::size_t size) {
  if (data == nullptr) return std::nullopt;
  return std::string_view(static_cast<const char*>(data), size);
}

std::size_t SizeOf(const std::optional<std::string_view>& text) { return text ? text->size() : 0; }

}  // namespace

// Compression makes records up to a thousand times smaller: a fetch is a small part of the bytes
// that are wanted, if only it does not cost throughput.
Prefetch PrefetchFor(const ReadLimits& limits) {
  constexpr std::size_t kKilo = 1024;
  return {std::clamp<std::size_t>(limits.bytes / kKilo / 8, 256, 16 * kKilo),
          std::clamp<std::size_t>(limits.records, 1, 100'000),
          std::clamp<std::size_t>(limits.bytes / 256, 64 * kKilo, kKilo * kKilo)};
}

std::size_t FetchSize::Of(std::size_t wanted) const {
  return std::max(std::min(kSmallestFetch, wanted), wanted >> halvings_);
}

void FetchSize::Learn(bool all_read, bool timed_out) {
  if (all_read) halvings_ = 0;
  if (timed_out) halvings_ = std::min(halvings_ + 1, kMostHalvings);
}

// A batch that is larger than every limit is still fetched, alone (KIP-74). librdkafka wants
// fetch.max.bytes to be no less than message.max.bytes, which a reader needs for nothing else.
HandleUse ReaderUse(const Prefetch& prefetch) {
  const std::string fetch_bytes = std::to_string(prefetch.fetch_bytes);
  HandleUse use;
  use.guards = {
      {"isolation.level", "read_committed"},
      {"enable.partition.eof", "true"},
      {"auto.offset.reset", "earliest"},
      {"check.crcs", "true"},
      {"enable.auto.offset.store", "false"},
      {"fetch.min.bytes", "1"},
      {"fetch.wait.max.ms", "50"},
      {"fetch.queue.backoff.ms", "10"},
      {"fetch.error.backoff.ms", "100"},
      {"queued.max.messages.kbytes", std::to_string(prefetch.kilobytes)},
      {"queued.min.messages", std::to_string(prefetch.records)},
      {"fetch.message.max.bytes", fetch_bytes},
      {"fetch.max.bytes", fetch_bytes},
      {"message.max.bytes", fetch_bytes},
  };
  return use;
}

RecordSource::RecordSource(HandlePtr handle, const LibraryLog& library_log)
    : handle_(std::move(handle)),
      events_(rd_kafka_queue_get_main(handle_.get())),
      library_log_(library_log) {}

rd_kafka_resp_err_t RecordSource::Assign(const rd_kafka_topic_partition_list_t& partitions) {
  return rd_kafka_assign(handle_.get(), &partitions);
}

rd_kafka_resp_err_t RecordSource::AssignAgain(const rd_kafka_topic_partition_list_t& partitions) {
  const ErrorPtr error(rd_kafka_incremental_assign(handle_.get(), &partitions));
  return error == nullptr ? RD_KAFKA_RESP_ERR_NO_ERROR : rd_kafka_error_code(error.get());
}

void RecordSource::Unassign(const std::string& topic, PartitionId partition) {
  const TopicPartitionListPtr one(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(one.get(), topic.c_str(), partition);
  const ErrorPtr ignored(rd_kafka_incremental_unassign(handle_.get(), one.get()));
}

void RecordSource::UnassignAll() {
  rd_kafka_assign(handle_.get(), nullptr);
  // What was fetched ahead is outdated now: polling drops it.
  while (Poll(milliseconds(0)) != nullptr) {
  }
}

MessagePtr RecordSource::Poll(milliseconds wait) {
  return MessagePtr(rd_kafka_consumer_poll(handle_.get(), static_cast<int>(wait.count())));
}

void RecordSource::NoteErrors() {
  while (const EventPtr event{rd_kafka_queue_poll(events_.get(), 0)}) {
    if (rd_kafka_event_type(event.get()) != RD_KAFKA_EVENT_ERROR) continue;
    errors_.Note(rd_kafka_event_error(event.get()),
                 library_log_.Words(rd_kafka_event_error_string(event.get())));
  }
}

MetadataPtr RecordSource::LookUpTopics(milliseconds patience) {
  const rd_kafka_metadata_t* metadata = nullptr;
  rd_kafka_metadata(handle_.get(), 0, nullptr, &metadata, static_cast<int>(patience.count()));
  return MetadataPtr(metadata);
}

bool RecordSource::LogEnds(const std::string& topic, PartitionId partition, Offset end,
                           Offset until, milliseconds patience) {
  Offset low = 0;
  Offset high = 0;
  rd_kafka_get_watermark_offsets(handle_.get(), topic.c_str(), partition, &low, &high);
  if (high >= until) return false;
  // A leader that is new may fetch up to less than there is; ListOffsets waits for it (KIP-207).
  const rd_kafka_resp_err_t code = rd_kafka_query_watermark_offsets(
      handle_.get(), topic.c_str(), partition, &low, &high, static_cast<int>(patience.count()));
  return code == RD_KAFKA_RESP_ERR_NO_ERROR && high <= end;
}

const Record& RecordView::Of(std::string_view topic, const rd_kafka_message_t& message) {
  record_.topic = topic;
  record_.partition = message.partition;
  record_.offset = message.offset;
  record_.key = Text(message.key, message.key_len);
  record_.value = Text(message.payload, message.len);
  ReadHeaders(message);
  ReadTimestamp(message);
  return record_;
}

std::size_t RecordView::bytes() const {
  std::size_t bytes = SizeOf(record_.key) + SizeOf(record_.value);
  for (const RecordHeader& header : headers_) bytes += header.name.size() + SizeOf(header.value);
  return bytes;
}

void RecordView::ReadHeaders(const rd_kafka_message_t& message) {
  headers_.clear();
  rd_kafka_headers_t* list = nullptr;
  if (rd_kafka_message_headers(&message, &list) == RD_KAFKA_RESP_ERR_NO_ERROR) {
    const char* name = nullptr;
    const void* value = nullptr;
    std::size_t size = 0;
    const std::size_t count = rd_kafka_header_cnt(list);
    for (std::size_t i = 0; i < count; ++i) {
      rd_kafka_header_get_all(list, i, &name, &value, &size);
      headers_.push_back({name, Text(value, size)});
    }
  }
  record_.headers = headers_;
}

void RecordView::ReadTimestamp(const rd_kafka_message_t& message) {
  rd_kafka_timestamp_type_t type = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
  const std::int64_t timestamp = rd_kafka_message_timestamp(&message, &type);
  record_.timestamp.reset();
  record_.timestamp_is_of_the_append = type == RD_KAFKA_TIMESTAMP_LOG_APPEND_TIME;
  if (type != RD_KAFKA_TIMESTAMP_NOT_AVAILABLE && timestamp >= 0) {
    record_.timestamp = WallTime(milliseconds(timestamp));
  }
}

}  // namespace backlogd::kafka
