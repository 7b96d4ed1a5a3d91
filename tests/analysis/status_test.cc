// What each rule, and all of them together, say of a window of samples.

#include "analysis/status.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <initializer_list>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace backlogd::analysis {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr milliseconds kLength = seconds(80);  // a sample each 10 s

using Offsets = std::vector<kafka::Offset>;

Offsets Row(std::initializer_list<kafka::Offset> offsets) { return offsets; }
// `count` times the same offset.
Offsets Flat(kafka::Offset offset, std::size_t count = 9) { return Offsets(count, offset); }
// `count` offsets from `first` in steps of `step`.
Offsets Line(kafka::Offset first, kafka::Offset step, std::size_t count = 9) {
  Offsets offsets;
  for (std::size_t i = 0; i < count; ++i) {
    offsets.push_back(first + step * static_cast<kafka::Offset>(i));
  }
  return offsets;
}

// What else a window says. Somebody reads, the log begins at 0, samples are 10 s apart, unless:
struct Besides {
  std::optional<bool> has_reader = true;
  bool caught_up = false;
  kafka::Offset rewound_from = kUnknown;
  Offsets start;
  std::vector<int> at;  // seconds
};
Besides Nobody() { return {.has_reader = false, .start = {}, .at = {}}; }
Besides NobodyKnown() { return {.has_reader = {}, .start = {}, .at = {}}; }
Besides CaughtUp() { return {.caught_up = true, .start = {}, .at = {}}; }
Besides RewoundFrom(kafka::Offset from, Besides besides = {}) {
  besides.rewound_from = from;
  return besides;
}
Besides LogStart(Offsets start, Besides besides = {}) {
  besides.start = std::move(start);
  return besides;
}
Besides At(std::initializer_list<int> at) { return {.start = {}, .at = at}; }

struct WindowCase {
  std::string what;
  Offsets committed;
  Offsets end;
  std::string rules;     // the names of all that hold
  std::string expected;  // status; "": not known
  Besides besides = {};
};

