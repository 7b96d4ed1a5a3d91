// How often the status of a group that never changes its ways changes: hours of simulated noise,
// seen through polls as the daemon sees it.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "analysis/status.h"

namespace backlogd::analysis {
namespace {

using std::chrono::seconds;

constexpr int kPoll = 15;
constexpr int kWindow = 300;
constexpr int kHours = 6;

// The windows that the polls of one group and partition give: a sample each eighth of the window,
// and the present one.
class Watch {
 public:
  Status Poll(const LagSample& now) {
    if (now.committed >= now.end) caught_up_at_ = now.at;
    if (!slots_.empty() && now.committed < committed_) rewound_from_ = committed_;
    if (now.committed >= rewound_from_) rewound_from_ = kUnknown;
    committed_ = now.committed;
    std::erase_if(
        slots_, [&](const LagSample& slot) { return now.at - slot.at > seconds(kWindow * 5 / 4); });
    std::vector<LagSample> samples(slots_.begin(), slots_.end());
    samples.push_back(now);
    if (slots_.empty() || now.at - slots_.back().at >= seconds(kWindow / 8 - kPoll / 2)) {
      slots_.push_back(now);
      if (slots_.size() > 9) slots_.pop_front();
    }
    const auto status =
        EvaluatePartition({.samples = samples,
                           .length = seconds(kWindow),
                           .caught_up = now.at - caught_up_at_ <= seconds(kWindow / 2),
                           .rewound_from = rewound_from_,
                           .has_reader = true});
    return status ? filter_.Update(*status) : Status::kOk;
  }

 private:
  std::deque<LagSample> slots_;
  WallTime caught_up_at_{};
  kafka::Offset committed_ = 0;
  kafka::Offset rewound_from_ = kUnknown;
  StatusFilter filter_;
};

// The same on every machine, unlike the distributions of <random>.
class Dice {
 public:
  // Evenly in [0, sides).
  std::int64_t Roll(std::int64_t sides) {
    return static_cast<std::int64_t>(engine_() % static_cast<std::uint64_t>(sides));
  }
  // Around `mean`, by up to `percent` of it.
  std::int64_t Around(std::int64_t mean, std::int64_t percent) {
    const std::int64_t spread = mean * percent / 100;
    return mean - spread + Roll(2 * spread + 1);
  }

 private:
  std::mt19937_64 engine_{4};
};

using PerSecond = std::function<std::int64_t(int second, Dice& dice)>;

struct Habits {
  int commits_every = 5;        // seconds
  int takes_back_every = 0;     // one poll sees a commit that went back; 0: never
  std::int64_t backlog = 0;     // at the beginning
  std::int64_t polls_fail = 0;  // of a hundred
};

struct NoiseCase {
  std::string what;
  PerSecond produced;
  PerSecond capacity;  // what the group can read
  Habits habits = {};
  Status worst = Status::kOk;
  int at_most = 0;      // changes of status in all hours
  int until_worst = 0;  // polls at most until the worst is shown
};

struct Seen {
  int changes = 0;
  Status worst = Status::kOk;
  int polls_until_worst = 0;
};

class Group {
 public:
  explicit Group(const NoiseCase& noise) : case_(noise), end_(noise.habits.backlog) {}

