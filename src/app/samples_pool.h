#pragma once

#include <memory>

#include "exposition/render.h"

namespace backlogd::app {

// Buffers to render into that keep their capacity: what the last holder of one lets go comes back.
// Memory stays at two buffers, of the page that is served and the one that is made. Thread-safe.
class SamplesPool {
 public:
  SamplesPool();

  // The content is what some earlier holder left. May outlive the pool.
  std::shared_ptr<exposition::Samples> Take();

 private:
  struct Free;
  std::shared_ptr<Free> free_;
};

}  // namespace backlogd::app
