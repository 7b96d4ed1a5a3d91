#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Who may read what the daemon serves, and how: a file of its own, whose keys are those of the
// Prometheus exporter-toolkit, so that one file serves all exporters of a machine.
// docs/security.md says what each key means here.
namespace backlogd::config {

// In the order of the words in web_config.cc.
enum class ClientAuth {
  kNoClientCert,
  kRequestClientCert,
  kRequireAnyClientCert,
  kRequireClientCert,  // the toolkit's older word for the one before
  kVerifyClientCertIfGiven,
  kRequireAndVerifyClientCert,
};

enum class TlsVersion { kTls10, kTls11, kTls12, kTls13 };

struct WebTls {
  std::string cert;       // PEM, as the file or the key `cert` had it
  std::string key;        // PEM: a secret
  std::string client_ca;  // PEM; empty: the system's certificate authorities
  ClientAuth client_auth = ClientAuth::kNoClientCert;
  std::vector<std::string> client_allowed_sans;  // empty: any name
  TlsVersion min_version = TlsVersion::kTls12;
  TlsVersion max_version = TlsVersion::kTls13;
  std::vector<std::string> cipher_suites;      // names as in Go; empty: the library's
  std::vector<std::string> curve_preferences;  // names as in Go; empty: the library's
  bool prefer_server_cipher_suites = true;
};

struct RateLimit {
  std::chrono::milliseconds interval{0};  // between two requests; 0: no limit
  std::int64_t burst = 0;                 // requests at once; at least 1 with an interval
};

struct WebConfig {
  std::optional<WebTls> tls;                   // absent: plain HTTP
  std::map<std::string, std::string> headers;  // for every answer; none is empty
  std::map<std::string, std::string> users;    // name -> bcrypt hash, a secret; empty: anybody
  RateLimit rate_limit;
  std::vector<std::filesystem::path> files;  // what was read, the file itself first
};

// Reads and checks a web configuration file and the certificates that it names, whose paths are
// relative to it. Whether certificate and key are any good is for the TLS library to say. Throws
// ConfigError as Load() does: it quotes neither hash nor key.
WebConfig LoadWebConfig(const std::filesystem::path& file);

// The same for a text that names no files.
WebConfig ParseWebConfig(std::string_view yaml, std::string_view origin);

}  // namespace backlogd::config
