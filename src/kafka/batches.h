#pragma once

#include <cstddef>
#include <functional>
#include <vector>

#include "kafka/types.h"

namespace backlogd::kafka {

// Things that one request to one broker asks for, by their places in the question.
struct Batch {
  BrokerId broker = kNoBroker;
  std::vector<std::size_t> members;  // ascending, never empty
};

// 0 .. count - 1 by their brokers, at most `size` in a batch. Pure. Private to this room.
std::vector<Batch> BatchesByBroker(std::size_t count, std::size_t size,
                                   const std::function<BrokerId(std::size_t)>& broker_of);

}  // namespace backlogd::kafka