  void Live(int second) {
    end_ += case_.produced(second, dice_);
    position_ = std::min(end_, position_ + case_.capacity(second, dice_));
    if (second % case_.habits.commits_every == 0) committed_ = position_;
    const int takes_back = case_.habits.takes_back_every;
    if (takes_back > 0 && second % takes_back == kPoll)
      committed_ -= std::min<kafka::Offset>(committed_, 9);
  }
  // What is written between the reading of commit and log end counts as waiting.
  LagSample Look(int second) {
    return {.at = WallTime(seconds(1'700'000'000 + second)),
            .start = 0,
            .committed = committed_,
            .end = end_ + case_.produced(second, dice_)};
  }
  bool PollFails() { return dice_.Roll(100) < case_.habits.polls_fail; }

 private:
  const NoiseCase& case_;
  Dice dice_;
  kafka::Offset end_;
  kafka::Offset position_ = 0;
  kafka::Offset committed_ = 0;
};

Seen Simulate(const NoiseCase& noise) {
  Group group(noise);
  Watch watch;
  Seen seen;
  Status before = Status::kOk;
  for (int second = 0; second < kHours * 3600; ++second) {
    group.Live(second);
    if (second % kPoll != 0 || group.PollFails()) continue;
    const Status status = watch.Poll(group.Look(second));
    if (status != before) ++seen.changes;
    before = status;
    if (status <= seen.worst) continue;
    seen.worst = status;
    seen.polls_until_worst = second / kPoll + 1;
  }
  return seen;
}

PerSecond Steady(std::int64_t rate, std::int64_t percent) {
  return [=](int, Dice& dice) { return dice.Around(rate, percent); };
}
// `rate` for `on` seconds of each `every`, else `off_rate`.
PerSecond Bursts(std::int64_t rate, int on, int every, std::int64_t off_rate) {
  return [=](int second, Dice& dice) {
    return dice.Around(second % every < on ? rate : off_rate, 20);
  };
}

void Check(const std::vector<NoiseCase>& cases) {
  for (const NoiseCase& c : cases) {
    SCOPED_TRACE(c.what);
    const Seen seen = Simulate(c);
    EXPECT_LE(seen.changes, c.at_most);
    EXPECT_EQ(ToText(seen.worst), ToText(c.worst));
    EXPECT_LE(seen.polls_until_worst, c.until_worst);
  }
}

TEST(StatusNoise, DoesNotAccuseAGroupThatKeepsUp) {
  Check({
      {"steady", Steady(1'000, 50), Steady(2'000, 50)},
      {"very fast", Steady(1'000'000, 50), Steady(1'500'000, 80)},
      {"a record now and then", [](int, Dice& dice) { return dice.Roll(40) == 0 ? 1 : 0; },
       Steady(5, 0)},
      {"a third of the polls fail", Steady(1'000, 50), Steady(2'000, 50), {.polls_fail = 33}},
      {"commits each minute", Steady(1'000, 50), Steady(2'000, 50), {.commits_every = 60}},
      {"commits each two minutes", Steady(1'000, 50), Steady(2'000, 50), {.commits_every = 120}},
      {"bursts each two minutes, read in one", Bursts(10'000, 10, 120, 100), Steady(2'000, 20)},
      {"bursts each two minutes, hardly read", Bursts(10'000, 10, 120, 100), Steady(1'100, 20)},
      {"bursts each ten minutes, read in three", Bursts(30'000, 30, 600, 100), Steady(5'000, 20)},
      {"a producer on and off each 40 s", Bursts(2'000, 40, 80, 0), Steady(1'200, 20)},
      {"rebalances of 30 s each 5 min", Steady(1'000, 50), Bursts(0, 30, 300, 2'000)},
      {"the same, with little to spare", Steady(1'000, 50), Bursts(0, 30, 300, 1'200)},
      {"the same, and each takes back commits",
       Steady(1'000, 50),
       Bursts(0, 30, 300, 2'000),
       {.takes_back_every = 300}},
  });
}

TEST(StatusNoise, ChangesAStatusOnlyWhenTheGroupDoes) {
  using enum Status;
  Check({
      // Commits so rare look like a standstill until a whole window is known.
      {"commits each four minutes",
       Steady(1'000, 50),
       Steady(2'000, 50),
       {.commits_every = 240},
       kFallingBehind,
       2,
       10},
      // Two changes for each burst.
      {"bursts each ten minutes, read in eight",
       Bursts(30'000, 30, 600, 100),
       Steady(2'000, 20),
       {},
       kCatchingUp,
       2 * kHours * 6,
       24},
      {"reads half", Steady(1'000, 50), Steady(500, 50), {}, kFallingBehind, 1, 14},
      {"reads 90 %", Steady(1'000, 50), Steady(900, 50), {}, kFallingBehind, 3, 64},
      {"reads 90 %, a tenth of the polls fails",
       Steady(1'000, 50),
       Steady(900, 50),
       {.polls_fail = 10},
       kFallingBehind,
       5,
       64},
      {"a backlog of 1000 s stands",
       Steady(1'000, 50),
       Steady(1'000, 50),
       {.backlog = 1'000'000},
       kFallingBehind,
       1,
       10},
      {"a backlog of 400 s stands, more or less",
       Steady(1'000, 50),
       Steady(1'000, 50),
       {.backlog = 400'000},
       kFallingBehind,
       7,
       10},
      {"a backlog drains in 80 min",
       Steady(1'000, 50),
       Steady(1'200, 50),
       {.backlog = 1'000'000},
       kFallingBehind,
       4,
       230},
      {"a backlog drains in 15 min",
       Steady(1'000, 50),
       Steady(2'100, 50),
       {.backlog = 1'000'000},
       kCatchingUp,
       2,
       10},
      // Worse in two steps, better in three, three times.
      {"stops for 20 min each two hours",
       Steady(1'000, 50),
       Bursts(0, 1'200, 7'200, 3'000),
       {},
       kStalled,
       15,
       40},
  });
}

}  // namespace
}  // namespace backlogd::analysis
