#include "config/web_check.h"

#include <algorithm>
#include <span>
#include <utility>

#include "config/complaint.h"

namespace backlogd::config {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kTls = "tls_server_config";

// 16 takes some seconds a login: whoever wants more is better served by client certificates.
constexpr int kMinCost = 4;
constexpr int kMaxCost = 16;

[[noreturn]] void Refuse(std::string key, std::string what) {
  throw Complaint{std::nullopt, std::move(key), std::move(what)};
}
[[noreturn]] void RefuseTls(std::string_view key, std::string what) {
  Refuse(Join(kTls, key), std::move(what));
}

struct HeaderRule {
  std::string_view name;
  std::vector<std::string_view> values;  // empty: any
};

// Those of the toolkit.
const std::vector<HeaderRule>& HeaderRules() {
  static const std::vector<HeaderRule> rules = {{"Content-Security-Policy", {}},
                                                {"X-Frame-Options", {"deny", "sameorigin"}},
                                                {"X-Content-Type-Options", {"nosniff"}},
                                                {"X-XSS-Protection", {}},
                                                {"Strict-Transport-Security", {}}};
  return rules;
}

std::string Words(std::span<const std::string_view> words) {
  std::string text;
  for (const std::string_view word : words) text += (text.empty() ? "" : ", ") + std::string(word);
  return text;
}

bool IsPlain(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

void CheckHeader(const std::string& name, const std::string& value) {
  const std::string key = Join("http_server_config.headers", name);
  const auto rule = std::find_if(HeaderRules().begin(), HeaderRules().end(),
                                 [&](const HeaderRule& r) { return r.name == name; });
  if (rule == HeaderRules().end()) {
    std::vector<std::string_view> names;
    for (const HeaderRule& known : HeaderRules()) names.push_back(known.name);
    Refuse(key, "this header cannot be set; those that can: " + Words(names));
  }
  if (!IsPlain(value)) Refuse(key, "must be printable ASCII");
  const auto& allowed = rule->values;
  if (value.empty() || allowed.empty()) return;
  if (std::find(allowed.begin(), allowed.end(), value) == allowed.end()) {
    Refuse(key, "must be one of " + Words(allowed) + "; got " + Quote(value));
  }
}

// One of a text and a file may be given; returns whether one is.
bool CheckPair(std::string_view key, const std::string& text, const std::string& file) {
  const std::string file_key = std::string(key) + "_file";
  if (!text.empty() && !file.empty()) {
    RefuseTls(file_key, "stands beside " + std::string(key) + "; remove one of them");
  }
  return !text.empty() || !file.empty();
}

void CheckClients(const WebTls& tls, bool has_ca) {
  const ClientAuth auth = tls.client_auth;
  if (has_ca && auth == ClientAuth::kNoClientCert) {
    RefuseTls("client_auth_type",
              "must be set where there is a client_ca; RequireAndVerifyClientCert lets in only "
              "clients with a certificate of it");
  }
  const bool demands = auth == ClientAuth::kRequireAnyClientCert ||
                       auth == ClientAuth::kRequireClientCert ||
                       auth == ClientAuth::kRequireAndVerifyClientCert;
  if (!tls.client_allowed_sans.empty() && !demands) {
    RefuseTls("client_allowed_sans", "needs client_auth_type: RequireAndVerifyClientCert");
  }
}

void CheckTls(const RawTls& raw) {
  if (!CheckPair("cert", raw.tls.cert, raw.cert_file)) {
    RefuseTls("cert_file", "is missing; name the server's certificate");
  }
  if (!CheckPair("key", raw.tls.key, raw.key_file)) {
    RefuseTls("key_file", "is missing; name the certificate's private key");
  }
  CheckClients(raw.tls, CheckPair("client_ca", raw.tls.client_ca, raw.client_ca_file));
  if (raw.tls.min_version > raw.tls.max_version) {
    RefuseTls("min_version", "must not be above max_version");
  }
}

void CheckRateLimit(const RateLimit& limit) {
  if (limit.interval < 0ms || limit.interval > 1h) {
    Refuse("rate_limit.interval", "must be between 0s, for no limit, and 1h");
  }
  if (limit.burst < 0 || limit.burst > 1'000'000) {
    Refuse("rate_limit.burst", "must be between 0 and 1000000");
  }
  if (limit.interval > 0ms && limit.burst == 0) {
    Refuse("rate_limit.burst", "must be at least 1, or no request would ever be answered");
  }
}

bool IsBcryptDigit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '/';
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// $2y$10$ and 53 digits of its own alphabet
bool IsBcrypt(std::string_view hash) {
  return hash.size() == 60 && hash.starts_with("$2") &&
         std::string_view("aby").find(hash[2]) != std::string_view::npos && hash[3] == '$' &&
         IsDigit(hash[4]) && IsDigit(hash[5]) && hash[6] == '$' &&
         std::all_of(hash.begin() + 7, hash.end(), IsBcryptDigit);
}

}  // namespace

std::optional<std::string> ProblemWithUser(std::string_view name) {
  if (name.empty()) return "a user needs a name";
  if (name.find(':') != std::string_view::npos) {
    return "a user's name cannot hold a colon; is the space after one missing?";
  }
  return std::nullopt;
}

std::optional<std::string> ProblemWithHash(std::string_view hash) {
  if (!IsBcrypt(hash)) {
    return "must be a bcrypt hash such as $2y$10$...; \"htpasswd -nBC 10 ''\" makes one of a "
           "password";
  }
  const int cost = 10 * (hash[4] - '0') + (hash[5] - '0');
  if (cost < kMinCost || cost > kMaxCost) {
    return "the cost of its bcrypt hash must be between 4 and 16; \"htpasswd -nBC 10 ''\" takes 10";
  }
  return std::nullopt;
}

void CheckWebConfig(const RawWebConfig& raw) {
  if (raw.has_tls) CheckTls(raw.tls);
  for (const auto& [name, value] : raw.web.headers) CheckHeader(name, value);
  CheckRateLimit(raw.web.rate_limit);
}

}  // namespace backlogd::config
