#pragma once

#include "kafka/rdkafka_handles.h"
#include "kafka/record_writer.h"

// How a record is handed to librdkafka. Private to this room.
namespace backlogd::kafka {

// The record is copied. `opaque` comes back with its delivery report.
rd_kafka_resp_err_t Produce(rd_kafka_t* handle, rd_kafka_topic_t* topic,
                            const OutgoingRecord& record, void* opaque);

}  // namespace backlogd::kafka
