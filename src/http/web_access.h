#pragma once

#include <filesystem>
#include <memory>

#include "base/log.h"
#include "config/web_config.h"

namespace backlogd::http {

class TlsCredentials;

// What a web configuration file says now.
struct WebRules {
  config::WebConfig config;
  std::shared_ptr<const TlsCredentials> tls;  // null: plain HTTP
  bool is_broken = false;  // the file cannot be used any more: this is what it said before
};

// Keeps up with a web configuration file and the certificates that it names. Thread-safe.
class WebAccess {
 public:
  // Throws config::ConfigError.
  WebAccess(std::filesystem::path file, Log& log);
  ~WebAccess();
  WebAccess(const WebAccess&) = delete;
  WebAccess& operator=(const WebAccess&) = delete;

  // Looks whether a file has changed, and reads them all again if so. What is wrong then goes to
  // the log, once. TLS cannot be turned on or off by that. Never null.
  std::shared_ptr<const WebRules> Get();

 private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace backlogd::http
