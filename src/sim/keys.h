#pragma once

#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "config/sim.h"

namespace backlogd::sim {

// Chooses keys "key-0" ... "key-N": equally often, or by Zipf's law, where key-i comes with a
// probability in proportion to 1 / (i + 1)^exponent.
class Keys {
 public:
  Keys(config::KeyChoice choice, std::int64_t count, double zipf_exponent);

  std::optional<std::string> Next(std::mt19937_64& random) const;  // absent: without keys

 private:
  const config::KeyChoice choice_;
  const std::int64_t count_;
  std::vector<double> sums_{};  // Zipf: of the weights of the first keys; the last is the total
};

}  // namespace backlogd::sim
