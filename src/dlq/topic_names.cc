#include "dlq/topic_names.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

namespace backlogd::dlq {
namespace {

// How many letters have to be changed, added or left out.
std::size_t Distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t changed = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({changed, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row.back();
}

std::vector<std::string> NearestTopics(const Survey& survey, std::string_view topic) {
  std::multimap<std::size_t, std::string> near;
  for (const kafka::TopicMetadata& other : survey.metadata.topics) {
    const std::size_t distance = Distance(topic, other.name);
    if (distance <= 1 + topic.size() / 5) near.emplace(distance, other.name);
  }
  std::vector<std::string> names;
  for (const auto& [distance, name] : near) {
    if (names.size() < 3) names.push_back(name);
  }
  return names;
}

std::string Joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

}  // namespace

std::string NoSuchTopic(const Survey& survey, std::string_view topic) {
  std::string problem = "topic '" + std::string(topic) + "' does not exist";
  const auto near = NearestTopics(survey, topic);
  if (!near.empty()) problem.append("; did you mean ").append(Joined(near)).append("?");
  return problem;
}

std::string UnknownTopic(const Survey& survey, std::string_view topic) {
  constexpr std::size_t kShown = 10;
  std::string problem = NoSuchTopic(survey, topic);
  if (!NearestTopics(survey, topic).empty()) return problem;
  std::vector<std::string> names;
  for (const auto& queue : survey.queues) {
    if (names.size() < kShown) names.push_back(queue.topic);
  }
  if (names.empty()) return problem + ", and no dead-letter queue is known";
  return problem + "; known dead-letter queues: " + Joined(names) +
         (survey.queues.size() > kShown ? ", ... (see backlogd-dlq list)" : "");
}

}  // namespace backlogd::dlq
