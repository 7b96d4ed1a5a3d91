#include "deadletters/redelivery.h"

#include <algorithm>
#include <array>

#include "deadletters/decode_names.h"
#include "deadletters/decode_values.h"

namespace backlogd::deadletters {
namespace {

// What is no count, yet goes with one. A name that ends in '*' stands for all that begin so.
constexpr std::array kRetryState = {
    std::string_view("retry_topic-*"),  // Spring's @RetryableTopic: attempts, timestamps
    std::string_view("kafka_deliveryAttempt"),
    std::string_view("delayed-retry-*"),  // SmallRye: the count, and what it counts from
    std::string_view("wolverine-kafka-retry-*"),
    std::string_view("MT-Redelivery-Count"),
    std::string_view("MT-Fault-RedeliveryCount"),
    std::string_view("HandledCount"),   // Brighter
    std::string_view("x-retry-count"),  // Trendyol, and many by hand
    std::string_view("x-retry-attempt-count"),
};

constexpr std::uint32_t kMostRedeliveries = 1'000'000;

bool Fits(std::string_view pattern, std::string_view name) {
  if (!pattern.ends_with('*')) return name == pattern;
  return name.starts_with(pattern.substr(0, pattern.size() - 1));
}

bool IsCount(Field field) {
  return field == Field::kAttempts || field == Field::kNextAttempt || field == Field::kRetries;
}

HeaderRole RoleOf(Field field) {
  return IsCount(field) ? HeaderRole::kRetryState : HeaderRole::kDeath;
}

}  // namespace

HeaderRole RoleOf(std::string_view header_name, Framework of_record) {
  for (const std::string_view own :
       {kFromTopicHeader, kFromPartitionHeader, kFromOffsetHeader, kRedeliveriesHeader}) {
    if (header_name == own) return HeaderRole::kRedelivery;
  }
  if (std::ranges::any_of(kRetryState, [&](auto pattern) { return Fits(pattern, header_name); })) {
    return HeaderRole::kRetryState;
  }
  for (const HeaderMeaning& meaning : MeaningsOf(header_name)) {
    if (meaning.proves || meaning.framework == of_record) return RoleOf(meaning.field);
  }
  if (of_record == Framework::kHandMade) {
    const Field field = HandMadeMeaning(header_name);
    if (field != Field::kNothing) return RoleOf(field);
  }
  return HeaderRole::kOwn;
}

std::uint32_t CountRedeliveries(std::span<const Header> headers) {
  std::uint32_t most = 0;
  for (const Header& header : headers) {
    if (header.name != kRedeliveriesHeader) continue;
    const auto count = ParseCount(header.value.value_or(""), Encoding::kText);
    if (!count) continue;
    most = std::max(most,
                    static_cast<std::uint32_t>(std::min(*count, std::int64_t{kMostRedeliveries})));
  }
  return most;
}

bool HasNoContent(const DeadLetter& letter, bool key_is_null, bool value_is_null) {
  if (!key_is_null || !value_is_null) return false;
  return letter.framework == Framework::kShareGroup ||
         (letter.framework == Framework::kStreams && !letter.source.offset);
}

}  // namespace backlogd::deadletters
