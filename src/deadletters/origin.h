#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "deadletters/conventions.h"
#include "deadletters/discovery.h"

// Private to the room: what a name is the name of, held against the names that a cluster has.
namespace backlogd::deadletters {

// The names of a cluster, to be looked up. Keeps the views it was given.
class KnownNames {
 public:
  explicit KnownNames(ClusterNames names);

  const std::vector<std::string_view>& topics() const { return names_.topics; }  // ascending, once
  bool HasTopic(std::string_view topic) const;
  bool IsMarked(std::string_view topic) const;
  const KnownGroup* FindGroup(std::string_view group) const;  // null if there is none

  // The one topic that the group processes: it has commits on no other, its retry and dead-letter
  // topics and those it keeps for itself aside. "" if there is none or more than one.
  std::string_view OnlySource(const KnownGroup& group) const;

 private:
  ClusterNames names_;
};

// Whose dead letters a queue holds. Empty where not known.
struct Origin {
  enum class Certainty {
    kUnknown,
    kPartly,   // part of the subject is a name: "orders" of "orders-unreadable"
    kExactly,  // all of it is
  };
  Certainty certainty = Certainty::kUnknown;
  std::size_t matched = 0;  // length of the names found in the subject
  std::string source_topic;
  std::string group;
  bool connector = false;    // the group is that of a sink connector
  bool share_group = false;  // the group is a share group
};

// What `subject`, taken from the name of `queue`, is the name of: a topic, a group, a connector,
// or a topic with something added.
Origin OriginOfName(std::string_view subject, std::string_view queue, const KnownNames& known);

// What is known if the queue is known to be that of `group`; nothing if there is no such group.
Origin OriginOfGroup(std::string_view group, const KnownNames& known);

// What the subject of a reading of `queue`'s name is the name of.
Origin FindOrigin(const NameReading& reading, std::string_view queue, const KnownNames& known);

}  // namespace backlogd::deadletters
