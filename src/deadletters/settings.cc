#include "deadletters/settings.h"

#include <re2/re2.h>

#include <memory>
#include <string>

namespace backlogd::deadletters {
namespace {

// Null, which is not asked, if the operator gave none. Messages have several lines.
std::shared_ptr<const re2::RE2> Compile(const std::string& pattern) {
  if (pattern.empty()) return nullptr;
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_dot_nl(true);
  options.set_never_capture(true);
  return std::make_shared<const re2::RE2>(pattern, options);
}

Reason ReasonOf(config::DeathReason reason) {
  switch (reason) {
    case config::DeathReason::kRetriesExhausted: return Reason::kRetriesExhausted;
    case config::DeathReason::kFormat: return Reason::kFormat;
    case config::DeathReason::kBusiness: return Reason::kBusiness;
    case config::DeathReason::kTimeout: return Reason::kTimeout;
    case config::DeathReason::kPermission: return Reason::kPermission;
    case config::DeathReason::kUnknown: break;
  }
  return Reason::kUnknown;
}

}  // namespace

DiscoverySettings DiscoverySettingsOf(const config::DeadLetters& dead_letters) {
  DiscoverySettings settings{.exclude = dead_letters.exclude,
                             .by_name = dead_letters.by_name,
                             .masstransit = dead_letters.masstransit};
  for (const config::DeadLetterQueue& queue : dead_letters.queues) {
    settings.queues.push_back({queue.topic, queue.source_topic, queue.group, queue.handling_group});
  }
  return settings;
}

std::vector<ReasonRule> ReasonRulesOf(const config::DeadLetters& dead_letters) {
  std::vector<ReasonRule> rules;
  for (const config::DeathRule& rule : dead_letters.reasons) {
    rules.push_back({Compile(rule.exception_class), Compile(rule.message), ReasonOf(rule.reason)});
  }
  return rules;
}

}  // namespace backlogd::deadletters
