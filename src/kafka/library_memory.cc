#include "kafka/library_memory.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/text.h"

namespace backlogd::kafka {
namespace {

constexpr std::size_t kMostTold = 100;
constexpr std::size_t kMostCertificates = 1000;

// The trouble of a connection makes a call fail, and its error says the same.
constexpr std::string_view kToldElsewhere[] = {"FAIL", "OIDC", "SSLCERTVRFY"};
// librdkafka has a certificate for the broker, and does not send it.
constexpr std::string_view kNoIssuer = "No matching issuer found";
// What each handle says of its configuration, or of its surroundings.
constexpr std::string_view kOfEachHandle[] = {"CONFWARN", "LIBSASL", "SASLREFRESH", "SSL"};

template <std::size_t size>
bool IsAmong(const std::string_view (&facilities)[size], std::string_view facility) {
  return std::find(std::begin(facilities), std::end(facilities), facility) != std::end(facilities);
}

LogLevel LevelOf(int syslog_level) {
  if (syslog_level <= 2) return LogLevel::kError;
  if (syslog_level <= 4) return LogLevel::kWarning;  // a broker's trouble is not ours
  return syslog_level <= 6 ? LogLevel::kInfo : LogLevel::kDebug;
}

// OpenSSL's X509_V_ERR_* numbers that operators meet, in words.
std::string_view CertificateProblem(int x509_error) {
  switch (x509_error) {
    case 9: return "not valid yet";
    case 10: return "expired";
    case 18: return "self-signed, and ssl.ca.location does not name it";
    case 19:
    case 20:
    case 21: return "signed by an authority that ssl.ca.location does not name";
    case 23: return "revoked";
    case 62: return "of another host: see ssl.endpoint.identification.algorithm";
    case 64: return "of another address: see ssl.endpoint.identification.algorithm";
    default: return "refused by OpenSSL";
  }
}

}  // namespace

LogLevel LibraryMemory::LevelOf(int syslog_level, std::string_view facility,
                                std::string_view message) {
  const LogLevel level = kafka::LevelOf(syslog_level);
  if (IsAmong(kToldElsewhere, facility)) return LogLevel::kDebug;
  if (facility == "SSL" && message.find(kNoIssuer) != std::string_view::npos) {
    const std::lock_guard lock(mutex_);
    lacks_issuer_ = true;
    return LogLevel::kDebug;
  }
  // A handle that is put away leaves events unread: of no use to anybody.
  if (facility == "BGQUEUE" && level == LogLevel::kInfo) return LogLevel::kDebug;
  if (level == LogLevel::kDebug || !IsAmong(kOfEachHandle, facility)) return level;
  return IsNew(message) ? level : LogLevel::kDebug;
}

bool LibraryMemory::IsNew(std::string_view message) {
  const std::lock_guard lock(mutex_);
  if (told_.size() == kMostTold) told_.clear();
  return told_.insert(WithoutNumbers(message)).second;
}

std::string_view LibraryMemory::NoteCertificate(std::string_view broker, int x509_error) {
  const std::string_view problem = CertificateProblem(x509_error);
  const std::lock_guard lock(mutex_);
  if (certificates_.size() == kMostCertificates) certificates_.clear();
  certificates_.insert_or_assign(std::string(broker), problem);
  return problem;
}

std::string LibraryMemory::WithCertificate(std::string reason) const {
  const std::lock_guard lock(mutex_);
  if (lacks_issuer_ && reason.find("SSL alert number ") != std::string::npos) {
    const std::size_t end = std::min(reason.find(" (after "), reason.size());
    return reason.insert(end, ": the broker trusts no authority that signed our certificate");
  }
  const std::size_t guess = reason.find(": broker certificate could not be verified");
  if (guess == std::string::npos) return reason;
  const std::size_t begin = reason.find("://");  // "ssl://host:9093/2: SSL handshake failed: ..."
  if (begin == std::string::npos) return reason;
  const std::size_t end = reason.find('/', begin + 3);
  const auto found =
      certificates_.find(std::string_view(reason).substr(begin + 3, end - begin - 3));
  if (found == certificates_.end()) return reason;
  reason.resize(guess);
  return reason.append(": the broker's certificate is ").append(found->second);
}

void LibraryMemory::BeginHandle(std::string awaited) {
  const std::lock_guard lock(mutex_);
  waiting_.reset();
  lacks_issuer_ = false;
  if (awaited.empty()) return;
  waiting_ = Waiting{std::move(awaited), std::chrono::steady_clock::now()};
}

void LibraryMemory::NoteSocket() {
  const std::lock_guard lock(mutex_);
  waiting_.reset();
}

std::optional<LibraryMemory::Waiting> LibraryMemory::waiting() const {
  const std::lock_guard lock(mutex_);
  return waiting_;
}

}  // namespace backlogd::kafka
