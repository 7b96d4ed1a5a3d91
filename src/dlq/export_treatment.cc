#include "dlq/export_treatment.h"

#include "dlq/record_json.h"

namespace backlogd::dlq {

Treated ExportTreatment::Treat(const Letter& letter, const Decision&, kafka::RecordWriter*) {
  if (to_ == nullptr) return {};
  const kafka::Record& record = *letter.record;
  const std::string line = ToJson(letter, more_);
  if (!to_->Has({std::string(record.topic), record.partition, record.offset}, line)) {
    to_->Append(line);
  }
  return {};
}

std::optional<Error> ExportTreatment::Settle() {
  return to_ == nullptr ? std::nullopt : to_->Flush();
}

}  // namespace backlogd::dlq
