#include "kafka/credential_files.h"

#include <sys/stat.h>

#include <filesystem>
#include <optional>

namespace backlogd::kafka {
namespace {

std::optional<struct stat> StatusOf(const std::string& file) {
  struct stat status = {};
  if (stat(file.c_str(), &status) != 0) return std::nullopt;
  return status;
}

}  // namespace

CredentialFiles::CredentialFiles(const config::Cluster& cluster) {
  for (const auto& [property, file] : cluster.property_files) {
    stamps_[(std::filesystem::path(cluster.folder) / file).string()];
  }
  for (const char* property : {"ssl.ca.location", "ssl.certificate.location", "ssl.key.location",
                               "ssl.keystore.location", "ssl.crl.location"}) {
    const auto found = cluster.properties.find(property);
    if (found != cluster.properties.end()) stamps_[found->second];
  }
  Changed();
}

bool CredentialFiles::Changed() {
  bool changed = false;
  for (auto& [file, last] : stamps_) {
    const auto status = StatusOf(file);
    if (!status) continue;
    const Stamp now{status->st_mtim.tv_sec, status->st_mtim.tv_nsec, status->st_ino,
                    status->st_size};
    changed |= now != last;
    last = now;
  }
  return changed;
}

}  // namespace backlogd::kafka
