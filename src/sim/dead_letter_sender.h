#pragma once

#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "deadletters/reason.h"
#include "kafka/record_producer.h"
#include "sim/consume_course.h"

namespace backlogd::sim {

// Puts records that could not be handled into the dead-letter topic, for all members of a run.
// Thread-safe.
class DeadLetterSender {
 public:
  // Makes the topic if there is none, with as many partitions as the source has. Throws Failure if
  // it cannot be made. `course` must outlive it.
  DeadLetterSender(ConsumeCourse& course, int source_partitions);
  ~DeadLetterSender();
  DeadLetterSender(const DeadLetterSender&) = delete;
  DeadLetterSender& operator=(const DeadLetterSender&) = delete;

  const std::string& topic() const { return topic_; }

  // Blocks until all in-sync replicas have it, however long that takes. False: the course ended
  // before that; the record must be delivered again.
  bool Send(const kafka::Record& record, deadletters::Reason reason);

 private:
  int DemandTopic(int source_partitions) const;
  std::optional<Error> SendOnce(const kafka::OutgoingRecord& record);
  void Count(const kafka::Delivery& delivery);

  ConsumeCourse& course_;
  const config::SimConsume& settings_;
  const std::string topic_;
  const int partitions_;

  std::mutex mutex_;
  std::condition_variable delivered_;
  std::uint64_t next_tag_ = 1;
  std::map<std::uint64_t, std::optional<Error>> answers_;  // that nobody has taken yet

  std::unique_ptr<kafka::RecordProducer> producer_;  // last: its sink uses what is above
};

}  // namespace backlogd::sim
