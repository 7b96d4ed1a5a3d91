#include "kafka/outgoing.h"

#include <array>
#include <optional>
#include <span>
#include <string_view>

namespace backlogd::kafka {
namespace {

// Null is null, empty is empty: librdkafka tells them apart by the pointer.
void* DataOf(const std::optional<std::string_view>& text) {
  if (!text) return nullptr;
  const char* data = text->empty() ? "" : text->data();
  return const_cast<char*>(data);  // NOLINT: librdkafka copies it
}
std::size_t SizeOf(const std::optional<std::string_view>& text) { return text ? text->size() : 0; }

HeadersPtr ToHeaders(std::span<const RecordHeader> headers) {
  HeadersPtr list(rd_kafka_headers_new(headers.size()));
  for (const RecordHeader& header : headers) {
    rd_kafka_header_add(list.get(), header.name.data(), static_cast<ssize_t>(header.name.size()),
                        DataOf(header.value), static_cast<ssize_t>(SizeOf(header.value)));
  }
  return list;
}

}  // namespace

rd_kafka_resp_err_t Produce(rd_kafka_t* handle, rd_kafka_topic_t* topic,
                            const OutgoingRecord& record, void* opaque) {
  HeadersPtr headers = ToHeaders(record.headers);
  std::array<rd_kafka_vu_t, 8> values{};
  values[0].vtype = RD_KAFKA_VTYPE_RKT;
  values[0].u.rkt = topic;
  values[1].vtype = RD_KAFKA_VTYPE_PARTITION;
  values[1].u.i32 = record.partition.value_or(RD_KAFKA_PARTITION_UA);
  values[2].vtype = RD_KAFKA_VTYPE_KEY;
  values[2].u.mem = {DataOf(record.key), SizeOf(record.key)};
  values[3].vtype = RD_KAFKA_VTYPE_VALUE;
  values[3].u.mem = {DataOf(record.value), SizeOf(record.value)};
  values[4].vtype = RD_KAFKA_VTYPE_HEADERS;
  values[4].u.headers = headers.get();
  values[5].vtype = RD_KAFKA_VTYPE_TIMESTAMP;
  values[5].u.i64 = record.timestamp ? record.timestamp->time_since_epoch().count() : 0;  // now
  values[6].vtype = RD_KAFKA_VTYPE_MSGFLAGS;
  values[6].u.i = RD_KAFKA_MSG_F_COPY;
  values[7].vtype = RD_KAFKA_VTYPE_OPAQUE;
  values[7].u.ptr = opaque;
  const ErrorPtr error(rd_kafka_produceva(handle, values.data(), values.size()));
  if (error != nullptr) return rd_kafka_error_code(error.get());
  // They are the record's now.
  static_cast<void>(headers.release());  // NOLINT(bugprone-unused-return-value)
  return RD_KAFKA_RESP_ERR_NO_ERROR;
}

}  // namespace backlogd::kafka
