#include "kafka/batches.h"

#include <map>

namespace backlogd::kafka {

std::vector<Batch> BatchesByBroker(std::size_t count, std::size_t size,
                                   const std::function<BrokerId(std::size_t)>& broker_of) {
  std::vector<Batch> batches;
  std::map<BrokerId, std::size_t> open;  // broker -> its batch that is not full
  for (std::size_t member = 0; member < count; ++member) {
    const BrokerId broker = broker_of(member);
    const auto [place, is_new] = open.try_emplace(broker, batches.size());
    if (is_new || batches[place->second].members.size() >= size) {
      place->second = batches.size();
      batches.push_back({broker, {}});
    }
    batches[place->second].members.push_back(member);
  }
  return batches;
}

}  // namespace backlogd::kafka
