#pragma once

#include <array>
#include <cstdint>

#include "deadletters/dead_letter.h"
#include "deadletters/record.h"

// From a record to what is known of its death. Pure, never throws, allocates nothing; takes time in
// proportion to the number of headers, of a stack trace kMaxTraceBytes are read, of the value 4
// KiB.
namespace backlogd::deadletters {

// The headers of several frameworks lie in one record if it died under one and was sent back into
// another's source. `of_topic` is the framework that fills the record's topic (FrameworkVotes): its
// headers win. Otherwise those that were put in last.
DeadLetter Decode(const RecordView& record, Framework of_topic = Framework::kNone);

// Which framework fills a topic. It is learned from the records that bear the marks of one alone,
// so that what was redriven from elsewhere does not outvote the topic's own.
class FrameworkVotes {
 public:
  void Add(const RecordView& record);
  Framework Winner() const;  // kNone without votes; of equals the one that came first in the enum

 private:
  std::array<std::uint64_t, kFrameworkCount> votes_ = {};
};

}  // namespace backlogd::deadletters
