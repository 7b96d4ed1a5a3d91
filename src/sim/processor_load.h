#pragma once

#include <cstdint>
#include <optional>

namespace backlogd::sim {

// How busy all processors of this machine are, whoever uses them, since construction.
class ProcessorLoad {
 public:
  ProcessorLoad() : begun_(Read()) {}

  std::optional<double> Share() const;  // 0 .. 1; absent where the system does not tell

 private:
  struct Times {
    std::uint64_t busy = 0;
    std::uint64_t all = 0;
  };
  static std::optional<Times> Read();

  std::optional<Times> begun_;
};

}  // namespace backlogd::sim
