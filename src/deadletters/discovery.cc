#include "deadletters/discovery.h"

#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "deadletters/origin.h"

namespace backlogd::deadletters {
namespace {

constexpr int kCaptures = 9;  // \1 to \9
using Match = std::array<re2::StringPiece, 1 + kCaptures>;

// RE2's own view: newer releases take Abseil's, which need not be the standard's.
re2::StringPiece View(std::string_view text) { return {text.data(), text.size()}; }

std::unique_ptr<const RE2> Compile(std::string_view pattern) {
  RE2::Options options;
  options.set_log_errors(false);
  return std::make_unique<const RE2>(View(pattern), options);
}

struct QueueRule {
  std::unique_ptr<const RE2> topic;
  ConfiguredQueue is;

  int captures() const { return std::min(kCaptures, topic->NumberOfCapturingGroups()); }
};

std::string Rewrite(const QueueRule& rule, const Match& match, const std::string& text) {
  std::string result;
  const bool done = rule.topic->Rewrite(&result, text, match.data(), 1 + rule.captures());
  return done ? result : std::string();
}

DeadLetterQueue Queue(std::string_view topic, const Origin& origin, Convention convention) {
  return {std::string(topic), origin.source_topic, origin.group, convention, ""};
}

// Which of several readings is right: one whose subject is a name as it stands, and the longest of
// these ("error.orders.billing.dlt" is the DLT of "error.orders.billing" where that exists); else
// the likeliest.
struct Choice {
  Convention convention;
  Origin origin;

  bool exact() const { return origin.certainty == Origin::Certainty::kExactly; }
};

bool IsBetter(const Choice& left, const Choice& right) {
  return left.exact() && (!right.exact() || left.origin.matched > right.origin.matched);
}

Convention ConventionOf(const NameReading& reading, const Origin& origin) {
  if (reading.convention != Convention::kGeneric) return reading.convention;
  if (origin.connector) return Convention::kConnect;
  if (origin.share_group) return Convention::kShare;
  return Convention::kGeneric;
}

std::optional<Choice> Choose(const std::vector<NameReading>& readings, std::string_view topic,
                             const KnownNames& known) {
  std::optional<Choice> best;
  for (const NameReading& reading : readings) {
    Origin origin = FindOrigin(reading, topic, known);
    if (reading.needs_origin && origin.certainty == Origin::Certainty::kUnknown) continue;
    Choice choice{ConventionOf(reading, origin), std::move(origin)};
    if (!best || IsBetter(choice, *best)) best = std::move(choice);
  }
  return best;
}

// "dlq-orders-retry" may be a retry topic of "dlq-orders" or the DLQ of "orders-retry", as the
// names of the cluster have it; "orders-dlq-retry" is no DLQ even if there is an "orders-retry".
bool IsRetryTopic(std::string_view retried, const std::optional<Choice>& choice,
                  const KnownNames& known) {
  return known.HasTopic(retried) || !choice || !choice->exact();
}

std::optional<DeadLetterQueue> ByName(std::string_view topic, bool masstransit,
                                      const KnownNames& known) {
  std::vector<NameReading> readings = ReadName(topic, masstransit);
  if (readings.empty() || IsInternalName(topic)) return std::nullopt;
  const NameReading& first = readings.front();
  if (first.kind == Subject::kNothing && first.convention != Convention::kGeneric) {
    return Queue(topic, {}, first.convention);
  }
  const std::optional<std::string_view> retried = RetriedName(topic);
  if (retried) {
    std::erase_if(readings, [](const auto& r) { return r.kind == Subject::kTopicAround; });
  }
  const std::optional<Choice> choice = Choose(readings, topic, known);
  if (!choice || (retried && IsRetryTopic(*retried, choice, known))) return std::nullopt;
  return Queue(topic, choice->origin, choice->convention);
}

// A share group has one queue for all it reads, so a name in the queue's name is the group's.
DeadLetterQueue Marked(std::string_view topic, const KnownNames& known) {
  const std::vector<NameReading> readings = ReadName(topic, false);
  for (const NameReading& reading : readings) {
    const Origin origin = OriginOfGroup(reading.subject, known);
    if (!origin.group.empty()) return Queue(topic, origin, Convention::kShare);
  }
  const std::optional<Choice> choice = Choose(readings, topic, known);
  return Queue(topic, choice ? choice->origin : Origin{}, Convention::kShare);
}

// What the operator left open.
Origin OpenOrigin(const QueueRule& rule, const Match& match, std::string_view topic,
                  const KnownNames& known) {
  if (rule.captures() > 0) {
    return OriginOfName({match[1].data(), match[1].size()}, topic, known);
  }
  std::optional<Choice> choice = Choose(ReadName(topic, true), topic, known);
  return choice ? std::move(choice->origin) : Origin{};
}

DeadLetterQueue Configured(const QueueRule& rule, const Match& match, std::string_view topic,
                           const KnownNames& known) {
  DeadLetterQueue queue{std::string(topic), Rewrite(rule, match, rule.is.source_topic),
                        Rewrite(rule, match, rule.is.group), Convention::kConfigured,
                        Rewrite(rule, match, rule.is.handling_group)};
  if (!queue.source_topic.empty()) return queue;
  const Origin origin = queue.group.empty() ? OpenOrigin(rule, match, topic, known)
                                            : OriginOfGroup(queue.group, known);
  queue.source_topic = origin.source_topic;
  if (queue.group.empty()) queue.group = origin.group;
  return queue;
}

}  // namespace

struct Discovery::Rules {
  std::vector<QueueRule> queues;
  std::vector<std::unique_ptr<const RE2>> exclude;
  bool by_name;
  bool masstransit;

  bool IsExcluded(std::string_view topic) const {
    return topic.starts_with("__") ||
           std::any_of(exclude.begin(), exclude.end(), [topic](const auto& pattern) {
             return RE2::FullMatch(View(topic), *pattern);
           });
  }

  std::optional<DeadLetterQueue> ByOperator(std::string_view topic, const KnownNames& known) const {
    Match match;
    for (const QueueRule& rule : queues) {
      if (rule.topic->Match(View(topic), 0, topic.size(), RE2::ANCHOR_BOTH, match.data(),
                            1 + rule.captures())) {
        return Configured(rule, match, topic, known);
      }
    }
    return std::nullopt;
  }

  std::optional<DeadLetterQueue> Judge(std::string_view topic, const KnownNames& known) const {
    if (IsExcluded(topic)) return std::nullopt;
    if (auto queue = ByOperator(topic, known)) return queue;
    if (known.IsMarked(topic)) return Marked(topic, known);
    if (by_name) return ByName(topic, masstransit, known);
    return std::nullopt;
  }
};

Discovery::Discovery(const DiscoverySettings& settings) {
  auto rules = std::make_shared<Rules>();
  rules->by_name = settings.by_name;
  rules->masstransit = settings.masstransit;
  for (const ConfiguredQueue& queue : settings.queues) {
    rules->queues.push_back({Compile(queue.topic), queue});
  }
  for (const std::string& pattern : settings.exclude) rules->exclude.push_back(Compile(pattern));
  rules_ = std::move(rules);
}

std::vector<DeadLetterQueue> Discovery::Discover(ClusterNames names) const {
  const KnownNames known(std::move(names));
  std::vector<DeadLetterQueue> queues;
  for (const std::string_view topic : known.topics()) {
    if (auto queue = rules_->Judge(topic, known)) queues.push_back(std::move(*queue));
  }
  return queues;
}

}  // namespace backlogd::deadletters
