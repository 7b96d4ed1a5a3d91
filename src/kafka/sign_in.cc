#include "kafka/sign_in.h"

#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <string_view>

#include "config/load.h"

namespace backlogd::kafka {
namespace {

constexpr const char* kEndpoint = "sasl.oauthbearer.token.endpoint.url";
constexpr const char* kRelogin = "sasl.kerberos.min.time.before.relogin";  // 0: no kinit
constexpr const char* kKeytab = "sasl.kerberos.keytab";

// Empty if it has none.
std::string ValueOf(const rd_kafka_conf_t* conf, const char* property) {
  std::size_t size = 0;
  if (rd_kafka_conf_get(conf, property, nullptr, &size) != RD_KAFKA_CONF_OK) return "";
  std::string value(size, '\0');
  if (rd_kafka_conf_get(conf, property, value.data(), &size) != RD_KAFKA_CONF_OK) return "";
  return value.substr(0, value.find('\0'));
}

bool SignsInBy(const rd_kafka_conf_t* conf, std::string_view mechanism) {
  return ValueOf(conf, "security.protocol").starts_with("sasl") &&
         ValueOf(conf, "sasl.mechanisms") == mechanism;
}

bool IsOfHost(unsigned char c) {
  return std::isalnum(c) != 0 ||
         std::string_view(".-_:[]").find(static_cast<char>(c)) != std::string_view::npos;
}

// Host and port in "http://user:password@host:port/path?key=secret"; empty where it is not certain
// that it is no part of a secret.
std::string_view HostIn(std::string_view url) {
  const std::size_t scheme = url.find("://");
  if (scheme == std::string_view::npos) return {};
  url.remove_prefix(scheme + 3);
  std::string_view host = url.substr(0, url.find_first_of("/?#"));
  if (url.find('@', host.size()) != std::string_view::npos) return {};
  host.remove_prefix(host.rfind('@') + 1);  // npos + 1 is 0
  return std::all_of(host.begin(), host.end(), IsOfHost) ? host : std::string_view();
}

}  // namespace

std::string AwaitedToken(const config::Cluster& cluster, const rd_kafka_conf_t* conf) {
  if (!SignsInBy(conf, "OAUTHBEARER")) return "";
  std::string awaited = "no SASL OAUTHBEARER token yet: ";
  if (ValueOf(conf, "sasl.oauthbearer.method") != "oidc") {
    return awaited + "sasl.oauthbearer.method must be oidc";
  }
  const std::string endpoint = ValueOf(conf, kEndpoint);
  if (endpoint.empty()) return awaited + "nobody has answered";
  const std::string_view host =
      cluster.property_files.contains(kEndpoint) ? std::string_view() : HostIn(endpoint);
  if (!host.empty()) awaited.append(host).append(" of ");
  return awaited.append(kEndpoint).append(" has not answered");
}

bool HasProgram(std::string_view path, const std::string& name) {
  while (!path.empty()) {
    const std::string_view folder = path.substr(0, path.find(':'));
    path.remove_prefix(std::min(path.size(), folder.size() + 1));
    const std::string file = (folder.empty() ? "." : std::string(folder)) + "/" + name;
    if (access(file.c_str(), X_OK) == 0) return true;
  }
  return false;
}

void PrepareKerberos(rd_kafka_conf_t* conf, LibraryLog& library_log, const HandleUse& use) {
  if (!SignsInBy(conf, "GSSAPI") || ValueOf(conf, kRelogin) == "0") return;
  if (ValueOf(conf, kKeytab).empty()) {
    throw config::ConfigError(std::string("properties.") + kKeytab,
                              "must be set, because kinit gets a Kerberos ticket with it; or set " +
                                  std::string(kRelogin) + " to 0 if tickets come from elsewhere");
  }
  const char* path = std::getenv("PATH");
  const bool has_kinit = HasProgram(path == nullptr ? "/usr/bin:/bin" : path, "kinit");
  if (has_kinit && use.runs_programs) return;
  rd_kafka_conf_set(conf, kRelogin, "0", nullptr, 0);
  if (has_kinit || !use.warns || !library_log.memory.IsNew("no kinit")) return;
  library_log.log.Write(LogLevel::kWarning,
                        "kinit is not installed: Kerberos tickets are not renewed",
                        {{"kafka_cluster", library_log.cluster}});
}

}  // namespace backlogd::kafka
