#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "dlq/record_json.h"
#include "dlq/surroundings.h"
#include "dlq/survey.h"
#include "dlq/treatment.h"

namespace backlogd::dlq {

// What Kafka says of a topic; nothing if it does not tell.
using TopicConfigOf = std::function<std::optional<kafka::TopicConfig>(const std::string& topic)>;

struct RedeliveryOptions {
  std::string to;  // "": the topic that each record came from
  bool keep_timestamp = false;
  bool strip_death_headers = false;
  std::uint32_t max_redeliveries = 3;
  std::string transform;  // "": none
  std::chrono::milliseconds transform_timeout{30'000};
  std::chrono::milliseconds timeout{30'000};  // of a send
};

// Sends letters to topics again. A record goes to the partition that it came from, if its topic is
// the one that it came from; else by its key; else (without a key) by the queue's partition, so
// that the order of the queue's partition is kept. `queue`, `survey` and `with` must outlive it.
class Redelivery : public Treatment {
 public:
  Redelivery(RedeliveryOptions options, const Queue& queue, const Survey& survey,
             const Surroundings& with, TopicConfigOf config_of);

  deadletters::Action ToAction() const override { return deadletters::Action::kRedelivered; }
  Decision Decide(const Letter& letter) override;
  Treated Prepare(const Letter& letter, const Decision& decision,
                  const std::function<bool()>& meanwhile) override;
  bool IsAlone() const override { return alone_; }
  Treated Treat(const Letter& letter, const Decision& decision,
                kafka::RecordWriter* writer) override;

 private:
  std::string TargetOf(const Letter& letter) const;  // "" if there is none
  std::optional<kafka::PartitionId> PartitionOf(const Letter& letter, const std::string& target,
                                                bool has_key) const;
  // The record as it was, or as the operator's command changed it; nothing: it is to stay.
  Result<std::optional<Content>> Mend(const Letter& letter,
                                      const std::function<bool()>& meanwhile) const;
  const kafka::TopicConfig& ConfigOf(const std::string& topic);
  std::optional<WallTime> TimestampOf(const Letter& letter,
                                      std::optional<WallTime> of_content) const;
  // Why a record of this time would be lost or refused there; "" if it would not.
  std::string WhyNotKept(const std::string& target, std::optional<WallTime> timestamp);
  // Headers off that must not go along, our own on.
  void DressUp(const Letter& letter, Content& content) const;

  RedeliveryOptions options_;
  const Queue& queue_;
  const Survey& survey_;
  const Surroundings& with_;
  TopicConfigOf config_of_;
  std::map<std::string, kafka::TopicConfig> configs_;  // as far as asked
  Content content_;                                    // that Prepare() made
  bool alone_ = false;
};

}  // namespace backlogd::dlq
