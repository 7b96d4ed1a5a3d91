#include "kafka/types.h"

namespace backlogd::kafka {

std::string_view ToText(GroupType type) {
  switch (type) {
    case GroupType::kUnknown: return "Unknown";
    case GroupType::kClassic: return "Classic";
    case GroupType::kConsumer: return "Consumer";
  }
  return "Unknown";
}

std::string_view ToText(GroupState state) {
  switch (state) {
    case GroupState::kUnknown: return "Unknown";
    case GroupState::kPreparingRebalance: return "PreparingRebalance";
    case GroupState::kCompletingRebalance: return "CompletingRebalance";
    case GroupState::kStable: return "Stable";
    case GroupState::kDead: return "Dead";
    case GroupState::kEmpty: return "Empty";
  }
  return "Unknown";
}

}  // namespace backlogd::kafka
