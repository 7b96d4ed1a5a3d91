#include "sim/test_topic.h"

#include <random>

#include "sim/failure.h"

namespace backlogd::sim {

TestTopic::TestTopic(const Session& session)
    : session_(session), name_(session.settings().capacity.topic) {
  if (name_.empty()) {
    Create();
  } else {
    partitions_ = session.DemandTopic(name_);
  }
}

TestTopic::~TestTopic() {
  if (made_) Delete();
}

void TestTopic::Create() {
  const config::SimCapacity& settings = session_.settings().capacity;
  const Surroundings& with = session_.with();
  std::random_device random;
  name_ = "backlogd-capacity-" + std::to_string(random());
  partitions_ = static_cast<int>(settings.partitions);
  kafka::NewTopic topic;
  topic.name = name_;
  topic.partitions = partitions_;
  topic.config["retention.ms"] = "3600000";  // should the topic ever be left behind
  const auto admin = with.make_admin(session_.cluster(), session_.log());
  with.stop.OnRequest([&admin] { admin->Interrupt(); });
  const Result<bool> created = admin->CreateTopic(topic, session_.Soon());
  with.stop.Forget();
  if (created) {
    made_ = *created;
    return;
  }
  // Nobody knows whether it was made all the same, unless nobody was ever reached.
  if (created.error().kind != ErrorKind::kUnreachable) Delete();
  throw Failure("topic " + name_ + " cannot be made: " + created.error().message +
                "; name one of your own with --topic");
}

void TestTopic::Delete() const {
  const auto admin = session_.with().make_admin(session_.cluster(), session_.log());
  const Result<bool> deleted = admin->DeleteTopic(name_, session_.Soon());
  if (deleted) return;
  session_.log().Write(LogLevel::kWarning, "the topic of the test may be left behind",
                       {{"topic", name_}, {"error", deleted.error().message}});
}

}  // namespace backlogd::sim
