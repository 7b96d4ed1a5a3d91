#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "config/web_config.h"

// Private to the room: what makes a web configuration unusable.
namespace backlogd::config {

struct RawTls {
  WebTls tls;
  std::string cert_file;
  std::string key_file;
  std::string client_ca_file;
};

// What the file says, before other files are read.
struct RawWebConfig {
  WebConfig web;
  RawTls tls;
  bool has_tls = false;  // some key is given that turns TLS on
  bool http2 = true;     // HTTP/1.1 is all there is: see docs/security.md
};

// Throws a Complaint.
void CheckWebConfig(const RawWebConfig& raw);

// What is wrong, how to mend it; absent: nothing. Neither quotes its argument.
std::optional<std::string> ProblemWithUser(std::string_view name);
std::optional<std::string> ProblemWithHash(std::string_view hash);

}  // namespace backlogd::config
