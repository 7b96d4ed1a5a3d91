#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <span>

#include "analysis/status.h"
#include "analysis/unknown.h"
#include "base/time.h"
#include "kafka/types.h"
#include "snapshot/cluster_snapshot.h"

// What is remembered of the last while: a ring of samples for each number, all taken at the same
// instants, so that the instants are kept once.
namespace backlogd::analysis {

// Nine samples have eight stretches of time between them: a window.
inline constexpr std::size_t kSamples = 9;
using OffsetSamples = std::array<kafka::Offset, kSamples>;  // by slot; kUnknown: not read then
inline constexpr OffsetSamples kNoSamples = {kUnknown, kUnknown, kUnknown, kUnknown, kUnknown,
                                             kUnknown, kUnknown, kUnknown, kUnknown};

// When samples are taken: every eighth of a window, at the poll that is nearest. Polls that are
// missed or late make a stretch longer, and no sample wrong.
class SampleClock {
 public:
  SampleClock(std::chrono::milliseconds window, std::chrono::milliseconds poll_interval);

  // Other numbers from the next poll on. What was taken stays.
  void Retime(std::chrono::milliseconds window, std::chrono::milliseconds poll_interval);

  // Of a whole window; at least eight polls.
  std::chrono::milliseconds length() const { return length_; }
  std::chrono::milliseconds poll_interval() const { return poll_interval_; }
  // Tells of a poll, at `now`, which is `steady` by the steady clock. After it, taken() says
  // whether its numbers go into newest(). False if the clock was set, the machine slept, or at the
  // first poll: no instant that is remembered can be compared with those that come.
  bool Tick(WallTime now, snapshot::SteadyTime steady);
  bool taken() const { return taken_; }
  // Whether three polls' time or more passed since the poll before.
  bool paused() const { return paused_; }
  std::size_t newest() const { return newest_; }
  WallTime now() const { return now_; }
  WallTime at(std::size_t slot) const { return at_[slot]; }

  // The i-th oldest slot. REQUIRES: i < kSamples
  std::size_t Oldest(std::size_t i) const { return (newest_ + 1 + i) % kSamples; }
  // Whether the slot holds a sample that is not too old to be looked at.
  bool IsRecent(std::size_t slot) const {
    return at_[slot] != WallTime{} && now_ - at_[slot] <= length_ + length_ / 4;
  }

 private:
  bool GoesOn(WallTime now, std::chrono::milliseconds ahead) const;

  std::chrono::milliseconds length_;
  std::chrono::milliseconds poll_interval_;
  std::array<WallTime, kSamples> at_{};
  std::size_t newest_ = kSamples - 1;
  WallTime due_{};
  WallTime now_{};
  std::chrono::milliseconds ahead_{0};  // of the steady clock, when instants were last forgotten
  bool taken_ = false;
  bool paused_ = false;
};

// Room for the samples of one window: the ring's and the present one.
class LagSamples {
 public:
  void Add(const LagSample& sample) { samples_[size_++] = sample; }
  std::span<const LagSample> all() const { return std::span(samples_).first(size_); }

 private:
  std::array<LagSample, kSamples + 1> samples_;
  std::size_t size_ = 0;
};

}  // namespace backlogd::analysis
