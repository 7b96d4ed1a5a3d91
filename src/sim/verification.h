#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "kafka/types.h"
#include "sim/session.h"
#include "sim/verify_member.h"
#include "sim/verify_push.h"
#include "sim/verify_records.h"
#include "sim/verify_report.h"

namespace backlogd::sim {

// The functional check of a topic, step by step. It shares the topic with real traffic: it has a
// group of its own that begins at the log's end, knows its own records by a header, and leaves them
// to the topic's retention.
class Verification {
 public:
  // `session` must outlive it; `run` is unique.
  Verification(const Session& session, const std::string& run);

  // Every check once, in order; one that builds on another that failed is skipped. `show` is told
  // how many are done. Blocks for some seconds, at most some timeouts; ends early, with checks
  // skipped, if the program is to stop. Throws config::ConfigError.
  VerifyReport Run(const std::function<void(std::size_t done)>& show);

  static std::size_t CountOfChecks();

 private:
  struct Step {
    const char* name;
    CheckResult (Verification::*check)();
  };
  static const std::vector<Step>& Steps();

  CheckResult TopicExists();
  CheckResult PartitionCount();
  CheckResult Replication();
  CheckResult GroupStartsAtLogEnd();
  CheckResult EmptyConsumeIsBounded();
  CheckResult ContentIsKept();
  CheckResult KeysKeepTheirOrder();
  CheckResult DuplicateIsHandledOnce();
  CheckResult GroupResumes();
  CheckResult GroupIsDeleted();

  std::optional<std::string> ReadLogEnds(Offsets& ends);
  std::optional<std::string> Rejoin();  // the group's only member, anew
  std::vector<TestRecord> MakePart(const std::string& part, std::int64_t count) const;

  const Session& session_;
  const config::SimVerify& settings_;
  const std::string run_;
  const std::string group_;
  std::optional<kafka::TopicMetadata> topic_;
  std::unique_ptr<TestPusher> pusher_;
  std::unique_ptr<TestMember> member_;
  bool joined_once_ = false;  // so that there is a group
  bool can_push_ = false;
  std::vector<TestRecord> pushed_;
  std::vector<TestRecord> seen_;
};

}  // namespace backlogd::sim
