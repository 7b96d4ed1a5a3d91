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

 private:
  config::DetailPolicy policy_;
};

}  // namespace backlogd::app
