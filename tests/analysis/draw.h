#pragma once

#include <cmath>
#include <cstdint>

namespace backlogd::analysis {

// Random numbers that are the same on every machine for the same seed (splitmix64).
class Draw {
 public:
  explicit Draw(std::uint64_t seed) : state_(seed) { state_ = Bits(); }

  std::uint64_t Bits() {
    state_ += 0x9E3779B97F4A7C15U;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
    return z ^ (z >> 31);
  }
  // In [from, to).
  double Real(double from, double to) {
    return from + (to - from) * (static_cast<double>(Bits() >> 11) * 0x1.0p-53);
  }
  // Small numbers as often as large ones. REQUIRES: 0 < from <= to
  double Magnitude(double from, double to) { return std::exp(Real(std::log(from), std::log(to))); }
  // In [from, to].
  int Whole(int from, int to) {
    return from + static_cast<int>(Bits() % static_cast<std::uint64_t>(to - from + 1));
  }
  bool Chance(double probability) { return Real(0, 1) < probability; }

 private:
  std::uint64_t state_;
};

}  // namespace backlogd::analysis
