#pragma once

#include <cstdint>
#include <random>
#include <vector>

#include "config/sim.h"

namespace backlogd::sim {

// How many records are due by an instant of a schedule that begins at 0. Deterministic: Poisson's
// arrivals follow from the seed.
//   ramp: from rate to peak_rate within the period, peak_rate from then on
//   burst: peak_rate in the last burst_length of each period, else rate
//   sine: from its lowest over the top back in each period; mean rate, top peak_rate. With a top of
//   more than twice the mean the wave is narrower than a sine, for no rate is negative.
class Schedule {
 public:
  // REQUIRES: settings checked by config::LoadSim, with a schedule
  Schedule(const config::SimProduce& settings, std::uint64_t seed);

  // REQUIRES: seconds >= 0, and of Poisson's schedule no less than the call before
  std::uint64_t DueBy(double seconds);

 private:
  double RampBy(double seconds) const;
  double BurstsBy(double seconds) const;
  double WaveBy(double seconds) const;
  std::uint64_t ArrivalsBy(double seconds);

  const config::Schedule kind_;
  const double rate_;
  const double peak_rate_;
  const double period_;
  const double burst_length_;
  std::vector<double> wave_{};  // share of a period's records by each of its equal parts' ends
  std::mt19937_64 random_;
  double next_arrival_ = 0;
  std::uint64_t arrived_ = 0;
};

// Paces a sender that now and then cannot keep its schedule: it catches up at no more than twice
// the rate, so that a pause does not end in a burst.
class Pacer {
 public:
  // How many to send now. `due`: by the schedule at `seconds`; `sent`: so far.
  std::uint64_t ToSend(double seconds, std::uint64_t due, std::uint64_t sent);

 private:
  double seconds_ = 0;
  std::uint64_t due_ = 0;
};

}  // namespace backlogd::sim
