#pragma once

#include <string>

#include "sim/session.h"

namespace backlogd::sim {

// The topic of a capacity test: the operator's own, or one made for the test and deleted at its
// end.
class TestTopic {
 public:
  // Throws Failure if there is none, or none can be made.
  explicit TestTopic(const Session& session);
  ~TestTopic();  // what cannot be deleted is named in the log
  TestTopic(const TestTopic&) = delete;
  TestTopic& operator=(const TestTopic&) = delete;

  const std::string& name() const { return name_; }
  int partitions() const { return partitions_; }

 private:
  void Create();
  void Delete() const;

  const Session& session_;
  std::string name_;
  int partitions_ = 0;
  bool made_ = false;
};

}  // namespace backlogd::sim
