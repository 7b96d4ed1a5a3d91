#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/session.h"
#include "sim/verify_records.h"

namespace backlogd::sim {

// How a verification gets its records into the topic. Not thread-safe.
class TestPusher {
 public:
  virtual ~TestPusher() = default;
  // Blocks until Kafka has acknowledged all of them, at most as long as the session's timeout.
  // Absent: it has; else what went wrong.
  virtual std::optional<std::string> Push(const std::vector<TestRecord>& records) = 0;
  virtual bool KeepsTime() const = 0;       // the records' timestamps are pushed too
  virtual std::string Through() const = 0;  // for people; no secret
};

// Over POST /push of verify.push_url, a request a record; or straight to Kafka if that is empty.
// `session` must outlive it. Throws config::ConfigError.
std::unique_ptr<TestPusher> MakeTestPusher(const Session& session);

}  // namespace backlogd::sim
