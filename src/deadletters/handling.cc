#include "deadletters/handling.h"

#include <algorithm>
#include <cctype>

namespace backlogd::deadletters {
namespace {

constexpr std::string_view kOwnPrefix = "backlogd-dlq.";

bool EqualInAnyCase(std::string_view left, std::string_view right) {
  return std::equal(left.begin(), left.end(), right.begin(), right.end(), [](char a, char b) {
    return std::tolower(static_cast<unsigned char>(a)) ==
           std::tolower(static_cast<unsigned char>(b));
  });
}

// "-dlt", ".DLT": what @RetryableTopic puts behind the topic and behind the listener's group.
// Other endings are configurable there, but are also what people call their own handlers.
std::string_view SpringSuffix(std::string_view topic) {
  constexpr std::size_t kLength = 4;
  if (topic.size() <= kLength) return {};
  const std::string_view end = topic.substr(topic.size() - kLength);
  const bool separated = end[0] == '-' || end[0] == '.' || end[0] == '_';
  return separated && EqualInAnyCase(end.substr(1), "dlt") ? end : std::string_view{};
}

// "-unreadable-dlt" of "orders-unreadable-dlt": all that stands behind the source topic's name.
std::string_view WholeSuffix(const DeadLetterQueue& queue, std::string_view suffix) {
  const std::string_view topic = queue.topic;
  if (queue.source_topic.empty() || !topic.starts_with(queue.source_topic)) return suffix;
  const std::string_view behind = topic.substr(queue.source_topic.size());
  return behind.size() > suffix.size() ? behind : suffix;
}

bool IsSpringListener(std::string_view group, const DeadLetterQueue& queue) {
  const std::string_view suffix = SpringSuffix(queue.topic);
  if (suffix.empty()) return false;
  const std::string_view whole = WholeSuffix(queue, suffix);
  return group.size() > whole.size() && group.ends_with(whole);
}

bool IsConsoleConsumer(std::string_view group) {
  constexpr std::string_view kPrefix = "console-consumer-";
  return group.size() > kPrefix.size() && group.starts_with(kPrefix) &&
         group.find_first_not_of("0123456789", kPrefix.size()) == std::string_view::npos;
}

}  // namespace

std::string OwnHandlingGroup(std::string_view queue_topic) {
  return std::string(kOwnPrefix) + std::string(queue_topic);
}

bool IsOwnHandlingGroup(std::string_view group) {
  return group.size() > kOwnPrefix.size() && group.starts_with(kOwnPrefix);
}

bool OnlyLooks(std::string_view group, const DeadLetterQueue& queue) {
  return IsSpringListener(group, queue) || IsConsoleConsumer(group);
}

bool Handles(std::string_view group, const DeadLetterQueue& queue) {
  if (group == OwnHandlingGroup(queue.topic)) return true;
  if (!queue.handling_group.empty()) return group == queue.handling_group;
  return !OnlyLooks(group, queue);
}

}  // namespace backlogd::deadletters
