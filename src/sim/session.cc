#include "sim/session.h"

#include <algorithm>

#include "sim/failure.h"

namespace backlogd::sim {

int Session::DemandTopic(const std::string& topic) const {
  const auto client = with_.make_client(cluster(), log_);
  with_.stop.OnRequest([&client] { client->Interrupt(); });
  const auto metadata = client->FetchMetadata(Soon());
  with_.stop.Forget();
  if (!metadata) {
    throw Failure(metadata.error().message +
                  "; is --kafka.bootstrap-servers right, and does the cluster answer?");
  }
  const auto found = std::ranges::find(metadata->topics, topic, &kafka::TopicMetadata::name);
  if (found == metadata->topics.end()) {
    throw Failure("topic " + topic +
                  ": there is none of that name, or no right to see it (an ACL that allows "
                  "Describe on the topic); create it, or name another with --topic");
  }
  return static_cast<int>(found->partitions.size());
}

}  // namespace backlogd::sim
