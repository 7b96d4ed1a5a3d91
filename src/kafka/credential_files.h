#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <tuple>

#include "config/config.h"

namespace backlogd::kafka {

// The files that a cluster's credentials stand in: its property files, and the certificates and
// keys that its properties name. Not thread-safe. Private to this room.
class CredentialFiles {
 public:
  explicit CredentialFiles(const config::Cluster& cluster);

  // Whether one of them is another than when this was constructed or asked last. Follows links, so
  // that a mounted Kubernetes secret is seen to change. A file that is gone has not changed: it is
  // about to be replaced.
  bool Changed();

 private:
  using Stamp = std::tuple<std::int64_t, std::int64_t, std::uint64_t, std::int64_t>;
  std::map<std::string, Stamp> stamps_;  // by the file's path
};

}  // namespace backlogd::kafka
