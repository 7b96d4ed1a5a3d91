#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "kafka/rdkafka_handles.h"

// librdkafka's error codes in our words. Pure. Private to this room.
namespace backlogd::kafka {

ErrorKind KindOf(rd_kafka_resp_err_t code);

// Of a question about a group: asked again, it may be answered.
bool IsPassing(rd_kafka_resp_err_t code);

// What `code` means, as the end of a sentence: "timed out", "not leader for partition".
std::string CauseOf(rd_kafka_resp_err_t code);

// "subject: cause". `detail`, librdkafka's longer text, is used where the code alone says little.
Error MakeError(std::string_view subject, rd_kafka_resp_err_t code, const char* detail = nullptr);

}  // namespace backlogd::kafka
