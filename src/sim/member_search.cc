#include "sim/member_search.h"

#include <algorithm>

#include "sim/estimate.h"

namespace backlogd::sim {
namespace {

// False: the search is to end.
bool Run(Level& level, int repeats, const Trial& trial) {
  for (int i = 0; i < repeats; ++i) {
    const std::optional<bool> keeps_up = trial(level.members);
    if (!keeps_up) return false;
    ++(*keeps_up ? level.keeps_up : level.piles_up);
  }
  return true;
}

double ConfidenceAt(const std::vector<Level>& levels, int members) {
  const auto found = std::ranges::find(levels, members, &Level::members);
  return found == levels.end() ? 1 : found->Confidence();
}

}  // namespace

double Level::Confidence() const {
  return MajorityConfidence(std::max(keeps_up, piles_up), std::min(keeps_up, piles_up));
}

MemberSearch FindFewestMembers(int most, int guess, int repeats, const Trial& trial) {
  MemberSearch search;
  int too_few = 0;
  int enough = most + 1;  // so far nobody has seen it
  int members = std::clamp(guess, 1, most);
  while (enough - too_few > 1) {
    Level& level = search.levels.emplace_back(Level{members});
    if (!Run(level, repeats, trial)) return search;
    (level.KeepsUp() ? enough : too_few) = members;
    const int beside = level.KeepsUp() ? members - 1 : members + 1;
    members = search.levels.size() == 1 ? beside : (too_few + enough) / 2;
  }
  search.complete = true;
  if (enough <= most) search.needed = enough;
  search.confidence = ConfidenceAt(search.levels, too_few) * ConfidenceAt(search.levels, enough);
  return search;
}

}  // namespace backlogd::sim
