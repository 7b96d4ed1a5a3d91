#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "deadletters/conventions.h"

// Which topics of a cluster are dead-letter queues, and whose. From names alone: nothing is read.
namespace backlogd::deadletters {

// A consumer group, share group or streams group.
struct KnownGroup {
  std::string_view name;
  bool share = false;                    // a share group
  std::vector<std::string_view> topics;  // those it has commits on
};

// The names a cluster has, in any order: those too that are not watched, where they are known. The
// views must stay valid while they are in use. A name that is missing makes an origin unknown, so
// that labels change when it comes back: whoever knows that a list is incomplete keeps the last
// complete one.
struct ClusterNames {
  std::vector<std::string_view> topics = {};
  std::vector<KnownGroup> groups = {};
  // The topics with the config errors.deadletterqueue.group.enable=true.
  std::vector<std::string_view> marked = {};
};

// Queues that no name tells, or whose origin no name tells.
struct ConfiguredQueue {
  std::string topic;  // RE2 for the whole name
  // Taken literally, but \1 to \9 stand for what the pattern's groups captured. Both empty: the
  // first capture is looked up among the cluster's names; without one, the name is read as usual.
  std::string source_topic;
  std::string group;
  // The group whose commits say what is handled, instead of any group's; \1 to \9 as above.
  std::string handling_group;
};

struct DiscoverySettings {
  std::vector<ConfiguredQueue> queues = {};  // the first that matches counts
  std::vector<std::string> exclude = {};     // RE2 for whole names; stronger than everything else
  bool by_name = true;                       // false: only what is configured or marked
  bool masstransit = false;                  // see ReadName()
};

struct DeadLetterQueue {
  std::string topic;
  std::string source_topic;  // "" if not known, or if there are several
  std::string group;         // "" if not known
  Convention convention = Convention::kGeneric;
  std::string handling_group;  // "" unless configured

  friend bool operator==(const DeadLetterQueue&, const DeadLetterQueue&) = default;
};

// Compiled settings. Copies share them. Thread-safe.
class Discovery {
 public:
  // REQUIRES: the patterns are valid RE2 and have the captures that are asked for. What does not
  // compile matches nothing.
  explicit Discovery(const DiscoverySettings& settings);

  // The queues, ascending by topic. The same names in any order give the same answer. What the
  // operator says comes first, then Kafka's own mark, then names; names that could be a retry
  // topic's and names that begin with "__" are none. Ten thousand topics take milliseconds.
  std::vector<DeadLetterQueue> Discover(ClusterNames names) const;

 private:
  struct Rules;
  std::shared_ptr<const Rules> rules_;
};

}  // namespace backlogd::deadletters
