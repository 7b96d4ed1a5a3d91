#include "dlq/letter.h"

#include "deadletters/redelivery.h"

namespace backlogd::dlq {

deadletters::RecordView LetterOpener::View(const kafka::Record& record) {
  headers_.clear();
  for (const kafka::RecordHeader& header : record.headers) {
    headers_.push_back({header.name, header.value});
  }
  return {.topic = record.topic,
          .headers = headers_,
          .value = record.value,
          .timestamp = record.timestamp,
          .timestamp_is_of_the_append = record.timestamp_is_of_the_append};
}

void LetterOpener::Learn(const kafka::Record& record) { votes_.Add(View(record)); }

Letter LetterOpener::Open(const kafka::Record& record) {
  Letter letter;
  letter.record = &record;
  letter.death = deadletters::Decode(View(record), votes_.Winner());
  letter.reason = deadletters::Classify(letter.death, own_rules_);
  letter.source_topic = letter.death.origin.topic;
  if (letter.source_topic.empty()) letter.source_topic = source_topic_;
  letter.redeliveries = deadletters::CountRedeliveries(headers_);
  return letter;
}

}  // namespace backlogd::dlq
