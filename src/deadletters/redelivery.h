#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "deadletters/dead_letter.h"
#include "deadletters/record.h"

// What a dead letter needs to be sent to its source again, as if it had never died there.
namespace backlogd::deadletters {

// What a header does to a record that is redelivered.
enum class HeaderRole {
  kOwn,         // the application's
  kRetryState,  // counts attempts or times retries: with it the next failure would be the last one
  kDeath,       // tells where and why it died; harmless
  kRedelivery,  // from an earlier redelivery: to be written anew
};

// `of_record` is whose dead letter it is: names that others use too count for that framework alone.
HeaderRole RoleOf(std::string_view header_name, Framework of_record);

// What backlogd-dlq adds: the queue, partition and offset a record was redelivered from, as text,
// and how many times it was redelivered, this time included.
inline constexpr std::string_view kFromTopicHeader = "backlogd-dlq-topic";
inline constexpr std::string_view kFromPartitionHeader = "backlogd-dlq-partition";
inline constexpr std::string_view kFromOffsetHeader = "backlogd-dlq-offset";
inline constexpr std::string_view kRedeliveriesHeader = "backlogd-dlq-redeliveries";

// How many times the record was redelivered before, as its headers tell; 0 if they do not. The most
// of several, for a framework may keep old headers behind new ones. At most a million.
std::uint32_t CountRedeliveries(std::span<const Header> headers);

// True for a dead letter that holds nothing to redeliver: one of a share group that does not copy
// its records, or of a punctuator of Kafka Streams.
bool HasNoContent(const DeadLetter& letter, bool key_is_null, bool value_is_null);

}  // namespace backlogd::deadletters
