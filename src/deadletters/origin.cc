#include "deadletters/origin.h"

#include <algorithm>
#include <utility>

namespace backlogd::deadletters {
namespace {

constexpr std::string_view kSeparators = "-_.";

void SortUnique(std::vector<std::string_view>& names) {
  if (!std::is_sorted(names.begin(), names.end())) std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
}

bool Contains(const std::vector<std::string_view>& names, std::string_view name) {
  return std::binary_search(names.begin(), names.end(), name);
}

// What a group reads beside its work. Judged by the name alone, whatever the settings.
bool IsSideTopic(std::string_view topic) {
  if (IsInternalName(topic) || RetriedName(topic)) return true;
  const std::vector<NameReading> readings = ReadName(topic, false);
  return std::any_of(readings.begin(), readings.end(),
                     [](const NameReading& reading) { return !reading.needs_origin; });
}

Origin OfTopic(std::string_view topic, Origin::Certainty certainty) {
  Origin origin;
  origin.certainty = certainty;
  origin.matched = topic.size();
  origin.source_topic = topic;
  return origin;
}

Origin OfGroup(const KnownGroup& group, std::size_t matched, const KnownNames& known) {
  Origin origin;
  origin.certainty = Origin::Certainty::kExactly;
  origin.matched = matched;
  origin.source_topic = known.OnlySource(group);
  origin.group = group.name;
  origin.share_group = group.share;
  return origin;
}

// Kafka Connect reads for a sink connector in a group of this name.
Origin OfConnector(std::string_view connector, const KnownNames& known) {
  const KnownGroup* group = known.FindGroup("connect-" + std::string(connector));
  if (group == nullptr) return {};
  Origin origin = OfGroup(*group, connector.size(), known);
  origin.connector = true;
  return origin;
}

// The longest topic that `subject` begins with and that ends at a separator.
Origin OfTopicWithSuffix(std::string_view subject, std::string_view queue,
                         const KnownNames& known) {
  for (std::size_t end = subject.find_last_of(kSeparators);
       end != std::string_view::npos && end > 0; end = subject.find_last_of(kSeparators, end - 1)) {
    const std::string_view topic = subject.substr(0, end);
    if (topic != queue && known.HasTopic(topic)) return OfTopic(topic, Origin::Certainty::kPartly);
  }
  return {};
}

Origin OfSplit(std::string_view topic, std::string_view group, const KnownNames& known) {
  Origin origin;
  if (known.HasTopic(topic)) origin = OfTopic(topic, Origin::Certainty::kPartly);
  if (const KnownGroup* found = known.FindGroup(group)) {
    const bool both = origin.matched > 0;
    origin.certainty = both ? Origin::Certainty::kExactly : Origin::Certainty::kPartly;
    origin.matched += group.size();
    origin.group = found->name;
  }
  return origin;
}

// A known topic says more than a known group: a group may be called "v1" or "prod".
bool IsBetterSplit(const Origin& left, const Origin& right) {
  const auto rank = [](const Origin& origin) {
    return std::pair(origin.certainty, origin.source_topic.size());
  };
  return rank(left) > rank(right);
}

// Both names may have the separator in them: every place is tried.
Origin OfTopicAndGroup(const NameReading& reading, const KnownNames& known) {
  const std::string_view subject = reading.subject;
  Origin best;
  for (std::size_t at = subject.find(reading.separator, 1); at != std::string_view::npos;
       at = subject.find(reading.separator, at + 1)) {
    const Origin origin =
        OfSplit(subject.substr(0, at), subject.substr(at + reading.separator.size()), known);
    if (IsBetterSplit(origin, best)) best = origin;
  }
  return best;
}

Origin OfTopicAround(const NameReading& reading, const KnownNames& known) {
  const std::string topic =
      std::string(reading.subject) + std::string(reading.separator) + std::string(reading.rest);
  return known.HasTopic(topic) ? OfTopic(topic, Origin::Certainty::kExactly) : Origin{};
}

}  // namespace

KnownNames::KnownNames(ClusterNames names) : names_(std::move(names)) {
  SortUnique(names_.topics);
  SortUnique(names_.marked);
  const auto by_name = [](const KnownGroup& left, const KnownGroup& right) {
    return left.name < right.name;
  };
  if (!std::is_sorted(names_.groups.begin(), names_.groups.end(), by_name)) {
    std::sort(names_.groups.begin(), names_.groups.end(), by_name);
  }
}

bool KnownNames::HasTopic(std::string_view topic) const { return Contains(names_.topics, topic); }

bool KnownNames::IsMarked(std::string_view topic) const { return Contains(names_.marked, topic); }

const KnownGroup* KnownNames::FindGroup(std::string_view group) const {
  const auto found = std::lower_bound(
      names_.groups.begin(), names_.groups.end(), group,
      [](const KnownGroup& known, std::string_view name) { return known.name < name; });
  return found != names_.groups.end() && found->name == group ? &*found : nullptr;
}

std::string_view KnownNames::OnlySource(const KnownGroup& group) const {
  std::string_view only;
  for (const std::string_view topic : group.topics) {
    if (topic == only || !HasTopic(topic) || IsSideTopic(topic)) continue;
    if (!only.empty()) return {};
    only = topic;
  }
  return only;
}

Origin OriginOfName(std::string_view subject, std::string_view queue, const KnownNames& known) {
  if (subject != queue && known.HasTopic(subject)) {
    return OfTopic(subject, Origin::Certainty::kExactly);
  }
  if (const KnownGroup* group = known.FindGroup(subject)) {
    return OfGroup(*group, subject.size(), known);
  }
  Origin origin = OfConnector(subject, known);
  if (origin.certainty != Origin::Certainty::kUnknown) return origin;
  return OfTopicWithSuffix(subject, queue, known);
}

Origin OriginOfGroup(std::string_view group, const KnownNames& known) {
  const KnownGroup* found = known.FindGroup(group);
  return found == nullptr ? Origin{} : OfGroup(*found, group.size(), known);
}

Origin FindOrigin(const NameReading& reading, std::string_view queue, const KnownNames& known) {
  switch (reading.kind) {
    case Subject::kNothing: return {};
    case Subject::kName: return OriginOfName(reading.subject, queue, known);
    case Subject::kTopicAndGroup: return OfTopicAndGroup(reading, known);
    case Subject::kConnector: return OfConnector(reading.subject, known);
    case Subject::kTopicAround: return OfTopicAround(reading, known);
  }
  return {};
}

}  // namespace backlogd::deadletters
