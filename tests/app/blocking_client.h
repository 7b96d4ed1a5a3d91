#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

#include "fakes/fake_kafka_client.h"

namespace backlogd::app {

// What happens to a BlockingClient, for the test to see and to end; outlives the client.
class Gate {
 public:
  void Open() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }
  void Pass() {
    std::unique_lock lock(mutex_);
    waiting_ = true;
    changed_.notify_all();
    changed_.wait(lock, [this] { return open_; });
  }
  // Waits until somebody is held up; false after ten seconds.
  bool WaitUntilReached() {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(10), [this] { return waiting_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = false;
  bool waiting_ = false;
};

// A cluster whose metadata does not come before the gate is open, and which opens it when it is
// interrupted, if it `heeds` that.
struct BlockingClient : FakeKafkaClient {
  BlockingClient(Gate& the_gate, bool does_heed) : gate(the_gate), heeds(does_heed) {}

  Result<kafka::Metadata> FetchMetadata(Deadline deadline) override {
    gate.Pass();
    return FakeKafkaClient::FetchMetadata(deadline);
  }
  void Interrupt() override {
    if (heeds) gate.Open();
  }

  Gate& gate;
  const bool heeds;
};

}  // namespace backlogd::app
