#include "config/web_config.h"

#include <algorithm>
#include <array>
#include <utility>

#include "config/complaint.h"
#include "config/reader.h"
#include "config/schema.h"
#include "config/source.h"
#include "config/web_check.h"
#include "config/yaml_document.h"

namespace backlogd::config {
namespace {

// In the order of the enumerators.
constexpr std::array<std::string_view, 6> kClientAuths = {
    "NoClientCert",      "RequestClientCert",       "RequireAnyClientCert",
    "RequireClientCert", "VerifyClientCertIfGiven", "RequireAndVerifyClientCert"};
constexpr std::array<std::string_view, 4> kVersions = {"TLS10", "TLS11", "TLS12", "TLS13"};

constexpr std::string_view kUsers = "basic_auth_users";

void VisitTls(Visitor& visitor, RawTls& raw) {
  visitor.Text("cert", raw.tls.cert);
  visitor.Text("key", raw.tls.key);
  visitor.Text("client_ca", raw.tls.client_ca);
  visitor.Text("cert_file", raw.cert_file);
  visitor.Text("key_file", raw.key_file);
  visitor.Text("client_ca_file", raw.client_ca_file);
  VisitChoice(visitor, "client_auth_type", kClientAuths, raw.tls.client_auth);
  visitor.Texts("client_allowed_sans", raw.tls.client_allowed_sans);
  VisitChoice(visitor, "min_version", kVersions, raw.tls.min_version);
  VisitChoice(visitor, "max_version", kVersions, raw.tls.max_version);
  visitor.Texts("cipher_suites", raw.tls.cipher_suites);
  visitor.Flag("prefer_server_cipher_suites", raw.tls.prefer_server_cipher_suites);
  visitor.Texts("curve_preferences", raw.tls.curve_preferences);
}

void VisitHttp(Visitor& visitor, RawWebConfig& raw) {
  visitor.Flag("http2", raw.http2);
  visitor.TextMap("headers", raw.web.headers);
}

void VisitRateLimit(Visitor& visitor, RateLimit& limit) {
  visitor.Duration("interval", limit.interval);
  visitor.Number("burst", limit.burst);
}

void VisitWebConfig(Visitor& visitor, RawWebConfig& raw) {
  VisitSection(visitor, "tls_server_config", raw.tls, VisitTls);
  VisitSection(visitor, "http_server_config", raw, VisitHttp);
  visitor.BeginMap(kUsers);  // known, but read by TakeUsers
  visitor.EndMap();
  VisitSection(visitor, "rate_limit", raw.web.rate_limit, VisitRateLimit);
}

// The names are anybody's, and no words of ours: they are taken out before the rest is read.
void TakeUsers(YamlNode& root, std::map<std::string, std::string>& users) {
  const auto entry = std::find_if(root.entries.begin(), root.entries.end(),
                                  [](const YamlEntry& e) { return e.key == kUsers; });
  if (entry == root.entries.end()) return;
  const YamlNode node = std::move(entry->value);
  root.entries.erase(entry);
  if (node.kind == YamlNode::Kind::kNull) return;
  if (node.kind != YamlNode::Kind::kMap) {
    throw Complaint{node.at, std::string(kUsers), "must be a map; write \"user: hash\" lines"};
  }
  for (const YamlEntry& user : node.entries) {
    const std::string key = Join(kUsers, ToWord(user.key));
    if (const auto problem = ProblemWithUser(user.key)) throw Complaint{user.at, key, *problem};
    if (const auto problem = ProblemWithHash(user.value.text)) {
      throw Complaint{user.value.at, key, *problem};
    }
    users[user.key] = user.value.text;
  }
}

// Puts what the file `name` holds into `content`, if one is named.
void ReadInto(std::string& content, const std::string& name, const std::string& key,
              const std::filesystem::path& folder, WebConfig& web) {
  if (name.empty()) return;
  try {
    content = ReadContent(folder / name);
  } catch (const Complaint& complaint) {
    throw Complaint{std::nullopt, Join("tls_server_config", key), "its file " + complaint.what};
  }
  web.files.push_back(folder / name);
}

void ReadFiles(RawWebConfig& raw, const std::filesystem::path& folder) {
  RawTls& tls = raw.tls;
  ReadInto(tls.tls.cert, tls.cert_file, "cert_file", folder, raw.web);
  ReadInto(tls.tls.key, tls.key_file, "key_file", folder, raw.web);
  ReadInto(tls.tls.client_ca, tls.client_ca_file, "client_ca_file", folder, raw.web);
}

WebConfig ReadText(std::string_view yaml, std::string_view origin,
                   const std::optional<std::filesystem::path>& folder) {
  RawWebConfig raw;
  Positions positions;
  try {
    YamlNode root = ParseYaml(yaml);
    TakeUsers(root, raw.web.users);
    positions = Read(root, [&raw](Visitor& visitor) { VisitWebConfig(visitor, raw); });
    const auto given = [&](std::string_view key) {
      return positions.contains("tls_server_config." + std::string(key));
    };
    raw.has_tls = given("cert") || given("cert_file") || given("key") || given("key_file") ||
                  given("client_ca") || given("client_ca_file") || given("client_auth_type");
    CheckWebConfig(raw);
    if (folder) ReadFiles(raw, *folder);
  } catch (const Complaint& complaint) {
    throw ToError(complaint, origin, positions);
  }
  std::erase_if(raw.web.headers, [](const auto& header) { return header.second.empty(); });
  if (raw.has_tls) raw.web.tls = std::move(raw.tls.tls);
  return std::move(raw.web);
}

}  // namespace

WebConfig LoadWebConfig(const std::filesystem::path& file) {
  std::string content;
  try {
    content = ReadContent(file);
  } catch (const Complaint& complaint) {
    throw ToError(complaint, file.string(), {});
  }
  WebConfig web = ReadText(content, file.string(), file.parent_path());
  web.files.insert(web.files.begin(), file);
  return web;
}

WebConfig ParseWebConfig(std::string_view yaml, std::string_view origin) {
  return ReadText(yaml, origin, std::nullopt);
}

}  // namespace backlogd::config
