#include "app/detail_levels.h"

namespace backlogd::app {
namespace {

exposition::DetailLevels::Level ToLevel(config::Detail detail) {
  using Level = exposition::DetailLevels::Level;
  switch (detail) {
    case config::Detail::kGroup: return Level::kGroup;
    case config::Detail::kTopic: return Level::kTopic;
    case config::Detail::kPartition: return Level::kPartition;
    case config::Detail::kFull: break;
  }
  return Level::kFull;
}

}  // namespace

ConfiguredDetail::ConfiguredDetail(const config::Metrics& metrics)
    : policy_(metrics), series_budget_(static_cast<std::uint64_t>(metrics.series_budget)) {}

exposition::DetailLevels::Level ConfiguredDetail::For(std::string_view group,
                                                      std::string_view topic) const {
  return ToLevel(policy_.For(group, topic));
}

exposition::DetailLevels::Level ConfiguredDetail::ForTopic(std::string_view topic) const {
  return ToLevel(policy_.ForTopic(topic));
}

}  // namespace backlogd::app
