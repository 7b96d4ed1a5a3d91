#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace backlogd::sim {

enum class Verdict { kPassed, kFailed, kSkipped };

// "passed", "failed", "skipped".
std::string_view ToText(Verdict verdict);

struct CheckResult {
  std::string name;  // a word: "order_per_key"
  Verdict verdict = Verdict::kSkipped;
  std::string reason;  // what was seen; why it failed, or was skipped
  std::chrono::duration<double> time{};
};

struct VerifyReport {
  std::string topic;
  std::string through;  // how records were pushed: "Kafka", or a URL without secrets
  std::vector<CheckResult> checks;
};

bool HasFailed(const VerifyReport& report);

// A table for people; one line of JSON; a file for test servers, whatever bytes the reasons hold.
std::string ToTable(const VerifyReport& report);
std::string ToJson(const VerifyReport& report);
std::string ToJUnit(const VerifyReport& report);

}  // namespace backlogd::sim
