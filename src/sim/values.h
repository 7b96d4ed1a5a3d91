#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <string_view>

namespace backlogd::sim {

// Values of records: letters and digits without a meaning, `bytes` long, or `bytes` to `max_bytes`
// (0: all the same), each length as often as another.
class Values {
 public:
  Values(std::int64_t bytes, std::int64_t max_bytes, std::mt19937_64& random);

  // Valid as long as this object.
  std::string_view Next(std::mt19937_64& random) const;

 private:
  const std::int64_t bytes_;
  const std::int64_t max_bytes_;
  std::string text_;  // a value is a part of it
};

}  // namespace backlogd::sim
