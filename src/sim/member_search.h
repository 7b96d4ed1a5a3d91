#pragma once

#include <functional>
#include <optional>
#include <vector>

namespace backlogd::sim {

// What the runs with so many members said.
struct Level {
  int members = 0;
  int keeps_up = 0;  // runs
  int piles_up = 0;

  bool KeepsUp() const { return keeps_up > piles_up; }  // a tie does not
  double Confidence() const;                            // that the majority is right
};

struct MemberSearch {
  std::vector<Level> levels{};       // in the order tried
  std::optional<int> needed = {};    // absent: not even `most` keep up, or the search was ended
  std::optional<double> confidence;  // that `needed`, or its absence, is right; absent: ended
  bool complete = false;             // false: ended before its time
};

// One run; absent: the search is to end.
using Trial = std::function<std::optional<bool>(int members)>;

// The fewest of 1 .. `most` members that keep up: binary search that begins at `guess` and beside
// it, where the answer mostly lies. Each number of members has `repeats` runs, of which the
// majority counts. REQUIRES: most >= 1, repeats >= 1
MemberSearch FindFewestMembers(int most, int guess, int repeats, const Trial& trial);

}  // namespace backlogd::sim
