#include "sim/topic_directory.h"

#include <chrono>

namespace backlogd::sim {

Result<bool> TopicDirectory::Has(const std::string& topic, Deadline now, Deadline deadline) {
  const std::lock_guard lock(mutex_);
  if (topics_.contains(topic)) return true;
  if (asked_at_ != Deadline{} && now - asked_at_ < std::chrono::seconds(1)) return false;
  const auto metadata = client_->FetchMetadata(deadline);
  if (!metadata) return metadata.error();
  asked_at_ = now;
  for (const kafka::TopicMetadata& seen : metadata->topics) topics_.insert(seen.name);
  return topics_.contains(topic);
}

void TopicDirectory::Forget(const std::string& topic) {
  const std::lock_guard lock(mutex_);
  topics_.erase(topic);
  asked_at_ = Deadline{};
}

}  // namespace backlogd::sim
