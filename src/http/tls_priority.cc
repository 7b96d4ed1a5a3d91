#include <algorithm>
#include <map>
#include <set>
#include <string_view>
#include <utility>

#include "http/tls_credentials.h"

namespace backlogd::http {
namespace {

using config::ConfigError;

// What GnuTLS can be told of a suite: key exchange, cipher, digest. Not the suite itself.
struct Suite {
  std::string_view name;  // as in Go
  std::string_view exchange;
  std::string_view cipher;
  std::string_view digest;
};
constexpr Suite kSuites[] = {
    {"TLS_AES_128_GCM_SHA256", "", "AES-128-GCM", "AEAD"},
    {"TLS_AES_256_GCM_SHA384", "", "AES-256-GCM", "AEAD"},
    {"TLS_CHACHA20_POLY1305_SHA256", "", "CHACHA20-POLY1305", "AEAD"},
    {"TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA", "ECDHE-ECDSA", "AES-128-CBC", "SHA1"},
    {"TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA", "ECDHE-ECDSA", "AES-256-CBC", "SHA1"},
    {"TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", "ECDHE-RSA", "AES-128-CBC", "SHA1"},
    {"TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA", "ECDHE-RSA", "AES-256-CBC", "SHA1"},
    {"TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", "ECDHE-ECDSA", "AES-128-GCM", "AEAD"},
    {"TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", "ECDHE-ECDSA", "AES-256-GCM", "AEAD"},
    {"TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "ECDHE-RSA", "AES-128-GCM", "AEAD"},
    {"TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", "ECDHE-RSA", "AES-256-GCM", "AEAD"},
    {"TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", "ECDHE-ECDSA", "CHACHA20-POLY1305", "AEAD"},
    {"TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", "ECDHE-RSA", "CHACHA20-POLY1305", "AEAD"},
};

constexpr std::pair<std::string_view, std::string_view> kCurves[] = {
    {"CurveP256", "GROUP-SECP256R1"},
    {"CurveP384", "GROUP-SECP384R1"},
    {"CurveP521", "GROUP-SECP521R1"},
    {"X25519", "GROUP-X25519"}};

constexpr const char* kSuitesKey = "tls_server_config.cipher_suites";

bool LooksLikeASuite(std::string_view name) {
  constexpr std::size_t kLongest = 64;
  return name.starts_with("TLS_") && name.size() <= kLongest &&
         name.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == name.npos;
}

const Suite& FindSuite(const std::string& name) {
  const auto* suite = std::find_if(std::begin(kSuites), std::end(kSuites),
                                   [&](const Suite& s) { return s.name == name; });
  if (suite == std::end(kSuites)) {
    // What is no name of a suite may be anything, a secret too.
    throw ConfigError(kSuitesKey, "holds " + (LooksLikeASuite(name) ? name : "a name") +
                                      " that is not known as a suite with forward secrecy; write "
                                      "such as TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384");
  }
  return *suite;
}

void AddOnce(std::vector<std::string_view>& words, std::string_view word) {
  if (!word.empty() && std::find(words.begin(), words.end(), word) == words.end()) {
    words.push_back(word);
  }
}

// Parts are allowed one by one: whatever they make together is allowed then, and must be wanted.
void RefuseUnwanted(const std::set<std::string_view>& wanted,
                    const std::vector<std::string_view>& exchanges,
                    const std::vector<std::string_view>& ciphers) {
  const auto has = [](const std::vector<std::string_view>& words, std::string_view word) {
    return std::find(words.begin(), words.end(), word) != words.end();
  };
  for (const Suite& suite : kSuites) {
    if (suite.exchange.empty() || wanted.contains(suite.name)) continue;
    if (!has(exchanges, suite.exchange) || !has(ciphers, suite.cipher)) continue;
    throw ConfigError(kSuitesKey, "would allow " + std::string(suite.name) +
                                      " too, because GnuTLS allows key exchanges and ciphers one "
                                      "by one; add it, or remove what it is made of");
  }
}

std::string SuiteWords(const config::WebTls& tls) {
  std::set<std::string_view> wanted;
  std::vector<std::string_view> exchanges;
  std::vector<std::string_view> ciphers;
  std::vector<std::string_view> digests;
  for (const std::string& name : tls.cipher_suites) {
    const Suite& suite = FindSuite(name);
    wanted.insert(suite.name);
    AddOnce(exchanges, suite.exchange);
    AddOnce(ciphers, suite.cipher);
    AddOnce(digests, suite.digest);
  }
  RefuseUnwanted(wanted, exchanges, ciphers);
  std::string text = ":-KX-ALL:-CIPHER-ALL:-MAC-ALL";
  for (const auto* words : {&exchanges, &ciphers, &digests}) {
    for (const std::string_view word : *words) text.append(":+").append(word);
  }
  return text;
}

std::string CurveWords(const config::WebTls& tls) {
  std::string text = ":-GROUP-ALL";
  for (const std::string& name : tls.curve_preferences) {
    const auto* curve = std::find_if(std::begin(kCurves), std::end(kCurves),
                                     [&](const auto& c) { return c.first == name; });
    if (curve == std::end(kCurves)) {
      throw ConfigError("tls_server_config.curve_preferences",
                        "must hold of CurveP256, CurveP384, CurveP521, X25519");
    }
    text.append(":+").append(curve->second);
  }
  return text;
}

}  // namespace

std::string PriorityOf(const config::WebTls& tls) {
  constexpr std::string_view kVersions[] = {"TLS1.0", "TLS1.1", "TLS1.2", "TLS1.3"};
  std::string text = "NORMAL:-VERS-ALL";
  for (auto i = static_cast<int>(tls.max_version); i >= static_cast<int>(tls.min_version); --i) {
    text.append(":+VERS-").append(kVersions[i]);
  }
  // Without forward secrecy, whoever gets the key reads what was recorded before.
  text += tls.cipher_suites.empty() ? ":-RSA" : SuiteWords(tls);
  if (!tls.curve_preferences.empty()) text += CurveWords(tls);
  if (tls.prefer_server_cipher_suites) text += ":%SERVER_PRECEDENCE";
  return text;
}

}  // namespace backlogd::http
