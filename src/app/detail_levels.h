#pragma once

#include "config/name_filter.h"
#include "exposition/render.h"

namespace backlogd::app {

// The configuration's detail levels, as exposition asks for them.
class ConfiguredDetail : public exposition::DetailLevels {
 public:
  explicit ConfiguredDetail(const config::Metrics& metrics);

  Level For(std::string_view group, std::string_view topic) const override;
  Level ForTopic(std::string_view topic) const override;
  std::uint64_t SeriesBudget() const override { return series_budget_; }

 private:
  config::DetailPolicy policy_;
  std::uint64_t series_budget_;
};

}  // namespace backlogd::app