std::vector<LagSample> SamplesOf(const WindowCase& c) {
  std::vector<LagSample> samples;
  for (std::size_t i = 0; i < c.end.size(); ++i) {
    const int at = c.besides.at.empty() ? static_cast<int>(i) * 10 : c.besides.at[i];
    samples.push_back({.at = WallTime(seconds(1'700'000'000 + at)),
                       .start = c.besides.start.empty() ? 0 : c.besides.start[i],
                       .committed = c.committed[i],
                       .end = c.end[i]});
  }
  return samples;
}

std::string RulesThatHold(const PartitionWindow& window) {
  std::string names;
  const auto add = [&](bool holds, const std::string& name) {
    if (holds) names += (names.empty() ? "" : " ") + name;
  };
  add(IsLosingData(window), "losing");
  add(HasStopped(window), "stopped");
  add(HasStalled(window), "stalled");
  add(HasRewound(window), "rewound");
  add(KeepsUp(window), "keeps_up");
  add(IsFallingBehind(window), "falling");
  add(IsCatchingUp(window), "catching");
  return names;
}

void Check(const std::vector<WindowCase>& cases) {
  for (const WindowCase& c : cases) {
    SCOPED_TRACE(c.what);
    const std::vector<LagSample> samples = SamplesOf(c);
    const PartitionWindow window = {.samples = samples,
                                    .length = kLength,
                                    .caught_up = c.besides.caught_up,
                                    .rewound_from = c.besides.rewound_from,
                                    .has_reader = c.besides.has_reader};
    EXPECT_EQ(RulesThatHold(window), c.rules);
    const std::optional<Status> status = EvaluatePartition(window);
    EXPECT_EQ(status ? ToText(*status) : "", c.expected);
  }
}

TEST(EvaluatePartition, IsOkWithoutBacklog) {
  Check({
      {"empty log", Flat(0), Flat(0), "keeps_up", "ok"},
      {"idle topic, all read", Flat(50), Flat(50), "keeps_up", "ok"},
      {"nobody there, but nothing to read", Flat(50), Flat(50), "keeps_up", "ok", Nobody()},
      {"nobody there for long, yet somebody read it all just now",
       Row({0, 0, 0, 0, 0, 0, 0, 0, 50}), Flat(50), "keeps_up", "ok", Nobody()},
      {"reads at once", Line(0, 10), Line(0, 10), "keeps_up", "ok"},
      {"commit beyond the log end", Flat(70), Flat(50), "keeps_up", "ok"},
      {"nothing waiting in the first poll", Row({50}), Row({50}), "keeps_up", "ok"},
      {"rewound, and the log was cut there", Flat(40), Flat(40), "keeps_up", "ok", RewoundFrom(50)},
      {"rewound and done with it", Flat(50), Flat(50), "keeps_up", "ok", RewoundFrom(50)},
  });
}

TEST(EvaluatePartition, IsOkWhileWhatWaitsIsOnItsWay) {
  Check({
      {"reads what was there one sample ago", Line(90, 10), Line(100, 10), "keeps_up", "ok"},
      {"reads what was there a quarter ago", Line(80, 10), Line(100, 10), "keeps_up", "ok"},
      {"as fast as production grows", Row({0, 10, 30, 60, 100, 150, 210, 280, 360}),
       Row({10, 30, 60, 100, 150, 210, 280, 360, 450}), "keeps_up", "ok"},
      {"a burst just now", Flat(100), Row({100, 100, 100, 100, 100, 100, 100, 100, 900}),
       "keeps_up", "ok"},
      {"a burst just now and nobody there", Flat(100),
       Row({100, 100, 100, 100, 100, 100, 100, 900, 900}), "keeps_up", "ok", Nobody()},
      {"bursts that are read in time", Line(0, 10), Line(30, 10), "keeps_up", "ok", CaughtUp()},
      {"caught up in the second poll ever", Row({50, 50}), Row({50, 60}), "keeps_up", "ok",
       CaughtUp()},
      {"steadily late, by less than a window", Line(60, 10), Line(100, 10), "", "ok"},
      {"commits each half window", Row({40, 40, 40, 40, 80, 80, 80, 80, 80}), Line(50, 10), "",
       "ok"},
      {"the same, and by chance it is less now", Row({10, 59, 59, 59, 59, 99, 99, 99, 99}),
       Line(50, 10), "", "ok"},
  });
}

TEST(EvaluatePartition, SeesWhenABacklogGrows) {
  Check({
      {"reads half", Line(0, 10), Line(0, 20), "falling", "falling_behind"},
      {"reads a little less, for long", Line(0, 95), Line(4'000, 100), "falling", "falling_behind"},
      {"nobody known to be gone, commits now and then", Row({0, 0, 0, 5, 5, 5, 5, 6, 6}),
       Line(10, 10), "falling", "falling_behind", NobodyKnown()},
      {"older than the window and stays", Line(0, 10), Line(1'000, 10), "falling",
       "falling_behind"},
      {"older than the window, stays, and is ragged", Row({0, 0, 20, 20, 40, 40, 60, 60, 80}),
       Line(1'000, 10), "falling", "falling_behind"},
      {"a step up in the newer half", Line(0, 10), Row({30, 40, 50, 60, 70, 150, 160, 170, 180}),
       "falling", "falling_behind"},
      {"up by less than an eighth, not old", Line(0, 100), Line(400, 101), "", "ok"},
      {"drains, but in days", Line(0, 11), Line(5'000, 10), "falling", "falling_behind"},
      {"a burst that is being read", Line(90, 60),
       Row({100, 160, 220, 280, 340, 1'000, 1'000, 1'000, 1'000}), "", "ok"},
      {"offsets near the end of what fits", Flat(1),
       Line(9'000'000'000'000'000'000, 10'000'000'000'000'000), "stalled falling", "stalled"},
  });
}

TEST(EvaluatePartition, SeesWhenABacklogShrinks) {
  Check({
      {"drains fast", Line(0, 50), Line(1'000, 10), "catching", "catching_up"},
      {"drains within 32 windows", Line(0, 30), Line(5'000, 10), "catching", "catching_up"},
      {"drains, unevenly", Row({0, 0, 90, 90, 100, 180, 180, 260, 340}), Line(1'000, 10),
       "catching", "catching_up"},
      {"nothing new is written", Line(0, 10), Flat(1'000), "catching", "catching_up"},
      {"not a whole window yet", Line(0, 50, 5), Line(1'000, 10, 5), "catching", "catching_up"},
      {"has drained", Line(200, 100),
       Row({1'000, 1'000, 1'000, 1'000, 1'000, 1'000, 1'000, 1'000, 1'001}), "keeps_up", "ok"},
  });
}

TEST(EvaluatePartition, SeesWhenTheCommitStands) {
  Check({
      {"stuck, records keep coming", Flat(100), Line(110, 10), "stalled falling", "stalled"},
      {"one record waits, nothing is written", Flat(100), Flat(101), "stalled falling", "stalled"},
      {"who reads is not known", Flat(100), Flat(101), "stalled falling", "stalled", NobodyKnown()},
      {"nobody reads", Flat(100), Line(110, 10), "stopped stalled falling", "stopped", Nobody()},
      {"nobody reads, nothing is written", Flat(100), Flat(101), "stopped stalled falling",
       "stopped", Nobody()},
      {"nobody reads since half a window", Row({60, 70, 80, 90, 100, 100, 100, 100, 100}),
       Line(61, 10), "stopped falling", "stopped", Nobody()},
      {"nobody reads since less than that", Row({60, 70, 80, 90, 100, 110, 110, 110, 110}),
       Line(61, 10), "", "ok", Nobody()},
      {"nobody there, and records wait since less than half a window", Flat(100),
       Row({100, 100, 100, 100, 100, 100, 120, 120, 120}), "", "ok", Nobody()},
      {"nobody is assigned, but the commit moves", Line(90, 10), Line(100, 10), "keeps_up", "ok",
       Nobody()},
      {"stuck since less than a window", Row({90, 90, 90, 100, 100, 100, 100, 100, 100}),
       Line(101, 10), "falling", "falling_behind"},
      {"stuck, but nothing waited at first", Flat(100),
       Row({100, 101, 101, 101, 101, 101, 101, 101, 101}), "", "ok"},
      {"polls missed, longer than a window", Flat(100, 3), Flat(150, 3), "stalled falling",
       "stalled", At({0, 50, 100})},
  });
}

TEST(EvaluatePartition, SeesACommitThatWentBack) {
  Check({
      {"just now", Row({500, 500, 500, 500, 500, 500, 500, 500, 0}), Flat(500), "rewound falling",
       "rewound", RewoundFrom(500)},
      {"in the first polls", Row({500, 0}), Row({500, 500}), "rewound", "rewound",
       RewoundFrom(500)},
      {"reads again", Line(0, 10), Flat(1'000), "rewound catching", "rewound", RewoundFrom(500)},
      {"has read again", Line(500, 10), Flat(1'000), "catching", "catching_up", RewoundFrom(500)},
      {"and does not get on", Flat(0), Flat(500), "stalled rewound falling", "stalled",
       RewoundFrom(500)},
      {"while nobody reads", Row({500, 0, 0, 0, 0, 0, 0, 0, 0}), Flat(500),
       "stopped rewound falling", "stopped", RewoundFrom(500, Nobody())},
      {"to the log end, forward", Row({0, 0, 0, 0, 500}), Flat(500, 5), "keeps_up", "ok"},
  });
}

TEST(EvaluatePartition, SeesRecordsDeletedUnread) {
  const Offsets once = Row({0, 0, 0, 450, 450, 450, 450, 450, 450});
  const Offsets up_to_commit = Row({0, 0, 100, 100, 100, 100, 100, 100, 100});
  Check({
      {"retention runs over the reader", Line(100, 10), Line(1'000, 20), "losing falling",
       "losing_data", LogStart(Line(50, 20))},
      {"in the first poll", Flat(100, 1), Flat(300, 1), "losing", "losing_data",
       LogStart(Flat(200, 1))},
      {"once in the window, ok since", Line(100, 100), Line(100, 100), "losing keeps_up",
       "losing_data", LogStart(once)},
      {"abandoned, and the log ran empty", Flat(100), Flat(300), "keeps_up", "ok",
       LogStart(Flat(300), Nobody())},
      {"abandoned, and just ran empty", Flat(100, 4), Flat(300, 4), "losing keeps_up",
       "losing_data", LogStart(Row({200, 250, 250, 300}), Nobody())},
      {"deleted after they were read", Line(100, 10), Line(100, 10), "keeps_up", "ok",
       LogStart(Line(80, 10))},
      {"deleted up to the commit", Flat(100), Flat(100), "keeps_up", "ok", LogStart(up_to_commit)},
      {"reset below a log start that stands", Row({300, 100}), Row({400, 400}), "losing rewound",
       "losing_data", LogStart(Flat(200, 2), RewoundFrom(300))},
  });
}

TEST(EvaluatePartition, SaysNothingOfTooLittleHistory) {
  Check({
      {"first poll", Row({0}), Row({100}), "", ""},
      {"first poll, nobody there", Row({0}), Row({100}), "", "", Nobody()},
      {"less than half a window", Flat(0, 4), Flat(100, 4), "", ""},
      {"less than half a window, nobody there", Flat(0, 4), Flat(100, 4), "", "", Nobody()},
      {"half a window, nobody there", Flat(0, 5), Flat(100, 5), "stopped falling", "stopped",
       Nobody()},
      {"half a window, stuck", Flat(0, 5), Flat(100, 5), "falling", "falling_behind"},
      {"half a window, keeps up", Line(90, 10, 5), Line(100, 10, 5), "keeps_up", "ok"},
      {"a quarter, keeps up", Line(90, 10, 3), Line(100, 10, 3), "keeps_up", "ok"},
      {"less than a quarter, on its way?", Line(90, 10, 2), Line(100, 10, 2), "", ""},
      {"the oldest sample is missing", Flat(0, 8), Flat(100, 8), "stalled falling", "stalled"},
      {"half of them are missing", Flat(0, 4), Flat(100, 4), "stalled falling", "stalled",
       At({0, 10, 60, 80})},
      {"two samples, a window apart", Row({0, 5}), Row({100, 140}), "falling", "falling_behind",
       At({0, 80})},
  });
}

TEST(Status, TextsAreThoseOfTheLabel) {
  std::vector<std::string_view> texts;
  for (int i = 0; i < kStatusCount; ++i) texts.push_back(ToText(static_cast<Status>(i)));
  EXPECT_EQ(texts,
            (std::vector<std::string_view>{"ok", "catching_up", "falling_behind", "rewound",
                                           "not_committing", "stalled", "stopped", "losing_data"}));
}

struct FilterCase {
  std::string what;
  std::vector<Status> judged;
  std::vector<Status> shown;
};

TEST(StatusFilter, WaitsUntilAStatusLasts) {
  using enum Status;
  for (const FilterCase& c : std::vector<FilterCase>{
           {"the first at once", {kStopped}, {kStopped}},
           {"worse: two in a row", {kOk, kStalled, kStalled}, {kOk, kOk, kStalled}},
           {"better: three in a row",
            {kStalled, kOk, kOk, kOk},
            {kStalled, kStalled, kStalled, kOk}},
           {"a peak", {kOk, kStalled, kOk, kStalled, kOk}, {kOk, kOk, kOk, kOk, kOk}},
           {"dips",
            {kStalled, kOk, kOk, kStalled, kOk, kOk, kStalled},
            {kStalled, kStalled, kStalled, kStalled, kStalled, kStalled, kStalled}},
           {"worse and worse, as far as it lasts",
            {kOk, kFallingBehind, kStalled, kStalled, kStalled},
            {kOk, kOk, kFallingBehind, kFallingBehind, kStalled}},
           {"worse in turns", {kOk, kStopped, kFallingBehind}, {kOk, kOk, kFallingBehind}},
           {"better in turns",
            {kStopped, kOk, kCatchingUp, kOk},
            {kStopped, kStopped, kStopped, kCatchingUp}},
           {"a peak, later a higher one",
            {kOk, kCatchingUp, kOk, kStopped, kStopped},
            {kOk, kOk, kOk, kOk, kStopped}},
           {"to the other side",
            {kFallingBehind, kOk, kOk, kStopped, kOk, kOk, kOk},
            {kFallingBehind, kFallingBehind, kFallingBehind, kFallingBehind, kFallingBehind,
             kFallingBehind, kOk}},
       }) {
    SCOPED_TRACE(c.what);
    StatusFilter filter;
    std::vector<Status> shown;
    for (const Status judged : c.judged) shown.push_back(filter.Update(judged));
    EXPECT_EQ(shown, c.shown);
  }
}

// A million pairs keep one each.
static_assert(sizeof(StatusFilter) == 4);

}  // namespace
}  // namespace backlogd::analysis
