#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "deadletters/classify.h"
#include "deadletters/dead_letter.h"
#include "deadletters/decode.h"
#include "kafka/record.h"

namespace backlogd::dlq {

// A record of a dead-letter queue, with what it tells of its death. Views into the record.
struct Letter {
  const kafka::Record* record = nullptr;  // never null
  deadletters::DeadLetter death;
  deadletters::Reason reason = deadletters::Reason::kUnknown;
  // The topic that its headers name, or else that which the queue's name tells; "" if neither does.
  std::string_view source_topic;
  std::uint32_t redeliveries = 0;  // how many times it was redelivered before
};

// Opens the letters of one queue.
class LetterOpener {
 public:
  // `source_topic`: what is known of the queue.
  LetterOpener(std::vector<deadletters::ReasonRule> own_rules, std::string source_topic)
      : own_rules_(std::move(own_rules)), source_topic_(std::move(source_topic)) {}

  // Learns which framework fills the queue. To be shown some records before the first Open().
  void Learn(const kafka::Record& record);

  // Valid until the next call, and as long as the record is.
  Letter Open(const kafka::Record& record);

 private:
  deadletters::RecordView View(const kafka::Record& record);

  std::vector<deadletters::ReasonRule> own_rules_;
  std::string source_topic_;
  deadletters::FrameworkVotes votes_;
  std::vector<deadletters::Header> headers_;
};

}  // namespace backlogd::dlq
